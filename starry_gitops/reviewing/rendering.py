"""What Helm gets for a preview: the chart, and its values with the preview's laid over them."""

from pathlib import Path
from typing import Any

from starry_gitops.core.chart_schema import merge_values
from starry_gitops.core.context import folder_of
from starry_gitops.core.manifest import VALUES_FILE
from starry_gitops.core.model import Snapshot
from starry_gitops.core.settings import Chart, Overlay
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import UsageFault
from starry_gitops.helm import write_chart


def chart_values(
    snapshot: Snapshot, overlay: Overlay, names: list[str], *, chart: Path, value_files: tuple[str, ...]
) -> list[dict[str, Any] | None]:
    """The chart's values with each preview's laid over them; None where there is no such preview."""
    defaults = _defaults(chart, value_files)
    paths = [f"{folder_of(overlay, name)}/{VALUES_FILE}" for name in names]
    files = snapshot.read_many(paths)
    return [_merged(defaults, files[path], path) if path in files else None for path in paths]


def _merged(defaults: list[object], data: bytes, file: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in (*defaults, plain(parse_document(data, file=file))):
        merged = merge_values(merged, layer if isinstance(layer, dict) else {})
    return merged


def _defaults(chart: Path, files: tuple[str, ...]) -> list[object]:
    """The chart's own values files. Merging changes none of them."""
    present = [file for file in files if (chart / file).is_file()]
    return [plain(parse_document((chart / file).read_bytes(), file=file)) for file in present]


def own_chart(snapshot: Snapshot, chart: Chart, target: Path) -> Path:
    """Writes the chart that the apps repository keeps to disk.

    Raises:
        UsageFault: it keeps none.
    """
    if chart.repo_url is not None:
        raise UsageFault("the chart is kept elsewhere", hint=f"clone {chart.repo_url} and give --chart DIR")
    return write_chart(snapshot, chart.path, target)
