"""Trees are read and written as Git itself does it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.errors import InvalidRepository
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.objects import ObjectReader, ObjectWriter, Tree, format_tree, kind_of, parse_tree
from starry_gitops.gitrepo.snapshot import GitSnapshot
from starry_gitops.gitrepo.trees import write_tree

KINDS = {b"100644": "blob", b"100755": "blob", b"120000": "blob", b"40000": "tree", b"160000": "commit"}
entry_names = st.one_of(
    st.sampled_from(
        [b"a", b"a.b", b"a-b", b"a0", b"A", b"ab", b"a b", b"\xff", b"\xc3\xa9", b"a\nb", b'"', b"\\", b"-x", b"a\t"]
    ),
    st.binary(min_size=1, max_size=8).filter(lambda name: not set(name) & {0, ord("/")} and name not in {b".", b".."}),
).filter(lambda name: name.lower() not in {b".git", b"git~1"})
trees = st.dictionaries(
    entry_names, st.tuples(st.sampled_from(sorted(KINDS)), st.binary(min_size=20, max_size=20).filter(any)), max_size=12
)


def git(repo: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], cwd=repo, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory, _session_isolation: None) -> Path:
    folder = tmp_path_factory.mktemp("objects")
    git(folder, "init", "--quiet", "--bare", "--template=", ".")
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, _session_isolation: None) -> Path:
    """A repository without the made-up trees of other tests: fsck looks at every object that is there."""
    folder = tmp_path_factory.mktemp("sound")
    git(folder, "init", "--quiet", "--bare", "--template=", ".")
    return folder


@given(trees)
def test_format_and_parse_are_inverse(tree: Tree) -> None:
    assert parse_tree(format_tree(tree)) == tree


@given(trees)
@hypothesis_settings(max_examples=30)
def test_a_tree_is_what_git_mktree_makes_and_git_ls_tree_shows(repo: Path, tree: Tree) -> None:
    lines = b"".join(
        b"%b %b %b\t%b\0" % (mode.rjust(6, b"0"), KINDS[mode].encode(), oid.hex().encode(), name)
        for name, (mode, oid) in tree.items()
    )
    expected = git(repo, "mktree", "--missing", "-z", given=lines).decode().strip()
    written = ObjectWriter(repo).write("tree", format_tree(tree)).hex()
    assert written == expected
    shown = git(repo, "ls-tree", "-z", written)
    found = {}
    for line in shown.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, oid = about.split(b" ")
        found[name] = (mode.lstrip(b"0"), bytes.fromhex(oid.decode()))
    assert found == tree


def test_a_folder_sorts_as_if_its_name_ended_in_a_slash() -> None:
    oid = b"\1" * 20
    tree = {b"a": (b"40000", oid), b"a.b": (b"100644", oid), b"a0": (b"100644", oid), b"a-": (b"100644", oid)}
    assert list(parse_tree(format_tree(tree))) == [b"a-", b"a.b", b"a", b"a0"]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [(b"100644", "file"), (b"100755", "file"), (b"100664", "file"), (b"40000", "folder"), (b"120000", "symlink"),
     (b"160000", "submodule")],
)  # fmt: skip
def test_kinds_of_entries(mode: bytes, kind: str) -> None:
    assert kind_of(mode) == kind


parts = st.sampled_from(["a", "b", "c", "a.b", "d-e", "é"])
file_paths = st.lists(parts, min_size=1, max_size=3).map("/".join)
contents = st.binary(max_size=20)


def without_conflicts(files: dict[str, bytes]) -> dict[str, bytes]:
    """No path is both a file and a folder."""
    return {path: data for path, data in files.items() if not any(other.startswith(f"{path}/") for other in files)}


def snapshot_of(repo: Path, reader: ObjectReader, tree: str) -> GitSnapshot:
    return GitSnapshot("0" * 40, tree, reader, lambda oids: pytest.fail(f"{oids} are missing"))


def files_of(repo: Path, tree: str) -> dict[str, bytes]:
    found = {}
    for line in git(repo, "ls-tree", "-r", "-z", tree).split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        found[name.decode()] = git(repo, "cat-file", "blob", about.split(b" ")[2].decode())
    return found


@given(st.dictionaries(file_paths, contents, max_size=6), st.dictionaries(file_paths, contents, max_size=4), st.data())
@hypothesis_settings(max_examples=15)
def test_a_written_tree_is_the_old_one_with_the_changes_and_passes_fsck(
    sound: Path, old: dict[str, bytes], new: dict[str, bytes], data: st.DataObject
) -> None:
    old, writer = without_conflicts(old), ObjectWriter(sound)
    gone = data.draw(st.sets(st.sampled_from(sorted(old)), max_size=3)) if old else set()
    expected = {path: content for path, content in old.items() if path not in gone} | new
    if without_conflicts(expected) != expected or gone & set(new):
        return
    empty = writer.write("tree", b"").hex()
    reader = ObjectReader(sound, git_environment())
    try:
        start = write_tree(
            snapshot_of(sound, reader, empty),
            {path: writer.write("blob", content) for path, content in old.items()},
            writer,
        )
        changes: dict[str, bytes | None] = {path: writer.write("blob", content) for path, content in new.items()}
        try:
            end = write_tree(snapshot_of(sound, reader, start), changes | dict.fromkeys(gone), writer)
        except InvalidRepository as error:
            assert "not a folder" in error.message  # noqa: PT017
            return
        assert files_of(sound, end) == expected
        snapshot = snapshot_of(sound, reader, end)
        assert {path: snapshot.read(path) for path in expected} == expected
        assert snapshot.read_many([*expected, "nothing", "a/nothing/x"]) == expected
        assert {path for path, entry in snapshot.walk() if entry.kind == "file"} == set(expected)
    finally:
        reader.close()
    git(sound, "fsck", "--strict", "--no-dangling", end)


def test_a_folder_without_files_leaves_no_trace(repo: Path) -> None:
    writer = ObjectWriter(repo)
    blob = writer.write("blob", b"x")
    reader = ObjectReader(repo, git_environment())
    try:
        empty = writer.write("tree", b"").hex()
        start = write_tree(snapshot_of(repo, reader, empty), {"a": blob, "b/c/d": blob, "b/c/e/f": blob}, writer)
        end = write_tree(snapshot_of(repo, reader, start), {"b/c": None}, writer)
        assert files_of(repo, end) == {"a": b"x"}
        assert list(snapshot_of(repo, reader, end).entries("")) == ["a"]
        assert write_tree(snapshot_of(repo, reader, end), {"a": None}, writer) == empty
    finally:
        reader.close()


def test_nothing_is_written_through_a_symlink_a_file_or_a_submodule(repo: Path) -> None:
    writer = ObjectWriter(repo)
    blob = writer.write("blob", b"/etc")
    tree = {b"link": (b"120000", blob), b"file": (b"100644", blob), b"module": (b"160000", blob)}
    root = writer.write("tree", format_tree(tree)).hex()
    reader = ObjectReader(repo, git_environment())
    try:
        snapshot = snapshot_of(repo, reader, root)
        for name in ("link", "file", "module"):
            with pytest.raises(InvalidRepository):
                write_tree(snapshot, {f"{name}/x": blob}, writer)
            assert snapshot.entries(name) == {}
            assert snapshot.read(f"{name}/x") is None
        assert snapshot.read("link") is None
        assert snapshot.link_target("link") == "/etc"
    finally:
        reader.close()


def test_an_object_that_is_not_there_is_none_and_many_are_read_at_once(repo: Path) -> None:
    writer = ObjectWriter(repo)
    blobs = {writer.write("blob", b"%d" % number * 2_000).hex(): b"%d" % number * 2_000 for number in range(500)}
    reader = ObjectReader(repo, git_environment())
    try:
        found = reader.read_many(["1" * 40, *blobs, "refs/heads/none"])
        assert {oid: content for oid, (_, content) in found.items()} == blobs
    finally:
        reader.close()
