"""What a forge's webhook tells, parsed: a comment below a pull request, a pull request that changed, a push.

Whoever knows where webhooks go can send one: it says where to look, never what is so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

CommentAction = Literal["created", "edited", "deleted"]
PullRequestAction = Literal["opened", "changed", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentEvent:
    """A comment below a pull request.

    `page` is the repository's page, `number` the pull request's, `comment` the comment's id. `created_at` is UTC, whole
    seconds. `by_bot`: the forge itself says that no person wrote it.
    """

    page: str
    number: int
    action: CommentAction
    comment: int
    author: str
    body: str
    created_at: datetime
    by_bot: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequestEvent:
    """A pull request that was opened (again), changed in any way, or closed (merged too)."""

    page: str
    number: int
    action: PullRequestAction


@dataclass(frozen=True, kw_only=True, slots=True)
class PushEvent:
    """A push: the repository's page, and the full name of the ref that moved (`refs/heads/main`)."""

    page: str
    ref: str


ForgeEvent = CommentEvent | PullRequestEvent | PushEvent
