"""`starry render`."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, source_options
from starry_gitops.cli.output import emit
from starry_gitops.cli.parameters import parse_source
from starry_gitops.core.chart_schema import merge_values
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.inventory import preview_names
from starry_gitops.core.model import Snapshot, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.objects import Object, as_yaml, diff_objects, label, parse_objects
from starry_gitops.core.settings import Overlay
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import NotFound, UsageFault
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.helm import find_engine, write_chart
from starry_gitops.service import current_time, make_context, open_repository

Rendering = Callable[[str], list[Object]]


@click.command("render", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.option("--all", "everything", cls=StarryOption, is_flag=True, help="All previews of the overlay.")
@click.option(
    "--diff", "revision", cls=StarryOption, metavar="REV", help="Only what differs from a branch, tag or commit."
)
@click.option("--chart", cls=StarryOption, metavar="DIR", help="The chart, when the apps repository does not hold it.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Show the objects that Argo CD would apply for a preview, rendered by Helm; secrets are hidden.

    Needs the extra: pip install 'starry-gitops[helm]', or helm on PATH.

    \b
    Example:
      starry render preview-123 --diff main
    """
    start_log(options)
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    if values["everything"] and source != Source():
        raise UsageFault("give a preview or --all, not both")
    chart = None if values["chart"] is None else Path(values["chart"])
    with open_repository(options.target(), whole=True) as repository, tempfile.TemporaryDirectory() as folder:
        context = _context(repository, repository.snapshot())
        overlay = context.settings.overlay(options.overlay)
        names = _told(_names(context, overlay, source, everything=values["everything"]), repository.meter)
        after = _rendering(context, overlay, chart, Path(folder) / "after")
        if values["revision"] is None:
            rendered = {name: _existing(after, name, overlay) for name in names}
        else:
            old = _context(repository, repository.snapshot_of(values["revision"]))
            before = _rendering(old, old.settings.overlay(options.overlay), chart, Path(folder) / "before")
            differences = {name: list(diff_objects(before(name), after(name))) for name in names}
    if values["revision"] is None:
        _show(options, rendered, everything=values["everything"])
    else:
        _show_diff(options, differences)


def _told(names: list[str], meter: Meter) -> Iterator[str]:
    """The names; whoever watches sees how far it is."""
    for number, name in enumerate(names, 1):
        meter.tell(number, len(names), "previews")
        yield name


def _context(repository: AppsRepository, snapshot: Snapshot) -> Context:
    return make_context(snapshot, repository.remote, current_time())


def _names(context: Context, overlay: Overlay, source: Source, *, everything: bool) -> list[str]:
    if everything:
        return preview_names(context, overlay)
    return [resolve_name(source, context.settings, overlay)]


def _existing(rendering: Rendering, name: str, overlay: Overlay) -> list[Object]:
    objects = rendering(name)
    if not objects:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    return objects


def _rendering(context: Context, overlay: Overlay, chart: Path | None, target: Path) -> Rendering:
    """Renders previews of one revision; a preview that is not there has no objects."""
    engine = find_engine()
    place = chart or _own_chart(context, target)
    files = context.settings.chart.value_files
    defaults = [
        plain(parse_document((place / file).read_bytes(), file=file)) for file in files if (place / file).is_file()
    ]

    def render(name: str) -> list[Object]:
        existing = find_existing(context, overlay, name)
        if existing is None:
            return []
        merged: dict[str, Any] = {}
        for layer in (*defaults, plain(existing.values_node)):
            merged = merge_values(merged, layer if isinstance(layer, dict) else {})
        return parse_objects(engine(place, merged, name), name=name)

    return render


def _own_chart(context: Context, target: Path) -> Path:
    chart = context.settings.chart
    if chart.repo_url is not None:
        raise UsageFault("the chart is kept elsewhere", hint=f"clone {chart.repo_url} and give --chart DIR")
    return write_chart(context.snapshot, chart.path, target)


def _show(options: Options, rendered: dict[str, list[Object]], *, everything: bool) -> None:
    items = [{"name": name, "objects": objects} for name, objects in rendered.items()]
    table = (line for objects in rendered.values() for line in as_yaml(objects).splitlines())
    names: Iterable[str] = (label(thing) for objects in rendered.values() for thing in objects)
    emit(options, items if everything else items[0], table=table, names=names)


def _show_diff(options: Options, differences: dict[str, list[str]]) -> None:
    items = [{"name": name, "diff": lines} for name, lines in differences.items()]
    table = (line for name, lines in differences.items() if lines for line in (f"{name}:", *lines))
    emit(options, items, table=table, names=(name for name, lines in differences.items() if lines))
