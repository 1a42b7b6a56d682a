"""Decides what `gc` removes: expired previews, within the caps."""

from collections.abc import Iterable
from dataclasses import dataclass

from starry_gitops.core.caps import Share, refuse_too_many
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.inventory import read_previews
from starry_gitops.core.message import compose
from starry_gitops.core.model import Collected, Plan, Preview, Skipped
from starry_gitops.core.remove import removal_changes
from starry_gitops.core.rules_application import identity
from starry_gitops.core.settings import Overlay
from starry_gitops.core.subject import subject_of
from starry_gitops.core.ttl import format_duration, format_instant, is_expired
from starry_gitops.errors import InvalidRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class Collect:
    """What `gc` wants. None takes the settings' grace (minutes) and cap; None among `overlays` is the default one.

    `everywhere` means every overlay of the settings.
    """

    overlays: tuple[str | None, ...] = (None,)
    everywhere: bool = False
    grace: int | None = None
    max_deletes: int | None = None
    force: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One overlay as it was judged.

    Attributes:
        checked: how many previews there are.
        pinned: how many of them are pinned.
        expired: those that may go.
        skipped: those that could not be judged.
    """

    overlay: Overlay
    checked: int
    pinned: int
    expired: tuple[Preview, ...]
    skipped: tuple[Skipped, ...]

    @property
    def names(self) -> list[str]:
        """The names of those that may go."""
        return [preview.name for preview in self.expired]


def plan_collect(intent: Collect, context: Context) -> Plan[Collected]:
    """Removes what has expired, never what is pinned, foreign or unreadable.

    Raises:
        TooManyDeletions: more would go than the caps allow.
        NotFound: an overlay does not exist.
    """
    return plan_removals(intent, context, judge_overlays(intent, context))


def judge_overlays(intent: Collect, context: Context) -> list[Round]:
    """What has expired, by overlay.

    Raises:
        NotFound: an overlay does not exist.
    """
    overlays = context.settings.chosen(intent.overlays, everywhere=intent.everywhere)
    return [_judge(overlay, _grace(intent, context), context) for overlay in overlays]


def plan_removals(intent: Collect, context: Context, rounds: list[Round]) -> Plan[Collected]:
    """Removes what was judged to have expired.

    Raises:
        TooManyDeletions: more would go than the caps allow.
    """
    gc = context.settings.policy.gc
    if not intent.force:
        shares = (Share(overlay=one.overlay.name, going=len(one.expired), present=one.checked) for one in rounds)
        refuse_too_many(shares, "have expired", gc, intent.max_deletes)
    changes = [change for one in rounds for change in removal_changes(context, one.overlay, one.names)]
    removed = [preview for one in rounds for preview in one.expired]
    checked = sum(one.checked for one in rounds)
    skipped = tuple(item for one in rounds for item in one.skipped)
    answer = Collected(
        checked=checked,
        removed=tuple(preview.name for preview in removed),
        kept=checked - len(removed) - len(skipped),
        skipped=skipped,
    )
    message = _collect_message(rounds, _grace(intent, context), context) if removed else ""
    return Plan(changes=tuple(changes), message=message, answer=answer)


def _grace(intent: Collect, context: Context) -> int:
    return context.settings.policy.gc.grace if intent.grace is None else intent.grace


def _judge(overlay: Overlay, grace: int, context: Context) -> Round:
    expired, skipped, checked, pinned = list[Preview](), list[Skipped](), 0, 0
    for found in read_previews(context, overlay):
        checked += 1
        if isinstance(found, Skipped):
            skipped.append(found)
        elif found.pinned:
            pinned += 1
        elif found.managed and is_expired(found.expires_at, context.now, grace):
            problem = second_look(found, overlay, context)
            if problem:
                skipped.append(problem)
            else:
                expired.append(found)
    return Round(overlay=overlay, checked=checked, pinned=pinned, expired=tuple(expired), skipped=tuple(skipped))


def second_look(found: Preview, overlay: Overlay, context: Context) -> Skipped | None:
    """What is about to be removed is read once more, strictly: why it may not go after all."""
    try:
        existing = find_existing(context, overlay, found.name)
    except InvalidRepository as error:
        return Skipped(name=found.name, reason=error.message)
    if existing is None or existing.preview != found:
        return Skipped(name=found.name, reason="its manifest reads differently on a second look")
    # Argo CD prunes the Application that the manifest names, whatever its folder is called.
    wrong = next(identity(subject_of(context, existing)), None)
    return Skipped(name=found.name, reason=f"{wrong.file}:{wrong.line}: {wrong.message}") if wrong else None


def _collect_message(rounds: Iterable[Round], grace: int, context: Context) -> str:
    expired = [preview for one in rounds for preview in one.expired]
    overlays = list(dict.fromkeys(preview.overlay for preview in expired))
    margin = f" and {format_duration(grace)} of grace" if grace else ""
    body = [f"{preview.name}: expired {format_instant(preview.expires_at)}{margin}" for preview in expired]
    trailers = [("Starry-Action", "gc"), *(("Starry-Preview", preview.name) for preview in expired)]
    trailers += [*(("Starry-Overlay", overlay) for overlay in overlays), ("Starry-Version", context.version)]
    noun = "preview" if len(expired) == 1 else "previews"
    subject = f"previews({','.join(overlays)}): remove {len(expired)} expired {noun}"
    return compose(subject, body, trailers)
