"""Which pull requests count as closed."""

import pytest

from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.pull_requests import PullRequestStates, State, count_repositories

ONE, OTHER = "https://github.com/o/one/pull/7", "https://github.com/o/other/pull/7"


def states(**found: State) -> PullRequestStates:
    texts = {"number": "7", "one": ONE, "other": OTHER, "eight": "8"}
    return PullRequestStates((parse_pull_request(texts[name]), state) for name, state in found.items())


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        ({"number": "closed"}, "7", True),
        ({"number": "open"}, "7", False),
        ({"eight": "closed"}, "7", False),
        ({}, "7", False),
        ({"one": "closed"}, ONE, True),
        ({"one": "open"}, ONE, False),
        ({"other": "closed"}, ONE, False),
        ({"number": "closed"}, ONE, True),
        ({"number": "closed", "one": "open"}, ONE, False),
        ({"number": "open", "one": "closed"}, ONE, False),
        ({"one": "closed"}, "7", True),
        ({"one": "closed", "other": "open"}, "7", False),
        ({"one": "closed", "other": "closed"}, "7", True),
        ({"one": "closed", "number": "closed"}, "not a pull request", False),
        ({"one": "closed", "number": "closed"}, None, False),
    ],
)
def test_closed_is_what_is_known_to_be(known: dict[str, State], text: str | None, expected: bool) -> None:
    assert states(**known).is_closed(text, one_repository=True) is expected


def test_a_number_alone_means_no_url_where_there_are_several_repositories() -> None:
    assert states(number="closed").is_closed(ONE, one_repository=False) is False
    assert states(number="closed").is_closed("7", one_repository=False) is True
    assert states(one="closed").is_closed(ONE, one_repository=False) is True


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        ([], 0),
        ([None, "7", "nonsense"], 0),
        ([ONE, "https://github.com/o/one/pull/8", "https://github.com/o/one/pull/77"], 1),
        ([ONE, OTHER], 2),
        (["https://gitlab.com/o/one/-/merge_requests/7", ONE], 2),
    ],
)
def test_repositories_are_counted_by_their_urls(texts: list[str | None], count: int) -> None:
    assert count_repositories(texts) == count
