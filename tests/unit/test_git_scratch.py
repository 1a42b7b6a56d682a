"""Nothing outlives Starry: no folder and no process, however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from starry_gitops.errors import RemoteUnreachable
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.process import run_git, scratch_folder
from tests.support.cli import ROOT

# Makes a scratch folder, starts a Git process that waits for ever, and says so.
CHILD = textwrap.dedent(
    """
    import sys, threading
    from starry_gitops.gitrepo.environment import git_environment
    from starry_gitops.gitrepo.process import run_git, scratch_folder

    with scratch_folder() as scratch:
        (scratch.path / "apps.git" / "objects").mkdir(parents=True)
        (scratch.path / "apps.git" / "objects" / "x").write_text("x" * 1000)
        threading.Timer(0.3, lambda: print(scratch.path, flush=True)).start()
        run_git(["-c", "alias.wait=!sleep 30", "wait"], env=git_environment(), scratch=scratch)
    """
)


def wait_until(holds: object, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def children_of(session: set[int]) -> set[int]:
    """Processes that have one of the process groups."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) in session and fields[0] != "Z":
                found.add(int(entry.name))
    return found


def watcher_of(folder: Path) -> int:
    """The process that cleans up: it stays some seconds longer, to look once more."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and f"starry-cleanup\0{folder}".encode() in (entry / "cmdline").read_bytes():
                return int(entry.name)
        except OSError:
            continue
    pytest.fail("no process watches the folder")


def descendants(pid: int) -> set[int]:
    """Process groups below a process. A thread or child that ends while it is looked at has none."""
    groups = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in list(Path(f"/proc/{pid}/task").iterdir()):
            with suppress(FileNotFoundError, ProcessLookupError):
                for child in (task / "children").read_text().split():
                    groups |= {os.getpgid(int(child))} | descendants(int(child))
    return groups


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_process_leaves_no_folder_and_no_child(number: signal.Signals, tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None
    with child.stdout:
        folder = Path(child.stdout.readline().strip())
        assert folder.parent == tmp_path
        assert folder.is_dir()
        groups = descendants(child.pid) - {watcher_of(folder)}
        assert children_of(groups)
        child.send_signal(number)
        child.wait(timeout=10)
    try:
        assert wait_until(lambda: not list(tmp_path.iterdir())), list(tmp_path.iterdir())
        assert wait_until(lambda: not children_of(groups)), children_of(groups)
    finally:
        for pid in children_of(groups):
            os.kill(pid, signal.SIGKILL)


def test_the_folder_is_gone_at_the_end_of_the_block_even_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(RuntimeError), scratch_folder() as scratch:  # noqa: PT012 - what the block leaves is the point
        (scratch.path / "deep" / "er").mkdir(parents=True)
        folder = scratch.path
        raise RuntimeError
    assert not folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_nobody_elses(tmp_path: Path) -> None:
    with scratch_folder() as scratch:
        assert scratch.path.stat().st_mode & 0o077 == 0


def test_a_git_process_ends_with_its_time() -> None:
    started = time.monotonic()
    with pytest.raises(RemoteUnreachable) as caught:
        run_git(["-c", "alias.wait=!sleep 30", "wait"], env=git_environment(), timeout=0.3)
    assert time.monotonic() - started < 5
    assert "wait" in caught.value.message or "git" in caught.value.message


def test_git_cannot_ask_on_a_terminal() -> None:
    done = run_git(["-c", "alias.ask=!test -t 0 && echo terminal || echo none", "ask"], env=git_environment())
    assert done.out.decode().strip() == "none"
    assert done.code == 0


# Dies as soon as any folder is made: before this process could remember what it made.
DYING = """
import os, signal
real = os.mkdir

def mkdir(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

os.mkdir = mkdir
from starry_gitops.gitrepo.process import scratch_folder
with scratch_folder():
    pass
"""


def test_sigkill_right_after_the_folder_was_made_leaves_no_folder(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", DYING], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert wait_until(lambda: not list(tmp_path.iterdir()), seconds=10)
