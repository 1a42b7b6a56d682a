"""What a change of the apps repository means, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starry_gitops.core.findings import RULES, Finding

ReviewAction = Literal["added", "removed", "changed"]
Area = Literal["settings", "templates", "chart", "base", "overlay", "root", "pipeline", "git", "other"]

REVIEW_RULES: Mapping[str, str] = {
    **RULES,
    "hand-edit": "a preview holds what Starry's templates would not write (a warning)",
    "platform": "a change outside the previews needs somebody who answers for the platform (a warning)",
    "removal": "no more previews go at once than policy.gc allows a collection (a warning)",
    "contested": "the base branch has not changed the same preview since (a warning)",
    "render": "Helm renders each changed preview, where a chart is at hand",
    "size": "the change is small enough to be looked at, and told, as a whole",
}
"""The rules of `validate`, and those that only a change can break."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What one side's files say of a preview. Times are UTC; images are references by component."""

    expires_at: datetime
    ttl_minutes: int
    pinned: bool
    owner: str | None
    pull_request: str | None
    branch: str | None
    images: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageChange:
    """A component's image before and after; None where it does not run."""

    component: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueChange:
    """A leaf that is not what Starry writes. Texts are bounded, secrets masked; None is nothing."""

    file: str
    line: int
    path: str
    before: str | None
    after: str | None

    @property
    def text(self) -> str:
        """`path: old → new`."""
        return f"{self.path}: {_side(self.before)} → {_side(self.after)}"


def _side(text: str | None) -> str:
    return "(nothing)" if text is None else text


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewReview:
    """What happens to one preview.

    Attributes:
        before, after: what its files say; None where there are none, or where they cannot be read.
        events: words such as `renewed`, `pinned`, `images`, in the order in which they are told.
        edits: what was changed by hand, at most as many as are shown; `more_edits` counts the others.
        layout_only: the files differ from what Starry writes in comments, order or spacing only.
        contested: the base branch changed the same preview since.
    """

    name: str
    overlay: str
    action: ReviewAction
    before: Facts | None = None
    after: Facts | None = None
    events: tuple[str, ...] = ()
    images: tuple[ImageChange, ...] = ()
    edits: tuple[ValueChange, ...] = ()
    more_edits: int = 0
    layout_only: bool = False
    contested: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person wrote something that Starry would not have written."""
        return bool(self.edits or self.layout_only)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformChange:
    """A changed file outside the previews; `details` says more of it, as far as that is known."""

    path: str
    what: str
    area: Area
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A whole change: commits' ids, what happens, what it breaks, and what was broken before."""

    base: str
    fork: str
    head: str
    previews: tuple[PreviewReview, ...]
    platform: tuple[PlatformChange, ...]
    findings: tuple[Finding, ...]
    old: tuple[Finding, ...]

    @property
    def chart_changed(self) -> bool:
        """Whether the chart that the previews are rendered from is among the changes."""
        return any(change.area == "chart" for change in self.platform)
