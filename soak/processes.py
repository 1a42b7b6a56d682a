"""The process table: who descends from whom, and whose environment carries a mark."""

import contextlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def table() -> dict[int, tuple[int, str]]:
    """Each process: its parent and its command line. Zombies are left out."""
    done = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, check=True)
    found = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        pid, parent, state, *words = line.split(None, 3)
        if not state.startswith("Z"):
            found[int(pid)] = (int(parent), words[0] if words else "")
    return found


def descendants(pid: int) -> list[int]:
    """All processes below one, nearest first."""
    return [one for one, _ in described_descendants(pid)]


def described_descendants(pid: int) -> list[tuple[int, str]]:
    """All processes below one with their command lines, nearest first."""
    processes = table()
    found: list[tuple[int, str]] = []
    above = {pid}
    while above:
        level = [(one, words) for one, (parent, words) in processes.items() if parent in above]
        found += level
        above = {one for one, _ in level}
    return found


def kill(pids: Iterable[int], number: int) -> None:
    """Sends a signal to those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def marked(key: str, value: str) -> list[str]:
    """Command lines of processes whose environment has this variable (Linux only; elsewhere none is found)."""
    wanted = f"{key}={value}".encode()
    found = []
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                found.append(f"{folder.name} {words}")
    return found
