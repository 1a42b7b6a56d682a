"""Renders a chart with the real Helm engine: the Python SDK where it is installed, else a `helm` program on PATH."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from starry_gitops.core.model import Snapshot
from starry_gitops.core.texts import printable
from starry_gitops.errors import Interrupted, InvalidRepository, StarryError, UsageFault

Engine = Callable[[Path, Mapping[str, Any], str], str]
"""From a chart's folder, the merged values and the release's name (also its namespace) to the manifests' text."""

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

# A rendering takes less than a second: within this time, in seconds, it ends or never will.
_LIMIT = 120.0
_HINT = "mend its values.yaml"
# Seconds: so long a signal may go unheard.
_HEARING = 0.5


def find_engine(seconds: float = _LIMIT) -> Engine:
    """The engine to render with. A `helm` program gets so many seconds for one rendering.

    The engine raises `InvalidRepository` where it cannot render.

    Raises:
        StarryError: there is none.
    """
    try:
        import helm_python  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        if shutil.which("helm"):
            return _Program(seconds)
        hint = "install the extra (pip install 'starry-gitops[helm]'), or put helm on PATH"
        raise StarryError("no Helm engine to render with", hint=hint) from None
    return _render_by_sdk


class Rendering:
    """An engine that works in threads of its own: a signal ends what waits for them, and never strikes within them."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._threads = threads

    def __call__(self, chart: Path, values: Mapping[str, Any], name: str) -> str:
        """As an engine does it."""
        return _outcome(self._threads.submit(self._engine, chart, values, name))

    def map(self, make: Callable[[Engine, _Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
        """What is made of each item, in their order; several at once."""
        return map(_outcome, [self._threads.submit(make, self._engine, item) for item in items])


@contextmanager
def rendering() -> Iterator[Rendering]:
    """An engine; at the end no program of it runs any more, whatever its threads are at.

    Raises:
        StarryError: there is none.
    """
    engine = find_engine()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        try:
            yield Rendering(engine, threads)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            if isinstance(engine, _Program):
                engine.stop()


def _outcome(future: Future[_Made]) -> _Made:
    """Waits little by little: a signal that comes just before, or that another thread gets, does not end a waiting."""
    while not future.done():
        wait((future,), timeout=_HEARING)
    return future.result()


def load_engine() -> None:
    """Loads the engine's library ahead of time; whether there is one, `find_engine` says."""
    with suppress(ImportError):
        import helm_python  # noqa: F401, PLC0415 - an optional extra


def write_chart(snapshot: Snapshot, folder: str, target: Path) -> Path:
    """Writes the chart's regular files to disk, where Helm wants them.

    Raises:
        UsageFault: there is no chart in that folder.
    """
    paths = [path for path, entry in snapshot.walk(folder) if entry.kind == "file"]
    files = snapshot.read_many(paths)
    if f"{folder}/Chart.yaml" not in files:
        raise UsageFault(f"no chart at {folder} in the apps repository", hint="check chart.path, or give --chart DIR")
    for path, data in files.items():
        place = target / path.removeprefix(f"{folder}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return target


def _render_by_sdk(chart: Path, values: Mapping[str, Any], name: str) -> str:
    import helm_python  # noqa: PLC0415 - an optional extra

    try:
        rendered = _loaded(chart).render(dict(values), name=name, namespace=name)
    except helm_python.HelmError as error:
        raise _refusal(name, str(getattr(error, "detail", error))) from None
    texts = (text for path, text in sorted(rendered.items()) if not path.endswith("NOTES.txt"))
    return "\n---\n".join(texts)


@cache
def _loaded(chart: Path) -> Any:
    import helm_python  # noqa: PLC0415 - an optional extra

    return helm_python.Chart.load(chart)


class _Program:
    """`helm template`, which gets so many seconds; each in a session of its own, so that it ends with its children."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_over = False
        self._lock = Lock()

    def __call__(self, chart: Path, values: Mapping[str, Any], name: str) -> str:
        process = self._start(["helm", "template", name, str(chart), "--namespace", name, "--values", "-"])
        try:
            out, err = process.communicate(json.dumps(values).encode(), timeout=self._seconds)
        except subprocess.TimeoutExpired:
            hint = "run `helm template` on its chart and values.yaml by hand: a template may loop, or a plugin wait"
            raise _refusal(name, f"it has not ended within {self._seconds:g} s", hint=hint) from None
        finally:
            with self._lock:
                self._running.discard(process)
            _end(process)
        if process.returncode:
            raise _refusal(name, err.decode(errors="replace").strip() or f"exit {process.returncode}")
        try:
            return out.decode()
        except UnicodeDecodeError:
            raise _refusal(name, "its output is no UTF-8") from None

    def stop(self) -> None:
        """Ends all that run, and starts none any more."""
        with self._lock:
            self._is_over = True
            for process in self._running:
                _kill(process)

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._is_over:
                raise Interrupted("interrupted", hint="run the command again")
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
            self._running.add(process)
            return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends it, if it still runs. Nobody waits for what its children may still write."""
    _kill(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends it and its children. While nobody has asked how it ended, its number is nobody else's."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _refusal(name: str, words: str, *, hint: str = _HINT) -> InvalidRepository:
    """Argo CD would show the same as a ComparisonError."""
    return InvalidRepository(f"Helm cannot render {name}: {' '.join(printable(words).split())[:700]}", hint=hint)
