"""Builds the new trees of a commit: only the folders on the way to a change are written anew."""

from collections.abc import Mapping

from starry_gitops.errors import InvalidRepository
from starry_gitops.gitrepo.objects import FILE_MODE, FOLDER_MODE, ObjectWriter, Tree, format_tree, kind_of
from starry_gitops.gitrepo.snapshot import GitSnapshot


def write_tree(snapshot: GitSnapshot, files: Mapping[str, bytes | None], writer: ObjectWriter) -> str:
    """The id of the root tree with files (path → blob's binary id, None removes a file or folder) put in."""
    changes = {tuple(part.encode() for part in path.split("/")): oid for path, oid in files.items()}
    root = _write(snapshot, bytes.fromhex(snapshot.tree), changes, writer)
    return (root or writer.write("tree", b"")).hex()


def _write(
    snapshot: GitSnapshot, oid: bytes | None, changes: Mapping[tuple[bytes, ...], bytes | None], writer: ObjectWriter
) -> bytes | None:
    """A folder's new tree, or None when nothing is left in it."""
    tree: Tree = dict(snapshot.tree_of(oid.hex())) if oid else {}
    below: dict[bytes, dict[tuple[bytes, ...], bytes | None]] = {}
    for path, blob in changes.items():
        if len(path) > 1:
            below.setdefault(path[0], {})[path[1:]] = blob
        elif blob is None:
            tree.pop(path[0], None)
        else:
            tree[path[0]] = (FILE_MODE, blob)
    for name, inner in below.items():
        _write_below(snapshot, tree, name, inner, writer)
    return writer.write("tree", format_tree(tree)) if tree else None


def _write_below(
    snapshot: GitSnapshot,
    tree: Tree,
    name: bytes,
    changes: Mapping[tuple[bytes, ...], bytes | None],
    writer: ObjectWriter,
) -> None:
    mode, below = tree.get(name, (FOLDER_MODE, None))
    if mode != FOLDER_MODE:
        raise InvalidRepository(f"{name.decode(errors='replace')} is a {kind_of(mode)}, not a folder")
    oid = _write(snapshot, below, changes, writer)
    if oid is None:
        tree.pop(name, None)
    else:
        tree[name] = (FOLDER_MODE, oid)
