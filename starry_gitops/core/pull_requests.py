"""Which pull requests are closed, as far as a list of them tells."""

from collections.abc import Iterable
from typing import Literal

from starry_gitops.core.model import PullRequest
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.errors import StarryError

State = Literal["open", "closed"]


class PullRequestStates:
    """The states of pull requests, each known by its URL, or by its number alone."""

    def __init__(self, states: Iterable[tuple[PullRequest, State]]) -> None:
        self._by_number: dict[int, list[tuple[PullRequest, State]]] = {}
        for pull_request, state in states:
            self._by_number.setdefault(pull_request.number, []).append((pull_request, state))

    def is_closed(self, text: str | None, *, one_repository: bool) -> bool:
        """True when a preview's pull request is known, and closed by each entry that may mean it.

        An entry that has a number alone means a URL with this number only where all previews are of `one_repository`.
        """
        wanted = read_pull_request(text)
        if wanted is None:
            return False
        entries = self._by_number.get(wanted.number, [])
        meant = {state for other, state in entries if _may_be(wanted, other, one_repository=one_repository)}
        return meant == {"closed"}


def _may_be(wanted: PullRequest, other: PullRequest, *, one_repository: bool) -> bool:
    if wanted.url is None:
        return True
    return one_repository if other.url is None else wanted.url == other.url


def count_repositories(texts: Iterable[str | None]) -> int:
    """How many repositories the URLs among previews' pull requests are of."""
    found = [pull_request for text in texts if (pull_request := read_pull_request(text))]
    return len({one.url.rpartition(f"/{one.number}")[0] for one in found if one.url})


def read_pull_request(text: str | None) -> PullRequest | None:
    """A manifest's pull request; None when there is none, or it cannot be read."""
    try:
        return None if text is None else parse_pull_request(text)
    except StarryError:
        return None
