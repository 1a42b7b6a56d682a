"""Writing: what is there is kept, nothing is followed out of the folder, each file is whole or absent."""

import subprocess
import sys
from pathlib import Path

import pytest

from starry_gitops.scaffold import write_scaffold

FILES = {"a.yaml": "a: 1\n", "b/c/d.yaml": "d: 1\n", "b/e.yaml": "ü: 1\n"}


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


def tree(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_an_empty_folder_gets_everything(tmp_path):
    target = tmp_path / "new" / "repository"
    assert write_scaffold(target, FILES) == (list(FILES), [])
    assert tree(target) == set(FILES)
    assert (target / "b/e.yaml").read_bytes() == "ü: 1\n".encode()


def test_what_is_there_is_kept_and_named(target):
    (target / "a.yaml").write_text("mine\n")
    assert write_scaffold(target, FILES) == (["b/c/d.yaml", "b/e.yaml"], ["a.yaml"])
    assert (target / "a.yaml").read_text() == "mine\n"
    assert write_scaffold(target, FILES) == ([], list(FILES))


def test_a_file_that_is_a_symlink_is_kept_and_its_target_untouched(tmp_path, target):
    outside = tmp_path / "outside"
    (target / "a.yaml").symlink_to(outside)
    created, kept = write_scaffold(target, FILES)
    assert kept == ["a.yaml"]
    assert created == ["b/c/d.yaml", "b/e.yaml"]
    assert not outside.exists()
    assert (target / "a.yaml").is_symlink()


@pytest.mark.parametrize("link", ["b", "b/c"])
def test_a_folder_that_is_a_symlink_is_refused_before_anything_is_written(tmp_path, target, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / link).parent.mkdir(exist_ok=True)
    (target / link).symlink_to(outside, target_is_directory=True)
    with pytest.raises(OSError, match="symlink"):
        write_scaffold(target, FILES)
    assert not list(outside.iterdir())
    assert tree(target) == {link}


def test_a_file_where_a_folder_belongs_is_refused_before_anything_is_written(target):
    (target / "b").write_text("")
    with pytest.raises(OSError, match="not a folder"):
        write_scaffold(target, FILES)
    assert tree(target) == {"b"}


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", ""])
def test_paths_that_leave_the_folder_are_refused(target, path):
    with pytest.raises(OSError, match="not a path inside"):
        write_scaffold(target, {"a.yaml": "", path: "x"})
    assert tree(target) == set()


def test_a_file_in_place_of_the_folder_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("mine\n")
    with pytest.raises(OSError, match="exists"):
        write_scaffold(tmp_path / "file", FILES)
    assert (tmp_path / "file").read_text() == "mine\n"


def test_a_text_that_is_not_unicode_is_refused_before_anything_is_written(target):
    with pytest.raises(OSError, match=r"b\.yaml"):
        write_scaffold(target, {"a.yaml": "x", "b.yaml": "x" * 10_000 + "\udcff"})
    assert tree(target) == set()


def test_a_full_disk_leaves_no_part_of_a_file(target):
    code = (
        "import resource, signal, sys; from pathlib import Path; from starry_gitops.scaffold import write_scaffold;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
        "write_scaffold(Path(sys.argv[1]), {'a.yaml': 'x', 'b.yaml': 'x' * 100_000})"
    )
    done = subprocess.run([sys.executable, "-c", code, target], capture_output=True, text=True, check=False)
    assert "OSError: [Errno 27]" in done.stderr
    assert tree(target) == {"a.yaml"}


def test_the_folder_itself_may_be_named_through_a_symlink(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_scaffold(tmp_path / "link", FILES)
    assert tree(tmp_path / "real") == set(FILES)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc")
def test_no_file_descriptor_is_left_open(target):
    before = len(list(Path("/proc/self/fd").iterdir()))
    write_scaffold(target, FILES)
    (target / "f").symlink_to(target)
    with pytest.raises(OSError, match="symlink"):
        write_scaffold(target, {"f/g.yaml": ""})
    assert len(list(Path("/proc/self/fd").iterdir())) == before
