"""Runs Git, and sees to it that nothing outlives Starry: no process, no folder, not even after SIGKILL."""

import contextlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starry_gitops.errors import RemoteUnreachable, StarryError

log = logging.getLogger("starry")

# Waits until Starry is gone, then ends the Git process of the moment and removes the folder.
_REAPER = """
group=
while read -r line; do group=$line; done
[ "$group" = done ] && exit
if [ -n "$group" ] && kill -s TERM -- "-$group" 2>/dev/null; then
  tries=0
  while kill -s 0 -- "-$group" 2>/dev/null && [ "$tries" -lt 20 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL -- "-$group" 2>/dev/null
fi
# A Git process that was only just starting may make its folder once more.
for pause in 0 0.5 1 2; do
  sleep "$pause"
  tries=0
  while [ -e "$1" ] && [ "$tries" -lt 50 ]; do rm -rf -- "$1" 2>/dev/null || sleep 0.1; tries=$((tries + 1)); done
done
"""


# Seconds that a Git process gets to end by itself.
_GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Completed:
    """A Git process that has ended."""

    code: int
    out: bytes
    err: str


class Scratch:
    """A temporary folder with a small watcher process that cleans up when Starry cannot.

    The watcher reads a pipe that only Starry holds open; the kernel closes it whenever and however Starry ends.
    """

    def __init__(self) -> None:
        # The watcher knows the folder before there is one: whenever Starry dies, somebody cleans up.
        self.path = Path(tempfile.gettempdir()) / f"starry-{secrets.token_hex(8)}"
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _REAPER, "starry-cleanup", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        try:
            self.path.mkdir(mode=0o700)
        except OSError:
            self.close()
            raise

    def watch(self, group: int | None) -> None:
        """Tells the watcher which process group runs now."""
        self._tell(str(group or ""))

    def _tell(self, line: str) -> None:
        pipe = self._watcher.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(pipe.fileno(), f"{line}\n".encode())

    def close(self) -> None:
        """Removes the folder and ends the watcher."""
        shutil.rmtree(self.path, ignore_errors=True)
        if not self.path.exists():
            self._tell("done")
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._watcher.wait(timeout=5)


def run_git(
    arguments: Sequence[str],
    *,
    env: dict[str, str],
    cwd: Path | str = "/",
    scratch: Scratch | None = None,
    given: bytes | None = None,
    timeout: float | None = None,
) -> Completed:
    """Runs `git` with arguments, in a session of its own: it cannot prompt on the terminal.

    Raises:
        RemoteUnreachable: no answer within `timeout` seconds.
        StarryError: Git is not installed.
    """
    started = time.perf_counter()
    process = start_git(arguments, env=env, cwd=cwd)
    if scratch:
        scratch.watch(process.pid)
    try:
        out, err = process.communicate(given, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise RemoteUnreachable(
            f"git {command_of(arguments)} had no answer within {timeout:.0f} s",
            hint="check the network, or raise --timeout",
        ) from None
    finally:
        end_group(process)
        if scratch:
            scratch.watch(None)
    _log_end(command_of(arguments), process.returncode, time.perf_counter() - started)
    return Completed(process.returncode, out, err.decode(errors="replace"))


def command_of(arguments: Sequence[str]) -> str:
    """Git's command: `fetch` of `-c key=value fetch …`."""
    return arguments[2] if arguments[0] == "-c" else arguments[0]


def _log_end(command: str, code: int, seconds: float) -> None:
    """Says which command ended, never its arguments: they may name what is not for a log."""
    fields = {"git": command, "exitCode": code, "seconds": round(seconds, 6)}
    log.debug("git %s: exit %d, %.3f s", command, code, seconds, extra={"event": "git", "fields": fields})


def start_git(arguments: Sequence[str], *, env: dict[str, str], cwd: Path | str) -> "subprocess.Popen[bytes]":
    """Starts `git` with pipes for input, output and errors."""
    try:
        return subprocess.Popen(
            ["git", *arguments],
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise StarryError("git is not on PATH", hint="install Git 2.31 or newer") from None


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process that still runs, and its children; gently first, because Git then removes its lock files."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_GRACE)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@contextlib.contextmanager
def scratch_folder() -> Iterator[Scratch]:
    """A `Scratch` that is gone at the end of the block."""
    scratch = Scratch()
    try:
        yield scratch
    finally:
        scratch.close()
