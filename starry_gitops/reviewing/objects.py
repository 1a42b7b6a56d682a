"""The object-level diff of a review: what Argo CD would apply before and after, rendered by Helm."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from starry_gitops.core.context import Context
from starry_gitops.core.findings import Finding
from starry_gitops.core.inventory import preview_names
from starry_gitops.core.manifest import VALUES_FILE
from starry_gitops.core.model import Snapshot
from starry_gitops.core.objects import Object, diff_objects, parse_objects
from starry_gitops.core.review_model import Review
from starry_gitops.core.review_values import masked
from starry_gitops.core.settings import Overlay
from starry_gitops.core.texts import shown
from starry_gitops.errors import InvalidRepository, StarryError
from starry_gitops.gitrepo.ranges import Ends
from starry_gitops.helm import Engine, rendering
from starry_gitops.reviewing.rendering import chart_values, own_chart

_LONGEST_DIFF = 200
# Files of a chart that a change may touch: all of them are written to disk.
_LARGEST_CHART = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectDiff:
    """One preview's objects: the lines that are shown, how many more, or why there are none.

    `by_chart`: the preview's own files do not change, the chart does.
    """

    name: str
    overlay: str
    lines: tuple[str, ...] = ()
    more: int = 0
    problem: str | None = None
    by_chart: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Objects:
    """All that was rendered, what could not be, and how many previews were left out; `problem`: nothing was."""

    diffs: tuple[ObjectDiff, ...] = ()
    left_out: int = 0
    findings: tuple[Finding, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    snapshot: Snapshot
    chart: Path
    value_files: tuple[str, ...]

    def objects(self, overlay: Overlay, name: str, engine: Engine) -> list[Object]:
        """What Argo CD would apply; nothing where there is no such preview."""
        [values] = chart_values(self.snapshot, overlay, [name], chart=self.chart, value_files=self.value_files)
        return [] if values is None else parse_objects(engine(self.chart, values, name), name=name)


def render_review(review: Review, base: Context, ends: Ends, *, chart: Path | None, limit: int) -> Objects:
    """Renders at most `limit` previews. A preview that breaks a rule is left to the rule."""
    wanted = _wanted(review, base)
    if not wanted or not limit:
        return Objects()
    if sum(change.area == "chart" for change in review.platform) > _LARGEST_CHART:
        return Objects(problem="the change of the chart is too large")
    with tempfile.TemporaryDirectory(prefix="starry-") as folder, ExitStack() as stack:
        try:
            engine = stack.enter_context(rendering())
            before, after = _sides(review, base, ends, chart, Path(folder))
        except StarryError as error:
            return Objects(problem=_words(error))
        diffs = [_diff(one, before, after, engine) for one in wanted[:limit]]
    broken = tuple(finding for _, finding in diffs if finding is not None)
    told = tuple(diff for diff, _ in diffs if diff.lines or diff.problem)
    return Objects(diffs=told, left_out=max(len(wanted) - limit, 0), findings=broken)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    overlay: Overlay
    name: str
    by_chart: bool
    breaks_rule: bool = False


def _wanted(review: Review, base: Context) -> list[_Wanted]:
    """What goes is last: all of it goes, as everybody knows."""
    overlays = base.settings.overlays
    wrong = {finding.file.rpartition("/")[0] for finding in review.findings if finding.severity == "error"}
    found = [
        _Wanted(
            overlay=overlays[one.overlay],
            name=one.name,
            by_chart=False,
            breaks_rule=f"{overlays[one.overlay].folder}/{one.name}" in wrong,
        )
        for one in review.previews
    ]
    known = {(one.overlay.name, one.name) for one in found}
    for overlay in overlays.values() if review.chart_changed else ():
        names = (name for name in preview_names(base, overlay) if (overlay.name, name) not in known)
        found += [_Wanted(overlay=overlay, name=name, by_chart=True) for name in names]
    gone = {(one.overlay, one.name) for one in review.previews if one.action == "removed"}
    return sorted(found, key=lambda one: (one.overlay.name, one.name) in gone)


def _sides(review: Review, base: Context, ends: Ends, chart: Path | None, folder: Path) -> tuple[_Side, _Side]:
    """The chart is the base's on both sides, unless the change is one of the chart."""
    settings = base.settings.chart
    old = chart or own_chart(ends.fork, settings, folder / "before")
    new = own_chart(ends.head, settings, folder / "after") if review.chart_changed and chart is None else old
    before = _Side(snapshot=ends.fork, chart=old, value_files=settings.value_files)
    return before, _Side(snapshot=ends.head, chart=new, value_files=settings.value_files)


def _diff(one: _Wanted, before: _Side, after: _Side, engine: Engine) -> tuple[ObjectDiff, Finding | None]:
    name, overlay = one.name, one.overlay
    if one.breaks_rule:
        return ObjectDiff(name=name, overlay=overlay.name, problem="not rendered: it breaks a rule"), None
    old, was_broken = list[Object](), False
    try:
        old = before.objects(overlay, name, engine)
    except InvalidRepository:
        was_broken = True
    try:
        return _bounded(one, diff_objects(old, after.objects(overlay, name, engine))), None
    except InvalidRepository as error:
        told = ObjectDiff(name=name, overlay=overlay.name, problem=_words(error), by_chart=one.by_chart)
        file = f"{overlay.folder}/{name}/{VALUES_FILE}"
        finding = Finding(rule="render", file=file, line=error.line, message=masked(error.bare_message))
        return told, None if was_broken else finding


def _bounded(one: _Wanted, lines: Iterator[str]) -> ObjectDiff:
    kept = tuple(masked(shown(line)) for line in islice(lines, _LONGEST_DIFF))
    more = sum(1 for _ in lines)
    return ObjectDiff(name=one.name, overlay=one.overlay.name, lines=kept, more=more, by_chart=one.by_chart)


def _words(error: StarryError) -> str:
    hint = f" ({error.hint})" if error.hint else ""
    return masked(shown(f"{error.message}{hint}"))
