"""Each forge in memory, with little in it, or with lists over several pages."""

from collections.abc import Iterator

import pytest

from tests.support.forge_state import ChangedFile
from tests.support.forges import Case, running

COUNT = 102
KINDS = ("github", "gitlab")


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    """Two pull requests, the first with a file and a comment."""
    with running(request.param) as made:
        _fill(made, 2)
        yield made


@pytest.fixture(params=KINDS)
def full(request: pytest.FixtureRequest) -> Iterator[Case]:
    """Two pages of everything."""
    with running(request.param) as made:
        _fill(made, COUNT)
        yield made


def _fill(case: Case, count: int) -> None:
    for number in range(count):
        case.state.open(f"branch-{number}")
        case.state.pulls[1].files.append(ChangedFile(path=f"{number}.py"))
        case.state.note(1, f"comment {number}")
