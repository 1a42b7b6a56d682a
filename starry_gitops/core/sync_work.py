"""Makes the previews of pull requests, one after another, each on what the ones before it leave."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import Change, Preview, Skipped, Source
from starry_gitops.core.overlaid import Overlaid
from starry_gitops.core.policy import refuse_unmanaged
from starry_gitops.core.settings import Overlay
from starry_gitops.core.sync_facts import Fact
from starry_gitops.core.sync_message import Done, SyncAction
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.core.sync_wanted import changed_preview, is_current, new_preview
from starry_gitops.errors import PolicyRefusal, StarryError

Made = AbstractSet[tuple[str, str]]
"""Names of previews that were made before, with the head commits that they were made for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A pull request that gets a preview, the preview's name, and the preview where it is there."""

    fact: Fact
    repository: SyncRepository
    name: str
    preview: Preview | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """An open pull request that gets no preview, and why."""

    url: str
    reason: str


@dataclass(kw_only=True, slots=True)
class Work:
    """The plan in the making. `context` reads what the changes so far lead to."""

    context: Context
    overlaid: Overlaid
    changes: dict[str, Change] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    ignored: dict[str, list[Ignored]] = field(default_factory=dict)

    def lay(self, changes: Iterable[Change]) -> None:
        """Takes changes into the plan."""
        for change in changes:
            self.overlaid.lay([change])
            self.changes[change.path] = change

    def ignore(self, repository: SyncRepository, fact: Fact, reason: str) -> None:
        """Notes a pull request that gets no preview."""
        self.ignored.setdefault(repository.name, []).append(Ignored(url=fact.pull_request.url, reason=reason))


def fulfil(wish: Wish, work: Work, made: Made) -> None:
    """Creates, updates or renews one preview; one that is refused does not stop the others."""
    try:
        _fulfil(wish, work, made)
    except StarryError as error:
        work.skipped.append(Skipped(name=wish.name, reason=error.message))


def _fulfil(wish: Wish, work: Work, made: Made) -> None:
    overlay = work.context.settings.overlay(wish.repository.overlay)
    if any(one.name == wish.name and one.action == "removed" for one in work.done):
        raise PolicyRefusal(f"the name {wish.name} is freed in this very run; the next one makes it")
    preview = wish.preview or _standing(wish, overlay, work.context)
    if preview is not None:
        _bring_up_to_date(wish, preview, overlay, work)
        return
    pull_request = wish.fact.pull_request
    if work.context.settings.sync.renew == "onPush" and (wish.name, pull_request.head_commit) in made:
        work.ignore(wish.repository, wish.fact, "its preview is over until it is pushed to")
        return
    intent = new_preview(pull_request, wish.repository, work.context.settings)
    _apply(intent, overlay, wish.name, work)
    _note(wish, overlay, work, "created", intent)


def _standing(wish: Wish, overlay: Overlay, context: Context) -> Preview | None:
    """A preview of that name that does not carry the pull request's URL; it may carry its number."""
    existing = find_existing(context, overlay, wish.name)
    if existing is not None and existing.preview.pull_request is None:
        raise PolicyRefusal(f"the name {wish.name} is taken by a preview of no pull request", code="name_taken")
    return existing.preview if existing else None


def _bring_up_to_date(wish: Wish, preview: Preview, overlay: Overlay, work: Work) -> None:
    refuse_unmanaged(preview)
    if not is_current(wish.fact.pull_request, wish.repository, preview):
        intent = changed_preview(wish.fact.pull_request, wish.repository, preview)
        if _apply(intent, overlay, wish.name, work):
            _note(wish, overlay, work, "updated", intent)
            existing = find_existing(work.context, overlay, preview.name)
            preview = existing.preview if existing else preview
    if work.context.settings.sync.renew == "whileOpen" and not preview.pinned and _is_due(preview, work.context.now):
        _renew(wish, preview, overlay, work)


def _renew(wish: Wish, preview: Preview, overlay: Overlay, work: Work) -> None:
    """Starts the TTL anew; where a person has set it, that one."""
    ttl = work.context.settings.policy.ttl.clamp(preview.ttl_minutes)
    plan = plan_extend(Extend(source=Source(name=preview.name), overlay=overlay.name, ttl=ttl), work.context)
    work.lay(plan.changes)
    if plan.changes and not any(one.name == wish.name for one in work.done):
        _note(wish, overlay, work, "renewed")


def _is_due(preview: Preview, now: datetime) -> bool:
    return preview.expires_at - now < timedelta(minutes=preview.ttl_minutes) / 2


def _apply(intent: Apply, overlay: Overlay, name: str, work: Work) -> bool:
    """True when that changed something."""
    plan = plan_apply(intent, work.context)
    work.lay(plan.changes)
    owners = work.context.owners.get(overlay.name, {})
    owners[name] = intent.owner or owners.get(name)
    return bool(plan.changes)


def _note(wish: Wish, overlay: Overlay, work: Work, action: SyncAction, intent: Apply | None = None) -> None:
    work.done.append(
        Done(
            name=wish.name,
            overlay=overlay.name,
            action=action,
            about=wish.fact.pull_request.url,
            commit=intent.commit if intent else None,
            edits=intent.edits if intent else (),
        )
    )
