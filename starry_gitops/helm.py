"""Renders a chart with the real Helm engine: the Python SDK where it is installed, else a `helm` program on PATH."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from starry_gitops.core.model import Snapshot
from starry_gitops.core.texts import printable
from starry_gitops.errors import InvalidRepository, StarryError, UsageFault

Engine = Callable[[Path, Mapping[str, Any], str], str]
"""From a chart's folder, the merged values and the release's name (also its namespace) to the manifests' text."""

# A rendering takes less than a second: within this time, in seconds, it ends or never will.
_LIMIT = 120.0
_HINT = "mend its values.yaml"


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
            return partial(_render_by_program, seconds=seconds)
        hint = "install the extra (pip install 'starry-gitops[helm]'), or put helm on PATH"
        raise StarryError("no Helm engine to render with", hint=hint) from None
    return _render_by_sdk


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


def _render_by_program(chart: Path, values: Mapping[str, Any], name: str, *, seconds: float) -> str:
    command = ["helm", "template", name, str(chart), "--namespace", name, "--values", "-"]
    given = json.dumps(values).encode()
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        hint = "run `helm template` on its chart and values.yaml by hand: a template may loop, or a plugin wait"
        raise _refusal(name, f"it has not ended within {seconds:g} s", hint=hint) from None
    if done.returncode:
        raise _refusal(name, done.stderr.decode(errors="replace").strip() or f"exit {done.returncode}")
    try:
        return done.stdout.decode()
    except UnicodeDecodeError:
        raise _refusal(name, "its output is no UTF-8") from None


def _refusal(name: str, words: str, *, hint: str = _HINT) -> InvalidRepository:
    """Argo CD would show the same as a ComparisonError."""
    return InvalidRepository(f"Helm cannot render {name}: {' '.join(printable(words).split())[:700]}", hint=hint)
