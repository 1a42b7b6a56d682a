"""The apps repository at one commit, read from the object database."""

from collections.abc import Callable, Iterator, Mapping

from starry_gitops.core.model import Entry
from starry_gitops.errors import InvalidRepository
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.objects import FOLDER_MODE, ObjectReader, Tree, kind_of, parse_tree

# Fewer files than these are looked at before anybody could read how far it is.
_MANY = 500

Fetch = Callable[[list[str]], None]
"""Brings objects that the partial clone left out."""


class _Entries(Mapping[str, Entry]):
    """A tree as the core sees it; an entry is made when it is looked at."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def __getitem__(self, name: str) -> Entry:
        mode, oid = self._tree[_bytes(name)]
        return Entry(kind=kind_of(mode), oid=oid.hex())

    def __iter__(self) -> Iterator[str]:
        return (name.decode(errors="surrogateescape") for name in self._tree)

    def __len__(self) -> int:
        return len(self._tree)


class _Counted(Mapping[str, bytes]):
    """Many files; whoever watches sees how many of them were looked at."""

    def __init__(self, files: Mapping[str, bytes], meter: Meter) -> None:
        self._files = files
        self._meter = meter
        self._seen = 0

    def __getitem__(self, path: str) -> bytes:
        self._seen += 1
        self._meter.tell(self._seen, len(self._files), "files")
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def walk(entries: Callable[[str], Mapping[str, Entry]], folder: str) -> Iterator[tuple[str, Entry]]:
    """Every entry below a folder. Without recursion: how deep folders go, others decide."""
    waiting = [folder]
    while waiting:
        above = waiting.pop()
        for name, entry in sorted(entries(above).items()):
            path = f"{above}/{name}" if above else name
            yield path, entry
            if entry.kind == "folder":
                waiting.append(path)


def _bytes(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


class GitSnapshot:
    """Implements `core.model.Snapshot`: trees are kept once read, missing objects fetched in as few turns as can be."""

    def __init__(self, revision: str, tree: str, reader: ObjectReader, fetch: Fetch) -> None:
        self.revision = revision
        self.tree = tree
        self._reader = reader
        self._fetch = fetch
        self._trees: dict[str, Tree] = {}
        self._oids: dict[str, str | None] = {"": tree}

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """What the folder holds, by name; empty when it does not exist."""
        return _Entries(self.find_tree(folder) or {})

    def find_tree(self, folder: str) -> Tree | None:
        """The folder's tree, or None when there is no such folder."""
        oid = self._folder_oid(folder)
        return None if oid is None else self.tree_of(oid)

    def tree_of(self, oid: str) -> Tree:
        """The tree object of an id."""
        if oid not in self._trees:
            self._trees[oid] = parse_tree(self._objects([oid])[oid])
        return self._trees[oid]

    def read(self, path: str) -> bytes | None:
        """A regular file's content, or None."""
        return self.read_many([path]).get(path)

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        """The regular files among `paths`."""
        self._prepare_folders(paths)
        oids = {path: oid for path in paths if (oid := self._file_oid(path))}
        contents = self._objects(list(dict.fromkeys(oids.values())))
        files = {path: contents[oid] for path, oid in oids.items()}
        return _Counted(files, self._reader.meter) if len(files) > _MANY and self._reader.meter.is_watched else files

    def blobs(self, oids: list[str]) -> Mapping[str, bytes]:
        """Files by their ids, whatever commit they are from."""
        return self._objects(list(dict.fromkeys(oids)))

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry below a folder, with its path."""
        return walk(self.entries, folder)

    def link_target(self, path: str) -> str:
        """Where a symlink points to."""
        folder, _, name = path.rpartition("/")
        oid = self.entries(folder)[name].oid
        return self._objects([oid])[oid].decode(errors="replace")

    def _folder_oid(self, folder: str) -> str | None:
        if folder not in self._oids:
            above, _, name = folder.rpartition("/")
            parent = self._folder_oid(above)
            mode, oid = self.tree_of(parent).get(_bytes(name), (b"", b"")) if parent else (b"", b"")
            self._oids[folder] = oid.hex() if mode == FOLDER_MODE else None
        return self._oids[folder]

    def _file_oid(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        mode, oid = (self.find_tree(folder) or {}).get(_bytes(name), (FOLDER_MODE, b""))
        return oid.hex() if kind_of(mode) == "file" else None

    def _prepare_folders(self, paths: list[str]) -> None:
        """Reads the trees of many folders at once: a missing one comes with all its files."""
        folders = dict.fromkeys(path.rpartition("/")[0] for path in paths)
        oids = [oid for folder in folders if (oid := self._folder_oid(folder)) and oid not in self._trees]
        trees = self._objects(oids)
        self._trees |= {oid: parse_tree(trees[oid]) for oid in oids}

    def _objects(self, oids: list[str]) -> dict[str, bytes]:
        found = self._reader.read_many(oids)
        missing = [oid for oid in oids if oid not in found]
        if missing:
            self._fetch(missing)
            found |= self._reader.read_many(missing)
        if len(found) < len(set(oids)):
            raise InvalidRepository("the remote lacks objects of its own commit", hint="run git fsck on the remote")
        return {oid: content for oid, (_, content) in found.items()}
