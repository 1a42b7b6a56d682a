"""Runs programs in an environment of their own, and takes their time and memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STARRY = Path(sys.executable).parent / "starry"

_MEGABYTE = 2**20
# ru_maxrss of all descendants that were waited for is that of the largest one: Starry's or one of Git's.
_OBSERVER = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, capture_output=True)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with open(sys.argv[1], "w") as report:
    json.dump({"seconds": seconds, "peak": peak, "code": done.returncode}, report)
sys.stdout.buffer.write(done.stdout)
sys.stderr.buffer.write(done.stderr)
"""


class MeasurementFailed(Exception):
    """A program that is measured did not do its work."""


@dataclass(frozen=True, slots=True)
class Done:
    """A program that has ended well: how long it took, and what it printed."""

    seconds: float
    out: str
    peak_megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A temporary folder, and an environment in which nobody's settings count."""

    folder: Path
    env: Mapping[str, str]

    def run(self, command: Sequence[str | Path], *, cwd: Path | None = None, given: bytes | None = None) -> Done:
        """Runs a program and takes its time, from its start to its end."""
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=cwd or self.folder, env=self.env, input=given or b"", capture_output=True, check=False
        )
        seconds = time.perf_counter() - started
        _expect_success(command, done.returncode, done.stderr)
        return Done(seconds, done.stdout.decode(errors="replace"))

    def observe(self, command: Sequence[str | Path]) -> Done:
        """As `run`, and takes the peak memory of the largest process among the program and all that it started."""
        report = self.folder / "observed.json"
        done = self.run([sys.executable, "-I", "-c", _OBSERVER, report, *command])
        found = json.loads(report.read_text(encoding="utf-8"))
        _expect_success(command, found["code"], done.out.encode())
        return Done(found["seconds"], done.out, found["peak"] / _MEGABYTE)


def make_sandbox(folder: Path) -> Sandbox:
    """An environment without STARRY_*, GIT_* and the person's own home."""
    home = folder / "home"
    home.mkdir()
    config = home / "gitconfig"
    config.write_text(
        "[user]\n\tname = Benchmark\n\temail = benchmark@example.com\n[init]\n\tdefaultBranch = main\n"
        "[advice]\n\tdetachedHead = false\n",
        encoding="utf-8",
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "STARRY_", "XDG_"))}
    env |= {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "TMPDIR": str(folder),
        "no_proxy": "127.0.0.1",
    }
    return Sandbox(folder, env)


def _expect_success(command: Sequence[str | Path], code: int, stderr: bytes) -> None:
    if code:
        words = " ".join(str(word) for word in command)[:300]
        raise MeasurementFailed(f"exit {code} of: {words}\n{stderr.decode(errors='replace')[-2000:]}")
