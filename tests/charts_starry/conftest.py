"""Every invariant is held against every case."""

import pytest

from tests.charts.render import Object, Values

from .render import CASES, render


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def values(request: pytest.FixtureRequest) -> Values:
    """One case's values."""
    return request.param


@pytest.fixture
def objects(values: Values) -> list[Object]:
    """Everything that one case renders."""
    return render(values)
