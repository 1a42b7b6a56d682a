"""Decides what `apply` changes: a whole list of previews in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.intent import Apply
from starry_gitops.core.manifest import FILES
from starry_gitops.core.message import compose, set_trailers
from starry_gitops.core.model import Change, Plan, Preview, Result
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.overlaid import Overlaid
from starry_gitops.core.prune import Prune, Pruned, Spared, plan_prune
from starry_gitops.errors import StarryError, UsageFault


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One entry of the list (`number` counts from 1) and what it wants, or why it cannot be read."""

    number: int
    wanted: Apply | StarryError
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What `apply` wants. With `keep_going` the entries that cannot be applied do not stop the others."""

    items: tuple[Item, ...]
    prune: Prune | None = None
    keep_going: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An entry that was not applied, and why."""

    number: int
    name: str
    overlay: str | None
    error: StarryError


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What became of each entry, in the list's order, then what was pruned; and what pruning had to spare.

    `folders` has where each overlay's previews stand.
    """

    results: tuple[Result | Failure, ...]
    spared: tuple[Spared, ...]
    folders: Mapping[str, str]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The entries that were not applied."""
        return tuple(one for one in self.results if isinstance(one, Failure))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Named:
    item: Item
    wanted: Apply
    name: str
    overlay: str


def plan_batch(intent: Batch, context: Context) -> Plan[Applied]:
    """Each entry is decided on what the ones before it leave, as if they had been applied one after another.

    Raises:
        StarryError: an entry is refused, and it is not to be kept going; pruning is refused.
    """
    read = [_named(item, context) for item in intent.items]
    named = [one for one in read if isinstance(one, _Named)]
    _refuse_repeated(named)
    if not intent.keep_going or intent.prune:
        # A list that cannot be read in full must not say what may go.
        _raise_first(one for one in read if isinstance(one, Failure))
    overlaid = Overlaid(context.snapshot)
    overlaid.read_many(_paths(named, context))
    working = replace(context, snapshot=overlaid, owners={})
    pruned = _prune(intent.prune, named, working)
    overlaid.lay(pruned.changes)
    results, changes = list[Result | Failure](), list(pruned.changes)
    for one in read:
        result, more = (one, ()) if isinstance(one, Failure) else _apply(one, working)
        if isinstance(result, Failure) and not intent.keep_going:
            _raise_first([result])
        overlaid.lay(more)
        changes += more
        results.append(result)
    results += [_gone(preview) for preview in pruned.going]
    folders = {overlay.name: overlay.folder for overlay in context.settings.overlays.values()}
    answer = Applied(results=tuple(results), spared=pruned.spared, folders=folders)
    message = _message(results, named, context.version) if changes else ""
    return Plan(changes=tuple(changes), message=message, answer=answer)


def _named(item: Item, context: Context) -> _Named | Failure:
    wanted = item.wanted
    if isinstance(wanted, StarryError):
        return Failure(number=item.number, name=item.label, overlay=None, error=wanted)
    try:
        overlay = context.settings.overlay(wanted.overlay)
        name = resolve_name(wanted.source, context.settings, overlay)
    except StarryError as error:
        name = wanted.source.name or item.label
        return Failure(number=item.number, name=name, overlay=wanted.overlay, error=error)
    return _Named(item=item, wanted=wanted, name=name, overlay=overlay.name)


def _refuse_repeated(named: Sequence[_Named]) -> None:
    first: dict[tuple[str, str], int] = {}
    for one in named:
        number = first.setdefault((one.overlay, one.name), one.item.number)
        if number != one.item.number:
            raise UsageFault(f"entries {number} and {one.item.number} both are the preview {one.name}")


def _raise_first(failures: Iterable[Failure]) -> None:
    for failure in failures:
        what = f"entry {failure.number}{f' ({failure.name})' if failure.name else ''}"
        failure.error.message = f"{what}: {failure.error.message}"
        raise failure.error


def _paths(named: Sequence[_Named], context: Context) -> list[str]:
    """The files of those that exist: read at once, not one by one."""
    folders = ((context.settings.overlay(one.overlay), one.name) for one in named)
    return [f"{folder_of(overlay, name)}/{file}" for overlay, name in folders for file in FILES]


def _prune(prune: Prune | None, named: Sequence[_Named], context: Context) -> Pruned:
    if prune is None:
        return Pruned(changes=(), going=(), spared=())
    listed: dict[str, set[str]] = {}
    for one in named:
        listed.setdefault(one.overlay, set()).add(one.name)
    return plan_prune(prune, listed, context)


def _apply(one: _Named, context: Context) -> tuple[Result | Failure, tuple[Change, ...]]:
    try:
        plan = plan_apply(one.wanted, context)
    except StarryError as error:
        return Failure(number=one.item.number, name=one.name, overlay=one.overlay, error=error), ()
    owners = context.owners.get(one.overlay, {})
    owners[one.name] = one.wanted.owner or owners.get(one.name)
    return plan.answer, plan.changes


def _gone(preview: Preview) -> Result:
    return Result(
        name=preview.name,
        overlay=preview.overlay,
        action="deleted",
        expires_at=preview.expires_at,
        ttl_minutes=preview.ttl_minutes,
        pinned=preview.pinned,
    )


def _message(results: Sequence[Result | Failure], named: Sequence[_Named], version: str) -> str:
    changed = [one for one in results if isinstance(one, Result) and one.action != "unchanged"]
    overlays = list(dict.fromkeys(one.overlay for one in changed))
    counts = [
        f"{count} {action}"
        for action in ("created", "updated", "deleted")
        if (count := sum(one.action == action for one in changed))
    ]
    trailers = [("Starry-Action", "apply"), *(("Starry-Preview", one.name) for one in changed)]
    landed = {(one.overlay, one.name) for one in changed}
    for entry in named:
        trailers += set_trailers(entry.name, entry.wanted.edits) if (entry.overlay, entry.name) in landed else []
    trailers += [*(("Starry-Overlay", overlay) for overlay in overlays), ("Starry-Version", version)]
    body = [f"{one.name}: {one.action}" for one in changed]
    return compose(f"previews({','.join(overlays)}): apply, {', '.join(counts)}", body, trailers)
