"""What became of one preview's comment, and what a run of `starry comment` looks at."""

from dataclasses import dataclass
from datetime import datetime

from starry_gitops.core.notice import Notice
from starry_gitops.forges.telling import Told


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """As of when (UTC), since when previews that are gone are looked for, from how many minutes to warn, and where."""

    now: datetime
    since: datetime
    warn: int
    overlay: str | None = None
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One preview's comment."""

    notice: Notice
    url: str
    told: Told
