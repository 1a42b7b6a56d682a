"""Decides what `gc` removes: expired previews, within the caps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.inventory import read_previews
from starry_gitops.core.message import compose
from starry_gitops.core.model import Collected, Plan, Preview, Skipped
from starry_gitops.core.remove import removal_changes
from starry_gitops.core.rules_application import identity
from starry_gitops.core.settings import GcPolicy, Overlay
from starry_gitops.core.subject import subject_of
from starry_gitops.core.ttl import format_duration, format_instant, is_expired
from starry_gitops.errors import InvalidRepository, TooManyDeletions

# The share cap makes no sense for a handful of previews: one of one is 100 %.
_SHARE_FROM = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Collect:
    """What `gc` wants. None takes the settings' grace (minutes) and cap; None among `overlays` is the default one."""

    overlays: tuple[str | None, ...] = (None,)
    grace: int | None = None
    max_deletes: int | None = None
    force: bool = False


def plan_collect(intent: Collect, context: Context) -> Plan[Collected]:
    """Removes what has expired, never what is pinned, foreign or unreadable.

    Raises:
        TooManyDeletions: more would go than the caps allow.
        NotFound: an overlay does not exist.
    """
    gc = context.settings.policy.gc
    grace = gc.grace if intent.grace is None else intent.grace
    overlays = {overlay.name: overlay for overlay in map(context.settings.overlay, intent.overlays)}
    rounds = [_judge(overlay, grace, context) for overlay in overlays.values()]
    if not intent.force:
        _refuse_too_many(rounds, gc, intent.max_deletes)
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
    message = _collect_message(rounds, grace, context) if removed else ""
    return Plan(changes=tuple(changes), message=message, answer=answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    overlay: Overlay
    checked: int
    expired: tuple[Preview, ...]
    skipped: tuple[Skipped, ...]

    @property
    def names(self) -> list[str]:
        return [preview.name for preview in self.expired]


def _judge(overlay: Overlay, grace: int, context: Context) -> _Round:
    expired, skipped, checked = list[Preview](), list[Skipped](), 0
    for found in read_previews(context, overlay):
        checked += 1
        if isinstance(found, Skipped):
            skipped.append(found)
        elif found.managed and not found.pinned and is_expired(found.expires_at, context.now, grace):
            _confirm(found, overlay, context, expired, skipped)
    return _Round(overlay=overlay, checked=checked, expired=tuple(expired), skipped=tuple(skipped))


def _confirm(
    found: Preview, overlay: Overlay, context: Context, expired: list[Preview], skipped: list[Skipped]
) -> None:
    """What is about to be removed is read once more, strictly; the answer must be the same."""
    try:
        existing = find_existing(context, overlay, found.name)
    except InvalidRepository as error:
        skipped.append(Skipped(name=found.name, reason=error.message))
        return
    if existing is None or existing.preview != found:
        skipped.append(Skipped(name=found.name, reason="its manifest reads differently on a second look"))
        return
    # Argo CD prunes the Application that the manifest names, whatever its folder is called.
    wrong = next(identity(subject_of(context, existing)), None)
    if wrong:
        skipped.append(Skipped(name=found.name, reason=f"{wrong.file}:{wrong.line}: {wrong.message}"))
    else:
        expired.append(found)


def _refuse_too_many(rounds: Sequence[_Round], gc: GcPolicy, max_deletes: int | None) -> None:
    cap = gc.max_deletes if max_deletes is None else max_deletes
    total = sum(len(one.expired) for one in rounds)
    if total > cap:
        raise TooManyDeletions(
            f"{total} previews have expired; at most {cap} may go in one run",
            hint="check the clock and the last commits, then raise --max-deletes or use --force",
        )
    shares = [(one.overlay.name, len(one.expired), one.checked) for one in rounds]
    shares.append(("all overlays", total, sum(one.checked for one in rounds)))
    for where, expired, checked in shares:
        if checked >= _SHARE_FROM and expired > gc.max_delete_share * checked:
            raise TooManyDeletions(
                f"{expired} of {checked} previews in {where} have expired; "
                f"at most {gc.max_delete_share:.0%} may go in one run",
                hint="check the clock and the last commits, then use --force",
            )


def _collect_message(rounds: Iterable[_Round], grace: int, context: Context) -> str:
    expired = [preview for one in rounds for preview in one.expired]
    overlays = list(dict.fromkeys(preview.overlay for preview in expired))
    margin = f" and {format_duration(grace)} of grace" if grace else ""
    body = [f"{preview.name}: expired {format_instant(preview.expires_at)}{margin}" for preview in expired]
    trailers = [("Starry-Action", "gc"), *(("Starry-Preview", preview.name) for preview in expired)]
    trailers += [*(("Starry-Overlay", overlay) for overlay in overlays), ("Starry-Version", context.version)]
    noun = "preview" if len(expired) == 1 else "previews"
    subject = f"previews({','.join(overlays)}): remove {len(expired)} expired {noun}"
    return compose(subject, body, trailers)
