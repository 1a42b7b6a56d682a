"""Changes laid over a snapshot read as the commit that they would become."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.model import Change, Delete, Write
from starry_gitops.core.overlaid import Overlaid
from tests.unit.world import Tree

FOLDERS = ["", "a", "b", "a/b", "a/b/c", "b/a", "keep"]
names = st.sampled_from(["a", "b", "c", "x"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
writes = st.builds(lambda path, text: Write(path=path, text=text), path=paths, text=st.sampled_from(["1", "2"]))
deletes = st.builds(lambda path: Delete(path=path), path=paths)


def without(tree: Tree, path: str) -> dict[str, bytes]:
    """Git has no file below a file: what stands in the way of a path, and what is below it, goes."""
    parts = path.split("/")
    above = {"/".join(parts[:end]) for end in range(1, len(parts))}
    inside = f"{path}/"
    return {
        name: data
        for name, data in tree.files.items()
        if name not in above and name != path and not name.startswith(inside)
    }


def changed(tree: Tree, change: Change) -> Tree:
    if isinstance(change, Delete):
        inside = f"{change.path}/"
        return Tree(files={p: d for p, d in tree.files.items() if p != change.path and not p.startswith(inside)})
    return Tree(files={**without(tree, change.path), change.path: change.text.encode()})


def start(files: Iterable[str]) -> Tree:
    tree = Tree(files={"keep/x": b"0"})
    for path in files:
        tree = changed(tree, Write(path=path, text="0"))
    return tree


def assert_same(overlaid: Overlaid, tree: Tree, asked: Iterable[str]) -> None:
    every = sorted({*asked, *tree.files})
    assert overlaid.read_many(every) == tree.read_many(every)
    assert {path: overlaid.read(path) for path in every} == {path: tree.read(path) for path in every}
    walked = {path for path, entry in overlaid.walk() if entry.kind == "file"}
    assert walked == set(tree.files)
    for folder in FOLDERS:
        # A folder that lost its last file is still a name in the folder above it; no decision asks for such a one.
        found = {name: entry.kind for name, entry in overlaid.entries(folder).items()}
        wanted = {name: entry.kind for name, entry in tree.entries(folder).items()}
        assert wanted.items() <= found.items()
        assert {name for name, kind in found.items() if kind == "file"} <= set(wanted)


@given(st.lists(paths, max_size=6), st.lists(writes | deletes, max_size=8), st.lists(paths, max_size=6))
def test_it_reads_as_the_tree_that_the_changes_lead_to(
    files: list[str], changes: list[Change], asked: list[str]
) -> None:
    tree = start(files)
    overlaid = Overlaid(tree)
    for change in changes:
        overlaid.read_many(asked)  # what was read before must not shine through later
        overlaid.lay([change])
        tree = changed(tree, change)
        assert_same(overlaid, tree, [*asked, *files])


def test_without_changes_it_is_what_is_below() -> None:
    below = Tree(files={"a/b": b"1"}, links={"a/link": "b"}, revision="c" * 40)
    overlaid = Overlaid(below)
    assert overlaid.revision == below.revision
    assert overlaid.entries("a") == below.entries("a")
    assert overlaid.link_target("a/link") == "b"
    assert overlaid.read("a/link") is None
    assert overlaid.entries("nowhere") == {}


def test_a_removed_link_and_a_removed_folder_are_gone() -> None:
    overlaid = Overlaid(Tree(files={"p/a/x": b"1", "p/b/x": b"2"}, links={"p/a/link": "x"}))
    overlaid.lay([Delete(path="p/a")])
    assert list(overlaid.entries("p")) == ["b"]
    assert overlaid.entries("p/a") == {}
    assert overlaid.read("p/a/x") is None
    assert overlaid.read("p/b/x") == b"2"


def test_what_comes_back_after_a_removal_is_only_what_was_written() -> None:
    overlaid = Overlaid(Tree(files={"p/a/old": b"1", "p/a/deep/old": b"1"}))
    overlaid.lay([Delete(path="p/a"), Write(path="p/a/deep/new", text="2")])
    assert list(overlaid.entries("p/a")) == ["deep"]
    assert list(overlaid.entries("p/a/deep")) == ["new"]
    assert overlaid.read("p/a/deep/old") is None


@pytest.mark.parametrize("depth", [2_000])
def test_depth_is_no_limit(depth: int) -> None:
    deep = "/".join(["d"] * depth)
    overlaid = Overlaid(Tree(files={f"p/a/{deep}/x": b"1", "p/b": b"2"}))
    overlaid.lay([Delete(path="p/a")])
    assert dict(overlaid.walk("p")).keys() == {"p/b"}
