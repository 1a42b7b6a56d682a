"""A page for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.support.repos import Apps
from tests.web.served import Served, served


@pytest.fixture
def page(apps: Apps) -> Iterator[Served]:
    """The page of `apps`, which never looks at the branch by itself."""
    with served(apps) as running:
        yield running
