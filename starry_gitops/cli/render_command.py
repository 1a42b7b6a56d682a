"""`starry render`."""

import tempfile
from pathlib import Path
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, source_options
from starry_gitops.cli.output import emit
from starry_gitops.core.context import Context
from starry_gitops.core.inventory import preview_names
from starry_gitops.core.model import Snapshot, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.objects import Object, diff_objects, label, parse_objects
from starry_gitops.core.parameters import parse_source
from starry_gitops.core.settings import Overlay
from starry_gitops.core.yaml_output import harmless_yaml
from starry_gitops.errors import NotFound, UsageFault
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.helm import Engine, load_engine, rendering
from starry_gitops.reviewing.rendering import chart_values, own_chart
from starry_gitops.service import current_time, make_context, open_repository


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
    cloned = open_repository(options.target(), whole=True, meanwhile=load_engine)
    with cloned as repository, tempfile.TemporaryDirectory() as folder:
        context = _context(repository, repository.snapshot())
        overlay = context.settings.overlay(options.overlay)
        names = _names(context, overlay, source, everything=values["everything"])
        rendered = _render(context, overlay, chart, Path(folder) / "after", names, repository.meter)
        if values["revision"] is not None:
            old = _context(repository, repository.snapshot_of(values["revision"]))
            there = old.settings.overlay(options.overlay)
            before = _render(old, there, chart, Path(folder) / "before", names, repository.meter)
    if values["revision"] is None:
        _refuse_absent(rendered, overlay)
        _show(options, rendered, everything=values["everything"])
    else:
        _show_diff(options, {name: list(diff_objects(before[name], rendered[name])) for name in names})


def _context(repository: AppsRepository, snapshot: Snapshot) -> Context:
    return make_context(snapshot, repository.remote, current_time())


def _names(context: Context, overlay: Overlay, source: Source, *, everything: bool) -> list[str]:
    if everything:
        return preview_names(context, overlay)
    return [resolve_name(source, context.settings, overlay)]


def _refuse_absent(rendered: dict[str, list[Object]], overlay: Overlay) -> None:
    for name, objects in rendered.items():
        if not objects:
            raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")


def _render(
    context: Context, overlay: Overlay, chart: Path | None, target: Path, names: list[str], meter: Meter
) -> dict[str, list[Object]]:
    """The objects of one revision's previews; one that is not there has none. Helm works on several at once."""
    rendered: dict[str, list[Object]] = {}
    with rendering() as engine:
        place = chart or own_chart(context.snapshot, context.settings.chart, target)

        def objects_of(engine: Engine, item: tuple[str, dict[str, Any] | None]) -> list[Object]:
            name, values = item
            return [] if values is None else parse_objects(engine(place, values, name), name=name)

        value_files = context.settings.chart.value_files
        merged = chart_values(context.snapshot, overlay, names, chart=place, value_files=value_files)
        made = engine.map(objects_of, zip(names, merged, strict=True))
        for number, (name, objects) in enumerate(zip(names, made, strict=True), 1):
            rendered[name] = objects
            meter.tell(number, len(names), "previews")
    return rendered


def _show(options: Options, rendered: dict[str, list[Object]], *, everything: bool) -> None:
    items = [{"name": name, "objects": objects} for name, objects in rendered.items()]
    table = (line for objects in rendered.values() for line in harmless_yaml(objects).splitlines())
    names = (label(thing) for objects in rendered.values() for thing in objects)
    emit(options, items if everything else items[0], table=table, names=names)


def _show_diff(options: Options, differences: dict[str, list[str]]) -> None:
    items = [{"name": name, "diff": lines} for name, lines in differences.items()]
    table = (line for name, lines in differences.items() if lines for line in (f"{name}:", *lines))
    emit(options, items, table=table, names=(name for name, lines in differences.items() if lines))
