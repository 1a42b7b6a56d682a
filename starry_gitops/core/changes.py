"""The exact difference that a plan makes, as `git diff` would show it."""

import difflib
from collections.abc import Iterable, Iterator

from starry_gitops.core.model import Change, Snapshot, Write


def diff(snapshot: Snapshot, changes: Iterable[Change]) -> str:
    """A unified diff of all changes against the snapshot."""
    return "".join(line for change in changes for line in _diff_change(snapshot, change))


def _diff_change(snapshot: Snapshot, change: Change) -> Iterator[str]:
    if isinstance(change, Write):
        yield from _diff_file(change.path, snapshot.read(change.path), change.text)
        return
    below = [path for path, entry in snapshot.walk(change.path) if entry.kind != "folder"]
    for path in sorted(below) or [change.path]:
        yield from _diff_file(path, snapshot.read(path) or b"", None)


def _diff_file(path: str, old: bytes | None, new: str | None) -> Iterator[str]:
    before = [] if old is None else old.decode(errors="replace").splitlines(keepends=True)
    after = [] if new is None else new.splitlines(keepends=True)
    yield f"diff --git a/{path} b/{path}\n"
    if old is None:
        yield "new file mode 100644\n"
    if new is None:
        yield "deleted file mode 100644\n"
    from_file = "/dev/null" if old is None else f"a/{path}"
    to_file = "/dev/null" if new is None else f"b/{path}"
    for line in difflib.unified_diff(before, after, from_file, to_file):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
