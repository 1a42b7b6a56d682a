"""What forges said of pull requests, and which of them get a preview."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.glob import matches
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.errors import StarryError

_TAIL = re.compile(r"(?:/-)?/(?:pull|pulls|merge_requests|pull-requests)/([1-9]\d{0,9})(?:/.*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A pull request, and the files that it changes; None where nobody needs to know them."""

    pull_request: ForgePullRequest
    files: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the forge said of one repository.

    Attributes:
        open: the open pull requests by number: all of them, unless `error` says why not.
        asked: what it said when asked for a single one, later than `open`; None: there is no such pull request.
        doubt: why nothing may be removed, although `open` can be relied upon.
        single: only the pull requests in `asked` are meant; `open` is empty.
    """

    repository: SyncRepository
    open: Mapping[int, Fact] = field(default_factory=dict)
    asked: Mapping[int, Fact | None] = field(default_factory=dict)
    error: StarryError | None = None
    doubt: StarryError | None = None
    single: bool = False

    @property
    def facts(self) -> dict[int, Fact]:
        """What is known last of each pull request."""
        return {**self.open, **{number: fact for number, fact in self.asked.items() if fact}}


def number_in(text: str | None, repository: SyncRepository) -> int | None:
    """The number of the repository's pull request that a URL names; None for another repository's, or no URL.

    The scheme and the letters' case are no difference: forges redirect from one to the other.
    """
    try:
        url = parse_pull_request(text).url if text else None
    except StarryError:
        return None
    here = repository.url.partition("://")[2].casefold()
    place = url.partition("://")[2].casefold() if url else ""
    found = _TAIL.fullmatch(place[len(here) :]) if place.startswith(here) else None
    return int(found[1]) if found else None


def why_none(fact: Fact, repository: SyncRepository) -> str | None:
    """Why an open pull request gets no preview; None when it gets one."""
    reason = why_none_yet(fact.pull_request, repository)
    if reason or repository.paths is None:
        return reason
    changed = fact.files or ()
    if any(matches(path, pattern) for path in changed for pattern in repository.paths):
        return None
    return "it changes no file of paths"


def why_none_yet(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    """As `why_none`, as far as that can be told without its files."""
    return next((reason for rule in _RULES if (reason := rule(pull_request, repository))), None)


def _state(pull_request: ForgePullRequest, _: SyncRepository) -> str | None:
    return None if pull_request.state == "open" else f"it is {pull_request.state}"


def _fork(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    if not pull_request.is_fork or repository.fork_label in pull_request.labels:
        return None
    return "it is a fork's" + (f", without the label {repository.fork_label}" if repository.fork_label else "")


def _draft(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    return "it is a draft" if pull_request.draft and not repository.drafts else None


def _labels(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    missing = [label for label in repository.labels if label not in pull_request.labels]
    return f"it lacks the label {missing[0]}" if missing else None


def _authors(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    author = pull_request.author.casefold()
    excluded = author in _folded(repository.exclude_authors)
    if excluded or (repository.authors is not None and author not in _folded(repository.authors)):
        return "its author gets no previews"
    return None


def _branches(pull_request: ForgePullRequest, repository: SyncRepository) -> str | None:
    if not _any_matches(pull_request.head_branch, repository.branches):
        return "its branch is none of branches"
    return None if _any_matches(pull_request.base_branch, repository.base_branches) else "it goes to no baseBranches"


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}


def _any_matches(branch: str, patterns: tuple[str, ...] | None) -> bool:
    return patterns is None or any(matches(branch, pattern) for pattern in patterns)


_RULES: tuple[Callable[[ForgePullRequest, SyncRepository], str | None], ...] = (
    _state, _fork, _draft, _labels, _authors, _branches,
)  # fmt: skip
