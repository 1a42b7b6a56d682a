"""A page that takes webhooks."""

from collections.abc import Iterator

import pytest

from tests.support.repos import Apps
from tests.web.hooks.sending import Hooked, hooked


@pytest.fixture
def hooks(apps: Apps) -> Iterator[Hooked]:
    """The page of `apps`, whose settings name no component's repository."""
    with hooked(apps) as running:
        yield running
