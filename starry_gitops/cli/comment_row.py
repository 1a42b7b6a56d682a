"""What became of one preview's comment, and what a run of `starry comment` looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starry_gitops.core.notice import Notice
from starry_gitops.core.texts import printable
from starry_gitops.forges.telling import Told
from starry_gitops.shapes import instant


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

    @property
    def cells(self) -> tuple[str, ...]:
        """As people get it."""
        return self.notice.name, self.notice.overlay, self.notice.state, self.told.kept.action, printable(self.url)

    def data(self, *, with_text: bool) -> dict[str, Any]:
        """As programs get it."""
        data = {
            "name": self.notice.name,
            "overlay": self.notice.overlay,
            "pullRequest": self.url,
            "state": self.notice.state,
            "action": self.told.kept.action,
            "comment": self.told.kept.comment,
            "expiresAt": instant(self.notice.expires_at),
            "dryRun": with_text,
        }
        return {**data, "text": self.told.text} if with_text else data
