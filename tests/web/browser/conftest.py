"""A page in a browser for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

pytest.importorskip("playwright", reason="needs the package playwright")

from playwright.sync_api import Browser

from tests.support.repos import Apps
from tests.web.browser.driving import Looks, Window, guarded, window
from tests.web.served import Served


@pytest.fixture
def site(apps: Apps) -> Iterator[Served]:
    """The page of `apps`, for an admin."""
    with guarded(apps) as running:
        yield running


@pytest.fixture
def look(browser: Browser, site: Served) -> Iterator[Callable[..., Window]]:
    """Opens a tab. At the end, none of them may have complained."""
    with ExitStack() as stack:
        windows: list[Window] = []

        def open_one(looks: Looks | None = None, url: str = "") -> Window:
            one = stack.enter_context(window(browser, url or site.url, looks or Looks()))
            windows.append(one)
            return one

        yield open_one
        assert [complaint for one in windows for complaint in one.complaints] == []
        own = tuple({one.url for one in windows})
        assert [line for one in windows for line in one.sent if not line.split()[1].startswith(own)] == []
