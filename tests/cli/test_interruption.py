"""Success, failure, signals and sudden death: nothing is left behind, nothing is half done."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import ROOT, finish, run, run_process, spawn
from tests.support.gitserver import Fault, GitServer, Request
from tests.support.hooks import write_hook
from tests.support.repos import Apps
from tests.support.transport import http

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


def is_empty_soon(folder: Path, seconds: float = 10) -> bool:
    """Whether a folder is empty, or becomes so within a few seconds."""
    end = time.monotonic() + seconds
    while any(folder.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(folder.iterdir())


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CREATE, 0), (("list",), 0), (("history", "nothing"), 3), (("validate",), 0), (("gc",), 0), (("show", "x"), 3),
        ((*CREATE, "--dry-run"), 0), ((*CREATE, "--ttl", "9h"), 5), ((*CREATE, "--branch", "nosuch"), 3),
    ],
)  # fmt: skip
def test_a_run_leaves_no_temporary_file(
    apps: Apps, temporary_folder: Path, command: tuple[str, ...], code: int
) -> None:
    assert apps.run(*command).code == code
    assert list(temporary_folder.iterdir()) == []


def test_a_failed_push_leaves_no_temporary_file(apps: Apps, temporary_folder: Path) -> None:
    write_hook(apps.bare, "pre-receive", "exit 1")
    apps.fails(6, *CREATE)
    assert list(temporary_folder.iterdir()) == []


def test_an_unreachable_remote_leaves_no_temporary_file(temporary_folder: Path) -> None:
    assert run(*CREATE, "--repo", str(temporary_folder.parent / "gone.git")).code == 8
    assert list(temporary_folder.iterdir()) == []


def test_init_and_validate_of_a_revision_leave_no_temporary_file(tmp_path: Path, temporary_folder: Path) -> None:
    assert run("init", str(tmp_path / "a"), "--domain", "x.example.com").code == 0
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path / "a", check=True)
    run("validate", "--rev", "HEAD", cwd=tmp_path / "a")
    assert list(temporary_folder.iterdir()) == []


class Stage:
    """A server that holds the program at one moment until it is let go."""

    def __init__(self, server: GitServer, moment: Callable[[Request], bool]) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

        def hold(request: Request) -> None:
            if moment(request) and not self.reached.is_set():
                self.reached.set()
                self.go_on.wait(20)

        server.before = hold


MOMENTS: dict[str, Callable[[Request], bool]] = {
    "reading": lambda request: not request.is_push,
    "pushing": lambda request: request.sends_pack,
}


def held(apps: Apps, server: GitServer, moment: Callable[[Request], bool]) -> tuple[subprocess.Popen[str], Stage]:
    stage = Stage(server, moment)
    remote = http(apps, server)
    process = spawn(*remote.args(*CREATE), env=remote.env)
    assert stage.reached.wait(20)
    return process, stage


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_signal_ends_it_with_130_and_leaves_nothing(
    apps: Apps, server: GitServer, temporary_folder: Path, moment: Callable[[Request], bool], number: int
) -> None:
    before = apps.refs()
    process, stage = held(apps, server, moment)
    os.kill(process.pid, number)
    done = finish(process, 15)
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert is_empty_soon(temporary_folder)
    stage.go_on.set()
    assert apps.refs() == before or apps.names() == ["preview-1"]
    assert http(apps, server).run(*CREATE).code == 0


@pytest.mark.parametrize("whole_group", [False, True], ids=["the process", "the process and its children"])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_sigkill_leaves_nothing(
    apps: Apps, server: GitServer, temporary_folder: Path, moment: Callable[[Request], bool], whole_group: bool
) -> None:
    process, stage = held(apps, server, moment)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    assert finish(process, 15).code == -signal.SIGKILL
    stage.go_on.set()
    assert is_empty_soon(temporary_folder)
    apps.git("fsck", "--strict", "--no-dangling")
    assert http(apps, server).run(*CREATE).code == 0
    assert apps.names() == ["preview-1"]


def test_a_signal_while_it_waits_for_its_turn_ends_it(apps: Apps, server: GitServer, temporary_folder: Path) -> None:
    lost = threading.Event()

    def interfere(request: Request) -> None:
        if request.sends_pack:
            apps.commit({"notes/x": str(time.monotonic_ns())})
            lost.set()

    server.before = interfere
    remote = http(apps, server)
    process = spawn(*remote.args(*CREATE), env=remote.env)
    assert lost.wait(20)
    time.sleep(0.3)
    process.terminate()
    assert finish(process, 15).code == 130
    assert is_empty_soon(temporary_folder)
    assert apps.names() == []


def test_a_server_that_hangs_can_be_interrupted(apps: Apps, server: GitServer, temporary_folder: Path) -> None:
    server.fault, server.strikes = Fault.HANG, lambda request: request.sends_pack
    remote = http(apps, server)
    process = spawn(*remote.args(*CREATE), env=remote.env)
    end = time.monotonic() + 20
    while not any(request.sends_pack for request in server.requests) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert finish(process, 15).code == 130
    assert is_empty_soon(temporary_folder)


def test_a_closed_pipe_is_no_traceback(apps: Apps) -> None:
    process = spawn("list", "--repo", str(apps.bare))
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(20)


@pytest.mark.parametrize("kilobytes", [0, 1, 4, 16])
def test_a_full_disk_is_one_clear_error_and_an_unchanged_branch(apps: Apps, kilobytes: int) -> None:
    before = apps.refs()
    # No file may grow past the limit: what a full disk looks like from inside, at different moments.
    limited = ["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "bash", sys.executable, "-m", "starry_gitops"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [*limited, *apps.args(*CREATE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=60)
    assert "Traceback" not in done.stderr
    assert apps.refs() == before or done.returncode == 0
    assert done.returncode == 0 or "{" in done.stderr


def test_success_by_a_real_process_leaves_nothing(apps: Apps, temporary_folder: Path) -> None:
    assert run_process(*apps.args(*CREATE)).code == 0
    assert list(temporary_folder.iterdir()) == []
