"""Progress: one line on a real terminal, gone at the end; nothing anywhere else."""

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import ROOT, run_process
from tests.support.gitserver import GitServer
from tests.support.hooks import write_hook
from tests.support.repos import Apps

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")
ERASE = "\r\x1b[K"
TERMINAL = {"TERM": "xterm-256color"}


@pytest.fixture
def slow(apps: Apps) -> Apps:
    """A remote that takes a second and a half for a push."""
    write_hook(apps.bare, "pre-receive", "sleep 1.5")
    return apps


def on_terminal(args: list[str], env: dict[str, str | None]) -> tuple[int, str, str]:
    """Exit code, standard output (a pipe) and what a terminal got on standard error."""
    ours, theirs = pty.openpty()
    merged: dict[str, str | None] = {**os.environ, "PYTHONPATH": str(ROOT), **TERMINAL, **env}
    process = subprocess.Popen(
        [sys.executable, "-m", "starry_gitops", *args],
        env={key: value for key, value in merged.items() if value is not None},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    chunks: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(ours, chunks.append))
    reader.start()
    out, _ = process.communicate(timeout=60)
    reader.join(timeout=10)
    os.close(ours)
    return process.returncode, out.decode(), b"".join(chunks).decode()


def _drain(descriptor: int, take: Callable[[bytes], None]) -> None:
    while True:
        try:
            chunk = os.read(descriptor, 4096)
        except OSError:  # the other side is closed
            return
        if not chunk:
            return
        take(chunk)


def visible(text: str) -> list[str]:
    """The lines that stand on the terminal in the end."""
    shown = [re.split(r"\r\x1b\[K|\r", line)[-1] for line in text.replace("\r\n", "\n").split("\n")]
    return [line for line in shown if line]


def test_a_terminal_sees_what_takes_long_and_keeps_nothing_of_it(slow: Apps) -> None:
    code, out, err = on_terminal(slow.args(*CREATE, "-o", "name"), {})
    assert (code, out) == (0, "preview-1\n")
    assert re.search(r"[|/\\-] pushing, \d+ s", err), err
    assert visible(err) == []


def test_no_colour_is_in_it(slow: Apps) -> None:
    _, _, err = on_terminal(slow.args(*CREATE), {"NO_COLOR": None})
    assert "pushing" in err
    assert set(re.findall(r"\x1b\[[0-9;]*[A-Za-z]", err)) == {"\x1b[K"}


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (("-q",), {}),
        (("--log-format", "json"), {}),
        ((), {"TERM": "dumb"}),
        ((), {"TERM": None}),
        ((), {"STARRY_QUIET": "1"}),
    ],
)
def test_who_wants_none_gets_none(slow: Apps, options: tuple[str, ...], env: dict[str, str | None]) -> None:
    code, out, err = on_terminal(slow.args(*CREATE, *options), env)
    assert code == 0
    assert out
    assert "\x1b" not in err
    assert "pushing, " not in err


def test_what_is_over_soon_shows_nothing(apps: Apps) -> None:
    _, _, err = on_terminal(apps.args("--version"), {})
    assert err == ""


def test_log_lines_stand_whole_between(slow: Apps) -> None:
    code, _, err = on_terminal(slow.args(*CREATE, "-v"), {})
    assert code == 0
    shown = visible(err)
    assert [line for line in shown if line.startswith("attempt 1: push ")]
    assert all(line.startswith(("attempt 1: ", "finished: ")) for line in shown), shown


def test_an_error_stands_alone(apps: Apps) -> None:
    write_hook(apps.bare, "pre-receive", "sleep 1.5; exit 1")
    code, _, err = on_terminal(apps.args(*CREATE, "-o", "table"), {})
    assert code == 6
    (line,) = visible(err)
    assert line.startswith("error: ")


def test_off_a_terminal_nothing_is_shown(slow: Apps) -> None:
    done = run_process(*slow.args(*CREATE), env=TERMINAL)
    assert done.code == 0
    assert done.err == ""


def test_a_narrow_terminal_never_wraps(server: GitServer, apps: Apps, tmp_path: Path) -> None:
    del tmp_path
    server.token, server.before = None, lambda _: server.wait(0.6)
    code, _, err = on_terminal(apps.at(server.url).args("list"), {"COLUMNS": "12"})
    assert code == 0
    assert ERASE in err
    assert all(len(frame) < 12 for frame in err.split(ERASE))


def test_many_previews_show_how_far_it_is(apps: Apps) -> None:
    """`validate` takes milliseconds a preview: long enough, on any machine, to be seen."""
    apps.create("preview-0")
    apps.multiply("preview-0", [f"preview-{number}" for number in range(1, 1_000)])
    _, out, err = on_terminal(apps.args("validate"), {})
    assert '"previews": 1000' in out
    assert re.search(r"working it out, \d+ of \d{4} files, \d+ s", err), err
    assert visible(err) == []
