"""A snapshot with changes laid over it: what the repository would be after them."""

from collections.abc import Iterable, Iterator, Mapping

from starry_gitops.core.model import Change, Entry, Snapshot, Write

_FILE = Entry(kind="file")
_FOLDER = Entry(kind="folder")


class Overlaid:
    """Implements `core.model.Snapshot`. Many decisions may build on one another before anything is written."""

    def __init__(self, below: Snapshot) -> None:
        self._below = below
        # Folders that changes reached, whole. What is above such a folder is among them too.
        self._folders: dict[str, dict[str, Entry]] = {}
        self._files: dict[str, bytes] = {}
        # What was read from below: the chart's files are asked for with every preview.
        self._kept: dict[str, bytes] = {}

    @property
    def revision(self) -> str:
        """The commit below the changes."""
        return self._below.revision

    def lay(self, changes: Iterable[Change]) -> None:
        """Lays further changes on top."""
        for change in changes:
            if isinstance(change, Write):
                self._remove(change.path)
                self._files[change.path] = change.text.encode()
                self._note(change.path)
            else:
                self._remove(change.path)

    def _note(self, path: str) -> None:
        entry = _FILE
        while path:
            folder, _, name = path.rpartition("/")
            known = self._own(folder)
            if name in known and known[name].kind == entry.kind:
                return
            known[name] = entry
            if entry is _FOLDER:
                self._files.pop(path, None)
            path, entry = folder, _FOLDER

    def _own(self, folder: str) -> dict[str, Entry]:
        """The folder's entries, as a map that may be changed."""
        if folder not in self._folders:
            if folder:
                self._own(folder.rpartition("/")[0])
            self._folders[folder] = dict(self.entries(folder))
        return self._folders[folder]

    def _remove(self, path: str) -> None:
        waiting = [path]
        while waiting:
            one = waiting.pop()
            self._files.pop(one, None)
            waiting += [f"{one}/{name}" for name in self._folders.pop(one, {})]
        folder, _, name = path.rpartition("/")
        if name in self.entries(folder):
            del self._own(folder)[name]

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """What the folder holds, by name."""
        if folder in self._folders:
            return self._folders[folder]
        return self._below.entries(folder) if self._is_from_below(folder) else {}

    def _is_from_below(self, path: str) -> bool:
        """True when no change has touched what the path leads through."""
        if path in self._folders:
            return False
        above, _, name = path.rpartition("/")
        while above and above not in self._folders:
            above, _, name = above.rpartition("/")
        if above not in self._folders:
            return True
        return name in self._folders[above] and (f"{above}/{name}" if above else name) not in self._files

    def read(self, path: str) -> bytes | None:
        """A regular file's content, or None."""
        return self.read_many([path]).get(path)

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        """The regular files among `paths`."""
        rest = [path for path in paths if path not in self._files and path not in self._kept]
        if rest:
            self._kept |= self._below.read_many(rest)
        found = ((path, self._content(path)) for path in paths)
        return {path: content for path, content in found if content is not None}

    def _content(self, path: str) -> bytes | None:
        if path in self._files:
            return self._files[path]
        return self._kept.get(path) if self._is_from_below(path) else None

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry below a folder, with its path. Without recursion: how deep folders go, others decide."""
        waiting = [folder]
        while waiting:
            above = waiting.pop()
            for name, entry in sorted(self.entries(above).items()):
                path = f"{above}/{name}" if above else name
                yield path, entry
                if entry.kind == "folder":
                    waiting.append(path)

    def link_target(self, path: str) -> str:
        """Where the symlink at a path points to. Changes make none."""
        return self._below.link_target(path)
