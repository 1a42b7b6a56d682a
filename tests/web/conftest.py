"""A browser for all tests of a process, and a page for each test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.repos import Apps
from tests.web.served import Served, served


@pytest.fixture(scope="session")
def browser(_session_isolation: None) -> Iterator[Any]:
    """Chromium, or a skip with the reason. A process can have only one."""
    pytest.importorskip("playwright", reason="needs the package playwright")
    from tests.web.browser.driving import CHROMIUM, chromium  # noqa: PLC0415

    if not CHROMIUM:
        pytest.skip("there is no chromium here: apt-get install chromium")
    with chromium() as running:
        yield running


@pytest.fixture
def page(apps: Apps) -> Iterator[Served]:
    """The page of `apps`, which never looks at the branch by itself."""
    with served(apps) as running:
        yield running
