"""Renders a chart with the real Helm engine: the Python SDK where it is installed, else a `helm` program on PATH."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from starry_gitops.core.model import Snapshot
from starry_gitops.errors import InvalidRepository, StarryError, UsageFault

Engine = Callable[[Path, Mapping[str, Any], str], str]
"""From a chart's folder, the merged values and the release's name (also its namespace) to the manifests' text."""

_LIMIT = 120.0


def find_engine() -> Engine:
    """The engine to render with.

    Raises:
        StarryError: there is none.
    """
    try:
        import helm_python  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        if shutil.which("helm"):
            return _render_by_program
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


def _render_by_program(chart: Path, values: Mapping[str, Any], name: str) -> str:
    command = ["helm", "template", name, str(chart), "--namespace", name, "--values", "-"]
    done = subprocess.run(
        command, input=json.dumps(values), capture_output=True, text=True, timeout=_LIMIT, check=False
    )
    if done.returncode:
        raise _refusal(name, done.stderr)
    return done.stdout


def _refusal(name: str, words: str) -> InvalidRepository:
    """Argo CD would show the same as a ComparisonError."""
    return InvalidRepository(f"Helm cannot render {name}: {' '.join(words.split())[:700]}", hint="mend its values.yaml")
