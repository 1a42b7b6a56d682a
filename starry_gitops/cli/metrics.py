"""What a scheduled run leaves for Prometheus: a text file, as the node exporter's textfile collector reads it."""

import logging
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from starry_gitops.cli.options import Options, StarryOption
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.meter import Meter

log = logging.getLogger("starry")

# 9: everything was handled, but for previews that are broken and reported as such.
_SUCCESS = frozenset({0, 9})
_INTERRUPTED = 130
_USAGE = 2
# Bytes; a file of ours is far smaller.
_LARGEST = 1_000_000
_SUCCEEDED = "last_success_timestamp_seconds"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauge:
    """One metric: its name without `starry_<command>_`, what it means, and a value for each set of labels."""

    name: str
    meaning: str
    samples: Sequence[tuple[Mapping[str, str], float]]


class Run:
    """What one run tells of itself. The command sets `exit_code`, `commit` and `gauges` as soon as it knows them."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.meter = Meter()
        self.gauges: tuple[Gauge, ...] = ()
        self.exit_code = 0
        self.commit: str | None = None

    def text(self, *, now: float, succeeded: float | None) -> str:
        """The file's content. `now` and `succeeded`, when a run last succeeded before, are seconds since 1970."""
        succeeded = now if self.exit_code in _SUCCESS else succeeded
        pushes = self.meter.costs()["push"].round_trips
        gauges = [
            *self.gauges,
            single("push_attempts", "How often the last run tried to push.", pushes),
            single("duration_seconds", "How long the last run took.", self.meter.seconds()),
            single("exit_code", "The last run's exit code.", self.exit_code),
            single("last_run_timestamp_seconds", "When the last run ended.", now),
        ]
        if succeeded is not None:
            gauges.append(single(_SUCCEEDED, "When a run last ended with exit code 0 or 9.", succeeded))
        return "".join(line for gauge in gauges for line in _lines(f"starry_{self.command}_{gauge.name}", gauge))


def metrics_option(command: Any) -> Any:
    """Adds where the metrics go."""
    decorate = click.option(
        "--metrics-file",
        cls=StarryOption,
        metavar="FILE",
        help="Write what the run did as Prometheus metrics, also when it fails.",
    )
    return decorate(command)


@contextmanager
def recorded(command: str, file: str | None, options: Options) -> Iterator[Run]:
    """The block is one run; at its end the metrics are written, however it ends. A dry run writes none.

    Raises:
        StarryError: the file cannot be written. What the run did stands.
    """
    run = Run(command)
    path = None if file is None or options.dry_run else Path(file)
    try:
        yield run
    except BaseException as error:
        run.exit_code = _exit_code(error)
        try:
            _write(run, path)
        except StarryError as fault:  # the run's own failure is what the caller must see
            log.error("%s", fault.message, extra={"event": "metrics"})  # noqa: TRY400 - no traceback for people
        raise
    _write(run, path)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, StarryError):
        return error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return _INTERRUPTED
    return _USAGE if isinstance(error, click.ClickException) else 1


def single(name: str, meaning: str, value: float) -> Gauge:
    """A metric without labels."""
    return Gauge(name=name, meaning=meaning, samples=[({}, value)])


def _lines(name: str, gauge: Gauge) -> Iterator[str]:
    if not gauge.samples:
        return
    yield f"# HELP {name} {gauge.meaning}\n"
    yield f"# TYPE {name} gauge\n"
    for labels, value in gauge.samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        number = str(value) if isinstance(value, int) else f"{value:.3f}"
        yield f"{name}{{{inside}}} {number}\n" if inside else f"{name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _write(run: Run, path: Path | None) -> None:
    if path is None:
        return
    try:
        now = time.time()
        text = run.text(now=now, succeeded=_last_success(path, run.command, now))
        _replace(path, text.encode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        hint = f"what the run did stands, in commit {run.commit}" if run.commit else "what the run did stands"
        raise StarryError(f"--metrics-file {path}: cannot be written: {reason}", hint=hint) from None


def _last_success(path: Path, command: str, now: float) -> float | None:
    """What the file that is there says of an earlier run. It may hold anything: what is not plainly that is not it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(_LARGEST) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    pattern = rb"^starry_%b_%b ([0-9]{1,12}(?:\.[0-9]{1,9})?)$" % (command.encode(), _SUCCEEDED.encode())
    found = re.search(pattern, data, re.MULTILINE)
    seconds = float(found[1]) if found else None
    # A time to come would keep an alert silent for as long.
    return seconds if seconds is not None and seconds <= now else None


def _replace(path: Path, data: bytes) -> None:
    """Puts the new file in place as a whole; a reader sees the old one or the new one."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ValueError("it is not a regular file")
    # The collector reads *.prom: the name of the file in the making must not end so.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o644)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
