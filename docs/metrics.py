"""Every metric that Starry writes, as docs/observability.md shows it.

The metrics are asked of the code that writes them, with nothing in it, so no name and no meaning is said twice.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace

from docs.markdown import table
from starry_gitops.cli.apply_command import _gauges as apply_gauges
from starry_gitops.cli.gc_metrics import gc_gauges
from starry_gitops.cli.metrics import Gauge, Run
from starry_gitops.cli.sync_command import _gauges as sync_gauges

_HELP = re.compile(r"^# HELP (?P<name>\S+) (?P<meaning>.+)\n# TYPE \S+ (?P<kind>\w+)$", re.MULTILINE)


def _rows(command: str, gauges: Iterable[Gauge]) -> list[tuple[str, str]]:
    return [_row(f"starry_{command}_{gauge.name}", gauge.meaning) for gauge in gauges]


def _row(name: str, meaning: str) -> tuple[str, str]:
    return f"`{name}`", meaning


def run_rows(command: str) -> list[tuple[str, str]]:
    """What every run tells of itself."""
    text = Run(command).text(now=0.0, succeeded=0.0)
    return [_row(found["name"], found["meaning"]) for found in _HELP.finditer(text)]


def _of_gc() -> str:
    return table(("metric", "meaning"), iter([*_rows("gc", gc_gauges((), landed=True)), *run_rows("gc")]))


def _of_apply() -> str:
    answer = SimpleNamespace(results=(), failures=(), spared=())
    return table(("metric", "meaning"), iter([*_rows("apply", apply_gauges(answer)), *run_rows("apply")]))


def _of_sync() -> str:
    answer = SimpleNamespace(names=lambda _: (), kept=0, skipped=(), repositories=())
    return table(("metric", "meaning"), iter([*_rows("sync", sync_gauges(answer)), *run_rows("sync")]))


def _of_web() -> str:
    from starry_gitops.web.metrics import Metrics  # noqa: PLC0415 - needs the extra
    from starry_gitops.web.ops import _series  # noqa: PLC0415

    view = SimpleNamespace(settings=SimpleNamespace(overlays={}))
    reader = SimpleNamespace(failure=None, age=0, followers=(), view=lambda: view)
    text = Metrics().text(*_series(reader))
    rows = ((*_row(found["name"], found["meaning"]), found["kind"]) for found in _HELP.finditer(text))
    return table(("metric", "meaning", "kind"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "metrics-gc": _of_gc,
    "metrics-apply": _of_apply,
    "metrics-sync": _of_sync,
    "metrics-web": _of_web,
}
