"""`starry comment`."""

from datetime import timedelta
from typing import Any

import click

from starry_gitops.cli.comment_options import comment_options
from starry_gitops.cli.comment_output import row_cells, row_data
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, all_overlays_option
from starry_gitops.cli.output import columns, emit
from starry_gitops.core.component_repositories import ComponentRepositories
from starry_gitops.core.parameters import parse_source, parse_ttl
from starry_gitops.core.texts import counted
from starry_gitops.errors import UsageFault
from starry_gitops.forges.telling import Manner
from starry_gitops.service import current_time, load_settings, open_repository
from starry_gitops.shapes import instant
from starry_gitops.talking.rounds import Rounds
from starry_gitops.talking.row import Scope
from starry_gitops.talking.single import comment_one
from starry_gitops.talking.tellers import finder

_SKIPPED = 9


@click.command("comment", cls=StarryCommand)
@click.argument("name", required=False)
@click.option("--pr", cls=StarryOption, metavar="URL", help="The pull request, in the component's repository.")
@click.option(
    "--all", "everything", cls=StarryOption, is_flag=True, help="Refresh the comments of all previews, as a schedule."
)
@click.option(
    "--look-back",
    cls=StarryOption,
    metavar="DURATION",
    default="6h",
    show_default=True,
    help="How long after a preview is gone its last word may come.",
)
@comment_options
@all_overlays_option
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Keep one comment on a pull request that tells of its preview: URLs, images, expiry, how to extend it.

    NAME may be left out: preview-N. --all is for a schedule: it warns before expiry, and has a last word on
    what is gone; exit 9: some could not be told. --dry-run prints the comment.

    \b
    Example:
      starry comment --pr https://github.com/myorg/sample-be/pull/123
    """
    start_log(options)
    if values["everything"] == (values["pr"] is not None):
        raise UsageFault("give --pr, or --all", hint="e.g. --pr https://github.com/myorg/sample-be/pull/123")
    if values["everything"]:
        return _all(options, values)
    _one(options, values)
    return 0


def _manner(options: Options, values: dict[str, Any]) -> Manner:
    return Manner(now=current_time(), status=values["status"], dry_run=options.dry_run)


def _one(options: Options, values: dict[str, Any]) -> None:
    source, manner = parse_source(values["name"], values["pr"], None), _manner(options, values)
    if source.pull_request is None or source.pull_request.url is None:
        raise UsageFault("--pr must be the pull request's URL", hint="as a browser shows it")
    with open_repository(options.target()) as repository:
        find = finder(load_settings(repository.snapshot()), manner, options.timeout)
        row = comment_one(repository, find, source, _scope(options, values, manner))
    name, what = row.notice.name, f"comment {row.told.kept.action}, {row.notice.state}"
    table = row.told.text.rstrip("\n").split("\n") if options.dry_run else [f"{name}: {what}"]
    emit(options, row_data(row, with_text=options.dry_run), table=table, names=[name])


def _all(options: Options, values: dict[str, Any]) -> int:
    if values["name"] is not None:
        raise UsageFault("--all is for all previews", hint="leave NAME out")
    manner = _manner(options, values)
    with open_repository(options.target(), whole=True) as repository:
        settings = load_settings(repository.snapshot())
        known = ComponentRepositories(settings, values["component_repos"])
        find = finder(settings, manner, options.timeout)
        rounds = Rounds(repository, find, known, _scope(options, values, manner))
        rounds.run()
    data = {
        "now": instant(manner.now),
        "comments": [row_data(row, with_text=options.dry_run) for row in rounds.rows],
        "skipped": [{"name": one.name, "reason": one.reason} for one in rounds.skipped],
        "dryRun": options.dry_run,
    }
    table = columns(("NAME", "OVERLAY", "STATE", "COMMENT", "PULL REQUEST"), [row_cells(row) for row in rounds.rows])
    table += [f"skipped {one.name}: {one.reason}" for one in rounds.skipped]
    table.append(f"{counted(len(rounds.rows), 'comment')} looked after, {len(rounds.skipped)} skipped")
    emit(options, data, table=table, names=[row.notice.name for row in rounds.rows])
    return _SKIPPED if rounds.skipped else 0


def _scope(options: Options, values: dict[str, Any], manner: Manner) -> Scope:
    return Scope(
        now=manner.now,
        since=manner.now - timedelta(minutes=parse_ttl(values["look_back"], "--look-back") or 0),
        warn=parse_ttl(values["warn_before"], "--warn-before") or 0,
        overlay=options.overlay,
        everywhere=values["all_overlays"],
    )
