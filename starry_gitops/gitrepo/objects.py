"""Reads and writes Git's objects without a work tree."""

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from gitdb import IStream, LooseObjectDB

from starry_gitops.core.yamltext import MAX_BYTES
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.process import end_group, start_git

Kind = Literal["file", "folder", "symlink", "submodule"]

_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
_KINDS: Mapping[bytes, Kind] = {b"40000": "folder", b"120000": "symlink", b"160000": "submodule"}
FOLDER_MODE = b"40000"
FILE_MODE = b"100644"


# Of a blob that is larger than any manifest may be, just enough is kept to see that.
_LONGEST_BLOB = MAX_BYTES + 1

Tree = dict[bytes, tuple[bytes, bytes]]
"""A tree object's entries: name → mode and binary id. Plain tuples, since a folder may hold ten thousand."""


def kind_of(mode: bytes) -> Kind:
    """What an entry's mode says."""
    return _KINDS.get(mode, "file")


def parse_tree(data: bytes) -> Tree:
    """A tree object's entries, by name."""
    return {name: (mode, oid) for mode, name, oid in _ENTRY.findall(data)}


def format_tree(tree: Tree) -> bytes:
    """A tree object's content: entries in Git's order, in which a folder sorts as if its name ended in `/`."""
    keyed = sorted(
        (name + b"/" if mode == FOLDER_MODE else name, name, mode, oid) for name, (mode, oid) in tree.items()
    )
    return b"".join(b"%b %b\0%b" % (mode, name, oid) for _, name, mode, oid in keyed)


class ObjectReader:
    """One `git cat-file --batch` process. It never fetches: an object that is not here is None."""

    def __init__(self, git_dir: Path, env: dict[str, str], meter: Meter | None = None) -> None:
        self.meter = meter or Meter()
        self._process = start_git(["cat-file", "--batch"], env=env, cwd=git_dir)

    def read(self, name: str) -> tuple[str, bytes] | None:
        """The id and content of the object that a name (an id, a ref) stands for."""
        return self.read_many([name]).get(name)

    def find(self, name: str) -> tuple[str, bytes] | None:
        """As `read`; None also when there is no repository to read from."""
        try:
            return self.read(name)
        except StarryError:
            return None

    def read_many(self, names: Iterable[str]) -> dict[str, tuple[str, bytes]]:
        """As `read`, for many names at once; missing ones are left out."""
        with self.meter.phase("read"):
            return self._read_in_turns(list(names))

    def _read_in_turns(self, names: list[str]) -> dict[str, tuple[str, bytes]]:
        found: dict[str, tuple[str, bytes]] = {}
        # Written and read in turns small enough that neither pipe can fill up and block both sides.
        for start in range(0, len(names), 200):
            turn = names[start : start + 200]
            self._ask(turn)
            for name in turn:
                answer = self._answer()
                if answer is not None:
                    found[name] = answer
        return found

    def close(self) -> None:
        """Ends the process."""
        end_group(self._process)

    def _ask(self, names: list[str]) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise StarryError("git cat-file has no input")
        try:
            stdin.write("".join(f"{name}\n" for name in names).encode())
            stdin.flush()
        except BrokenPipeError:
            raise StarryError("git cat-file ended unexpectedly") from None

    def _answer(self) -> tuple[str, bytes] | None:
        stdout = self._process.stdout
        header = stdout.readline().decode().split() if stdout else []
        if stdout is None or not header:
            raise StarryError("git cat-file ended unexpectedly")
        if header[-1] in {"missing", "ambiguous"}:
            return None
        size = int(header[2])
        wanted = min(size, _LONGEST_BLOB) if header[1] == "blob" else size
        content = stdout.read(wanted)
        for start in range(wanted, size, _LONGEST_BLOB):
            stdout.read(min(_LONGEST_BLOB, size - start))
        stdout.read(1)
        return header[0], content


class ObjectWriter:
    """Writes loose objects through GitPython's object database."""

    def __init__(self, git_dir: Path) -> None:
        self._database = LooseObjectDB(str(git_dir / "objects"))

    def write(self, kind: Literal["blob", "tree"], content: bytes) -> bytes:
        """Stores an object and gives its binary id."""
        stream = IStream(kind.encode(), len(content), io.BytesIO(content))
        return bytes(self._database.store(stream).binsha)
