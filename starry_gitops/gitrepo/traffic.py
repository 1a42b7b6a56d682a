"""Runs the Git commands that talk to the remote: counts them, and weighs their packs when that is asked for.

Both weights come from traces of Git's own, which go to files in the temporary folder. `GIT_TRACE_PACKFILE` copies the
pack that a fetch receives. For a push there is none; but the event trace tells how many bytes were written as
"Writing objects", which Git says only while it shows its progress.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from starry_gitops.gitrepo.meter import Meter, Phase
from starry_gitops.gitrepo.process import Completed, Scratch, command_of, run_git

_PHASES: Mapping[str, Phase] = {"clone": "clone", "fetch": "fetch", "ls-remote": "fetch", "push": "push"}
_PROGRESS = re.compile(
    r"(?:remote: )?(?:(?:Enumerating|Counting|Compressing|Writing|Unpacking) objects|Resolving deltas): "
    r"|Delta compression using up to |(?:remote: )?Total \d+ \(delta "
)
_WRITING = "Writing objects"


class Traffic:
    """The two traces' files."""

    def __init__(self, folder: Path) -> None:
        self._pack = folder / "received.pack"
        self._events = folder / "events.json"

    def variables(self, phase: Phase) -> dict[str, str]:
        """What makes Git write the trace for a phase."""
        if phase == "push":
            return {"GIT_TRACE2_EVENT": str(self._events), "GIT_TRACE2_EVENT_NESTING": "9"}
        return {"GIT_TRACE_PACKFILE": str(self._pack)}

    def take(self) -> tuple[int, int]:
        """Bytes of packs received and sent since the last call."""
        received = self._pack.stat().st_size if self._pack.exists() else 0
        sent = _written(self._events.read_bytes()) if self._events.exists() else 0
        for file in (self._pack, self._events):
            file.unlink(missing_ok=True)
        return received, sent


def _written(trace: bytes) -> int:
    """The size of the pack that was sent. A local remote's processes, and its hooks, write into the same trace."""
    process = None
    for event in _events(trace):
        if process is None and event.get("event") == "region_enter" and event.get("label") == _WRITING:
            process = event.get("sid")
        if process and event.get("sid") == process and event.get("key") == "total_bytes":
            value = str(event.get("value"))
            return int(value) if re.fullmatch(r"[0-9]{1,15}", value) else 0
    return 0


def _events(trace: bytes) -> Iterator[dict[str, Any]]:
    for line in trace.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield event


class Runner:
    """Runs Git commands, each with a limit of seconds; one that talks to the remote is a phase of its own.

    Args:
        weighed: count the bytes of packs too.
    """

    def __init__(self, scratch: Scratch, *, timeout: float, meter: Meter, weighed: bool = False) -> None:
        self.folder = scratch.path
        self.meter = meter
        self._scratch = scratch
        self._timeout = timeout
        self._traffic = Traffic(scratch.path) if weighed else None

    def run(self, arguments: list[str], *, env: dict[str, str], cwd: Path, given: bytes | None = None) -> Completed:
        """As `run_git`."""
        phase = _PHASES.get(command_of(arguments))
        if phase is None:
            return run_git(arguments, env=env, cwd=cwd, scratch=self._scratch, given=given, timeout=self._timeout)
        if self._traffic:
            env = {**env, **self._traffic.variables(phase)}
            arguments = ["push", "--progress", *arguments[1:]] if phase == "push" else arguments
        with self.meter.phase(phase):
            try:
                done = run_git(arguments, env=env, cwd=cwd, scratch=self._scratch, given=given, timeout=self._timeout)
            finally:
                received, sent = self._traffic.take() if self._traffic else (0, 0)
                self.meter.count(phase, received=received, sent=sent)
        return replace(done, err=without_progress(done.err)) if self._traffic else done


def without_progress(text: str) -> str:
    """What Git and the server said, as they would have without their progress being shown."""
    return "".join(line for line in re.findall(r"[^\r\n]*[\r\n]+|[^\r\n]+", text) if not _PROGRESS.match(line))
