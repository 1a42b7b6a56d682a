"""Every invariant is held against every case."""

import pytest

from .cases import CASES
from .render import Object, Values, render


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def values(request: pytest.FixtureRequest) -> Values:
    """One case's values."""
    return request.param


@pytest.fixture
def objects(values: Values) -> list[Object]:
    """Everything that one case renders."""
    return render(values)
