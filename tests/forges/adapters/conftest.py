"""Each forge in memory, held to its documentation."""

from collections.abc import Iterator

import pytest

from tests.support.forges import KINDS, Case, running


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    with running(request.param) as made:
        yield made
