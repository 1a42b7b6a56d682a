"""Reads an apps repository that is at hand: a folder on disk, or a revision of the Git repository around it."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from starry_gitops.core.model import Entry
from starry_gitops.core.yamltext import MAX_BYTES
from starry_gitops.errors import InvalidRepository, NotFound, UsageFault
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.objects import Kind, ObjectReader
from starry_gitops.gitrepo.snapshot import GitSnapshot, walk


class FolderSnapshot:
    """Implements `core.model.Snapshot` over files on disk. Symlinks are seen, never followed."""

    revision = ""

    def __init__(self, root: Path) -> None:
        self._root = root

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """What the folder holds, by name; empty when it does not exist or lies behind a symlink."""
        if not self._is_plain(folder):
            return {}
        try:
            with os.scandir(self._root / folder) as found:
                return {item.name: Entry(kind=_kind(item)) for item in found if item.name != ".git"}
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def read(self, path: str) -> bytes | None:
        """A regular file's content, or None. Reads no more than a manifest may hold, and one byte."""
        folder, _, name = path.rpartition("/")
        if not self._is_plain(folder):
            return None
        try:
            descriptor = os.open(self._root / folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        """The regular files among `paths`."""
        return {path: data for path in paths if (data := self.read(path)) is not None}

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry below a folder, with its path."""
        return walk(self.entries, folder)

    def link_target(self, path: str) -> str:
        """Where the symlink at a path points to."""
        return str((self._root / path).readlink())

    def _is_plain(self, folder: str) -> bool:
        """True when no part of the way is a symlink."""
        current = self._root
        for part in folder.split("/") if folder else []:
            current /= part
            if current.is_symlink():
                return False
        return True


def _kind(item: "os.DirEntry[str]") -> Kind:
    if item.is_symlink():
        return "symlink"
    return "folder" if item.is_dir(follow_symlinks=False) else "file"


@contextmanager
def open_revision(folder: Path, revision: str) -> Iterator[GitSnapshot]:
    """A revision of the repository around `folder`.

    Raises:
        UsageFault: not a revision's name.
        NotFound: there is none of that name, or no repository.
    """
    if not revision or revision.startswith("-") or not revision.isprintable() or " " in revision:
        raise UsageFault(f"--rev {revision!r} is not a revision")
    reader = ObjectReader(folder, git_environment())
    try:
        found = reader.find(f"{revision}^{{commit}}")
        if found is None:
            raise NotFound(f"no revision {revision} in the repository at {folder}", hint="check --rev")
        oid, content = found
        tree = content[len(b"tree ") :].split(b"\n", 1)[0].decode()
        yield GitSnapshot(oid, tree, reader, _fetch_nothing)
    finally:
        reader.close()


def _fetch_nothing(oids: list[str]) -> None:
    raise InvalidRepository(f"{len(oids)} objects are not in this partial clone", hint="fetch them, or use --repo")
