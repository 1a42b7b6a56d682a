"""Which entries differ between two commits. What both share is never looked into."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from starry_gitops.core.model import Entry, Snapshot
from starry_gitops.core.workflow_commands import harmless_name

_NOTHING: dict[str, Entry] = {}
_LONGEST = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeChange:
    """One path that is not a folder, and what stood and stands there; None is nothing."""

    path: str
    before: Entry | None
    after: Entry | None

    @property
    def what(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeChanges:
    """What differs; `is_whole` False: there is more, and nobody has looked at it."""

    found: tuple[TreeChange, ...]
    is_whole: bool


def tree_changes(before: Snapshot, after: Snapshot, *, skipped: Collection[str], limit: int) -> TreeChanges:
    """The paths that differ, outside the folders that are skipped.

    Looks at `limit` differing entries at most: a commit of a few kilobytes may stand for billions of paths.
    """
    found: list[TreeChange] = []
    waiting, looked = [""], 0
    while waiting:
        folder = waiting.pop()
        for change in differing(before, after, folder):
            looked += 1
            if looked > limit:
                return TreeChanges(found=tuple(found), is_whole=False)
            leaf = _without_folders(change)
            if leaf is not None:
                found.append(leaf)
            if leaf != change and change.path not in skipped:
                waiting.append(change.path)
    return TreeChanges(found=tuple(sorted(found, key=lambda change: change.path)), is_whole=True)


def differing(before: Snapshot, after: Snapshot, folder: str) -> Iterator[TreeChange]:
    """The entries of one folder that differ, folders among them."""
    old, new = (_entries(snapshot, folder) for snapshot in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            path = f"{folder}/{name}" if folder else name
            yield TreeChange(path=path, before=old.get(name), after=new.get(name))


def _entries(snapshot: Snapshot, folder: str) -> dict[str, Entry]:
    return dict(snapshot.entries(folder)) or _NOTHING


def _without_folders(change: TreeChange) -> TreeChange | None:
    """The change as far as it is none of a folder."""
    before, after = (
        None if entry is None or entry.kind == "folder" else entry for entry in (change.before, change.after)
    )
    if before is None and after is None:
        return None
    return TreeChange(path=change.path, before=before, after=after)


def shown_path(path: str) -> str:
    r"""The path as it can be printed anywhere: what is no text, or commands a terminal or a runner, as `\xNN`."""
    text = harmless_name("".join(part if part.isprintable() else _escaped(part) for part in path))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogateescape"))
