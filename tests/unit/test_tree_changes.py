"""Which paths differ between two commits."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.model import Entry
from starry_gitops.core.tree_changes import shown_path, tree_changes


@dataclass(frozen=True)
class Tree:
    """A snapshot of files in memory; a folder's id stands for all that is below it, as Git's does."""

    files: Mapping[str, str]
    revision: str = ""

    def entries(self, folder: str) -> Mapping[str, Entry]:
        start = f"{folder}/" if folder else ""
        names = {path[len(start) :].split("/")[0] for path in self.files if path.startswith(start)}
        return {name: self._entry(f"{start}{name}") for name in names}

    def _entry(self, path: str) -> Entry:
        if path in self.files:
            return Entry(kind="file", oid=self.files[path])
        below = sorted((name, text) for name, text in self.files.items() if name.startswith(f"{path}/"))
        return Entry(kind="folder", oid=hashlib.sha1(repr(below).encode(), usedforsecurity=False).hexdigest())

    def read(self, path: str) -> bytes | None:
        found = self.files.get(path)
        return None if found is None else found.encode()

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        return {path: self.files[path].encode() for path in paths if path in self.files}

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        raise NotImplementedError

    def link_target(self, path: str) -> str:
        raise NotImplementedError


def _consistent(files: Mapping[str, str]) -> dict[str, str]:
    """Nothing is both a file and a folder."""
    return {path: text for path, text in files.items() if not any(other.startswith(f"{path}/") for other in files)}


paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)
trees = st.dictionaries(paths, st.sampled_from(["1", "2"]), max_size=12).map(_consistent)


@given(trees, trees)
def test_exactly_what_differs(before: dict[str, str], after: dict[str, str]) -> None:
    found = tree_changes(Tree(before), Tree(after), skipped=(), limit=1_000)
    assert found.is_whole
    wanted = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert [change.path for change in found.found] == sorted(wanted)
    for change in found.found:
        expected = {(True, False): "removed", (False, True): "added"}.get((change.path in before, change.path in after))
        assert change.what == (expected or "changed")


@given(trees, trees, st.integers(0, 5))
def test_a_limit_is_told(before: dict[str, str], after: dict[str, str], limit: int) -> None:
    whole = tree_changes(Tree(before), Tree(after), skipped=(), limit=1_000)
    some = tree_changes(Tree(before), Tree(after), skipped=(), limit=limit)
    assert some.is_whole or len(some.found) <= limit
    assert not some.is_whole or some == whole


def test_a_skipped_folder() -> None:
    found = tree_changes(Tree({"a/b": "1", "c": "1"}), Tree({"a/b": "2", "c": "2"}), skipped=["a"], limit=9)
    assert [change.path for change in found.found] == ["c"]


@given(st.binary(max_size=400).map(lambda name: name.decode(errors="surrogateescape")))
def test_any_name_can_be_shown(name: str) -> None:
    text = shown_path(name)
    assert text.isprintable()
    assert len(text) <= 301
    assert not text.lstrip().startswith("::")
    assert "##[" not in text
    text.encode()
