"""What a pull request is told of its preview, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from starry_gitops.core.context import Context, Existing, find_existing
from starry_gitops.core.forge import PullRequestState, Status
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.model import Image, PullRequest, Source
from starry_gitops.core.policy import refuse_other_source
from starry_gitops.core.settings import Overlay
from starry_gitops.core.ttl import format_instant, is_expired
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.errors import InvalidRepository

NoticeState = Literal["ready", "expiring", "expired", "broken", "gone", "none"]

_GONE: Mapping[str, str] = {
    "gc": "It had expired.",
    "sync": "The pull request does not ask for one any more.",
    "apply": "It is not on the list of previews any more.",
    "delete": "It was deleted.",
}
_CLOSED: Mapping[PullRequestState, str] = {
    "closed": "The pull request was closed.",
    "merged": "The pull request was merged.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One preview as its pull request shall know it. Times are UTC.

    Attributes:
        state: ready to be deployed; expiring: soon, unless it is extended; expired: to be collected; broken: its files
            cannot be read; gone; none: there is no preview, and was none as far as is known.
        urls, images: by component, in the settings' order.
        reason: why it is gone, or what is broken.
        removed_at: when it was removed, where that is known.
        is_open: whether the pull request is open, so that a preview may be asked for.
        longest_ttl: the longest that it may be extended by, in minutes.
    """

    overlay: str
    name: str
    state: NoticeState
    is_open: bool = True
    urls: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, Image] = field(default_factory=dict)
    owner: str | None = None
    commit: str | None = None
    expires_at: datetime | None = None
    pinned: bool = False
    reason: str = ""
    removed_at: datetime | None = None
    longest_ttl: int = 0


def look_up(
    context: Context, overlay: Overlay, name: str, pull_request: PullRequest, *, warn: int, is_open: bool
) -> Notice | None:
    """The preview as it stands; None: there is none of the name. `warn`: from how many minutes expiry is near.

    Raises:
        PolicyRefusal: the preview is another pull request's.
    """
    try:
        existing = find_existing(context, overlay, name)
    except InvalidRepository as error:
        return Notice(overlay=overlay.name, name=name, state="broken", reason=error.message, is_open=is_open)
    if existing is None:
        return None
    refuse_other_source(existing.preview, Source(pull_request=pull_request))
    return _notice(existing, context, warn=warn, is_open=is_open)


def _notice(existing: Existing, context: Context, *, warn: int, is_open: bool) -> Notice:
    preview = existing.preview
    images = images_of(image_fields(existing.values_node), context.settings)
    return Notice(
        overlay=preview.overlay,
        name=preview.name,
        state=_state(preview.expires_at, context.now, pinned=preview.pinned, warn=warn),
        is_open=is_open,
        urls=urls_of(context.settings, existing.overlay, preview.name, images),
        images=images,
        owner=preview.owner,
        commit=preview.commit,
        expires_at=preview.expires_at,
        pinned=preview.pinned,
        longest_ttl=context.settings.policy.ttl.maximum,
    )


def _state(expires_at: datetime, now: datetime, *, pinned: bool, warn: int) -> NoticeState:
    if pinned:
        return "ready"
    if is_expired(expires_at, now):
        return "expired"
    return "expiring" if expires_at - now < timedelta(minutes=warn) else "ready"


def why_gone(action: str | None, pull_request: PullRequestState) -> str:
    """One sentence. `action` is what the commit that removed it says of itself (`Starry-Action`)."""
    if action in {"gc", "apply"} or pull_request == "open":
        return _GONE.get(action or "", "It was removed.")
    return _CLOSED[pull_request]


def status_of(notice: Notice) -> Status | None:
    """What stands beside the commit; None where there is nothing to say."""
    if notice.state == "none":
        return None
    first = next(iter(notice.urls.values()), None)
    context = f"starry/{notice.overlay}/{notice.name}"
    if notice.state == "broken":
        return Status(context=context, state="failure", description="The preview's files cannot be read")
    if notice.state == "gone":
        return Status(context=context, state="success", description="The preview is gone")
    if notice.state == "expired":
        return Status(context=context, state="success", description="The preview has expired", url=first)
    until = "pinned" if notice.pinned or notice.expires_at is None else f"until {format_instant(notice.expires_at)}"
    return Status(context=context, state="success", description=f"Ready to be deployed, {until}", url=first)
