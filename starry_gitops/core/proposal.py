"""What a proposal (a pull request of the apps repository) carries, and what is left of it when its base has moved.

A proposal is decided again on the base branch's tip, with what it held before laid over: so that the same command
again changes nothing, and what people changed in it stays. A preview that has changed on the base branch meanwhile is
decided from there alone.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.model import Change, Delete, Entry, Snapshot, Source, Write
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.overlaid import Overlaid
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.tree_changes import shown_path, tree_changes
from starry_gitops.core.ttl import is_expired
from starry_gitops.errors import PolicyRefusal

PREFIX = "starry/"
"""What the branches of all proposals begin with."""
Naming = Callable[[Context], str]
"""From what is decided on to the branch of the proposal."""

ProposalState = Literal["opened", "updated", "unchanged", "closed"]

_DIGITS = 8
_MOST_ENTRIES = 50_000


def branch_of(source: Source, overlay: str | None) -> Naming:
    """The branch of one preview's proposal. `@` is in no name: each preview of each overlay has a branch of its own."""
    return branch_of_many((source,), overlay)


def branch_of_many(sources: Sequence[Source], overlay_name: str | None) -> Naming:
    """The branch of a proposal for previews that are named together."""

    def name(context: Context) -> str:
        overlay = context.settings.overlay(overlay_name)
        names = sorted({resolve_name(source, context.settings, overlay) for source in sources})
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:_DIGITS]
        return PREFIX + _in_overlay(names[0] if len(names) == 1 else f"_{digest}", context.settings, overlay)

    return name


def branch_of_run(command: str, overlays: Sequence[str | None], *, everywhere: bool = False) -> Naming:
    """The branch of what a whole run of `gc`, `apply`, `upgrade` or `sync` proposes. No preview's name begins so."""

    def name(context: Context) -> str:
        chosen = context.settings.chosen(overlays, everywhere=everywhere)
        if len(chosen) > 1:
            return f"{PREFIX}_{command}@{'+'.join(sorted(one.name for one in chosen))}"
        return PREFIX + _in_overlay(f"_{command}", context.settings, chosen[0])

    return name


def _in_overlay(name: str, settings: Settings, overlay: Overlay) -> str:
    return name if overlay.name == settings.default_overlay else f"{name}@{overlay.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """What became of a proposal: its page, what was done to it, and whether the forge was asked to merge it."""

    url: str
    number: int
    branch: str
    state: ProposalState
    auto_merge: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What stays of a proposal: its changes; `stale`: previews that the base branch has changed too since."""

    changes: tuple[Change, ...] = ()
    stale: tuple[str, ...] = ()


def keep(tip: Snapshot, began: Snapshot, head: Snapshot, settings: Settings) -> Kept:
    """What a proposal's head changes since it began, where the tip of the base branch has not changed it.

    Args:
        tip: the base branch as it is.
        began: the base branch as it was when the proposal was decided.
        head: the proposal.
        settings: those of the tip.

    Raises:
        PolicyRefusal: `proposal_edited`, it changes more than previews.
    """
    folders = tuple(f"{overlay.folder}/" for overlay in settings.overlays.values())
    found = tree_changes(began, head, skipped=(), limit=_MOST_ENTRIES)
    if not found.is_whole:
        raise _edited("thousands of files")
    paths = [change.path for change in found.found if _entry(tip, change.path) != change.after]
    previews = {path: _preview_of(path, folders) for path in paths}
    stale = {preview for preview in previews.values() if _entry(tip, preview) != _entry(began, preview)}
    gone = sorted(preview for preview in {*previews.values()} - stale if _entry(head, preview) is None)
    changes: list[Change] = [Delete(path=preview) for preview in gone]
    changes += [_change_of(path, head) for path, preview in previews.items() if preview not in {*stale, *gone}]
    return Kept(changes=tuple(changes), stale=tuple(sorted(preview.rpartition("/")[2] for preview in stale)))


def _preview_of(path: str, folders: Sequence[str]) -> str:
    """The preview's folder that a path lies in."""
    folder = next((folder for folder in folders if path.startswith(folder)), None)
    name, divider, _ = path.removeprefix(folder or "").partition("/")
    if folder is None or not divider:
        raise _edited(shown_path(path))
    return folder + name


def _entry(snapshot: Snapshot, path: str) -> Entry | None:
    folder, _, name = path.rpartition("/")
    return snapshot.entries(folder).get(name)


def _change_of(path: str, head: Snapshot) -> Change:
    entry = _entry(head, path)
    if entry is None or entry.kind == "folder":
        return Delete(path=path)
    data = head.read(path)
    try:
        text = None if data is None else data.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise _edited(shown_path(path))
    return Write(path=path, text=text)


def _edited(what: str) -> PolicyRefusal:
    hint = "merge or close it; then run the command again"
    return PolicyRefusal(f"somebody changed {what} in the proposal", hint=hint, code="proposal_edited")


def net(tip: Snapshot, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same changes as the difference that they make in the end: one for each file, none that makes none."""
    after = Overlaid(tip)
    after.lay(changes)
    return tuple(_net_of(tip, after, sorted(_files(tip, after, changes))))


def are_expired(changes: Sequence[Change], context: Context) -> bool:
    """Whether the changes are none, or only write previews that have expired, as they stand in the context.

    Raises:
        InvalidRepository: one of them cannot be read.
    """
    grace, overlays = context.settings.policy.gc.grace, context.settings.overlays.values()
    places = {
        (overlay.name, change.path.removeprefix(f"{overlay.folder}/").partition("/")[0])
        for change in changes
        for overlay in overlays
        if change.path.startswith(f"{overlay.folder}/")
    }
    found = [find_existing(context, context.settings.overlay(overlay), name) for overlay, name in places]
    return all(
        one is not None and not one.preview.pinned and is_expired(one.preview.expires_at, context.now, grace)
        for one in found
    )


def _files(tip: Snapshot, after: Snapshot, changes: Iterable[Change]) -> set[str]:
    found: set[str] = set()
    for change in changes:
        found.add(change.path)
        for snapshot in (tip, after):
            found |= {path for path, entry in snapshot.walk(change.path) if entry.kind != "folder"}
    return found


def _net_of(tip: Snapshot, after: Snapshot, paths: Iterable[str]) -> Iterator[Change]:
    for path in paths:
        before, entry = _entry(tip, path), _entry(after, path)
        data = None if entry is None or entry.kind == "folder" else after.read(path)
        if data is not None:
            if before is None or before.kind != "file" or tip.read(path) != data:
                yield Write(path=path, text=data.decode())
        elif entry is None and before is not None and before.kind != "folder":
            yield Delete(path=path)
