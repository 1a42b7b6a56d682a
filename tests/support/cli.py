"""Run `starry` as a user does: in this process where that is enough (fast), as a real process where it is not."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import starry_gitops

ROOT = Path(starry_gitops.__file__).resolve().parent.parent
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)

    def error(self) -> dict[str, str]:
        """The error object on standard error, which only progress may precede and nothing may follow."""
        assert "Traceback" not in self.err, self.err
        lines = self.err.splitlines()
        start = next((number for number, line in enumerate(lines) if line.startswith("{")), None)
        assert start is not None, f"no JSON error: {self.err!r}"
        found: dict[str, str] = json.loads("\n".join(lines[start:]))["error"]
        return found


def run(
    *args: str,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    stdin: str = "",
) -> Result:
    """Run the program inside this process."""
    from starry_gitops.cli import main  # noqa: PLC0415 - importing it is part of what is tested

    with _surroundings(cwd, env or {}), _streams(stdin) as (out, err):
        code = main(list(args))
    return Result(code=code, out=_text(out), err=_text(err))


def spawn(
    *args: str,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
) -> subprocess.Popen[str]:
    """Start the program as a real process in its own session, so that a test can signal it alone."""
    return subprocess.Popen(
        [sys.executable, "-m", "starry_gitops", *args],
        cwd=cwd,
        env=_environment({"PYTHONPATH": str(ROOT), **(env or {})}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Result:
    """Wait for a spawned process; a process that a signal ended has the negative signal number as code."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Result(code=process.returncode, out=out, err=err)


def run_process(
    *args: str,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout: float = 60,
) -> Result:
    """`spawn` and `finish`."""
    return finish(spawn(*args, cwd=cwd, env=env), timeout)


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    merged: dict[str, str | None] = {**os.environ, **changes}
    return {key: value for key, value in merged.items() if value is not None}


@contextmanager
def _surroundings(cwd: Path | None, env: Mapping[str, str | None]) -> Iterator[None]:
    before, folder = dict(os.environ), Path.cwd()
    handlers = [(number, signal.getsignal(number)) for number in _SIGNALS]
    changed = _environment(env)
    os.environ.clear()
    os.environ.update(changed)
    if cwd is not None:
        os.chdir(cwd)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)
        for number, handler in handlers:
            signal.signal(number, handler)


@contextmanager
def _streams(stdin: str) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    before = sys.stdin, sys.stdout, sys.stderr
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    sys.stdin, sys.stdout, sys.stderr = given, out, err
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
