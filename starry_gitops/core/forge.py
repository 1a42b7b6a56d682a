"""What a forge (GitHub, GitLab, Gitea, Forgejo) says of pull requests, comments and people, parsed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PullRequestState = Literal["open", "closed", "merged"]
Permission = Literal["none", "read", "write", "admin"]
StatusState = Literal["pending", "success", "failure"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgePullRequest:
    """A pull request (GitLab: merge request). Every text is as somebody on the forge wrote it: hostile until checked.

    `number` is the one that people see (GitLab's iid); `url` is its page. `head_repository` is the path of the
    repository that the head branch is in; None when that repository is gone. `updated_at` is UTC.
    """

    number: int
    url: str
    title: str
    state: PullRequestState
    draft: bool
    author: str
    labels: tuple[str, ...]
    head_branch: str
    head_commit: str
    head_repository: str | None
    base_branch: str
    base_repository: str
    body: str = ""
    updated_at: datetime | None = None

    @property
    def is_fork(self) -> bool:
        """True unless the head branch is surely in the base's own repository."""
        return self.head_repository is None or self.head_repository.lower() != self.base_repository.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeComment:
    """One comment below a pull request."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What is shown beside a commit: a state, one line, and where more is. `context` tells one status from another."""

    context: str
    state: StatusState
    description: str
    url: str | None = None
