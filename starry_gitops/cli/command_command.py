"""`starry command`."""

from typing import Any, get_args

import click

from starry_gitops.cli.ci_output import find_pipeline, pipeline_options, tell_results
from starry_gitops.cli.comment_options import comment_options
from starry_gitops.cli.input_file import read_input
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, writing_options
from starry_gitops.cli.output import emit
from starry_gitops.core.images import parse_image
from starry_gitops.core.parameters import parse_text, parse_ttl
from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.core.texts import printable
from starry_gitops.forges.webhooks import parse_event
from starry_gitops.service import current_time
from starry_gitops.shapes import result_data, with_outcome
from starry_gitops.talking.obeying import Order, obey
from starry_gitops.talking.talk import Obeyed


@click.command("command", cls=StarryCommand)
@click.argument("name", required=False)
@click.option("--event", cls=StarryOption, required=True, metavar="FILE|-", help="The webhook's payload, as JSON.")
@click.option(
    "--kind",
    cls=StarryOption,
    type=click.Choice(get_args(ForgeKind)),
    metavar="github|gitlab|gitea",
    help="Which forge's. Default: the payload tells.",
)
@click.option(
    "--image",
    "images",
    cls=StarryOption,
    multiple=True,
    metavar="COMPONENT=TAG",
    help="What /preview deploys. Default: by sync.repositories in starry.yaml. May be repeated.",
)
@click.option("--commit", cls=StarryOption, metavar="SHA", help="Refuse /preview when the head is another commit.")
@comment_options
@pipeline_options
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Do what a comment on a pull request asks for: /preview, /preview extend 2h, /preview pin, /preview delete.

    Whoever wrote it must be allowed to write to the repository: the forge is asked. What is refused is said
    below the pull request, and exits 0. NAME may be left out: preview-N, or as sync names it.

    \b
    Example:
      starry command --event "$GITHUB_EVENT_PATH" --image backend=pr-123-abcd123
    """
    start_log(options)
    event = parse_event(read_input(values["event"]), values["kind"])
    order = Order(
        name=values["name"],
        overlay=options.overlay,
        images=tuple(parse_image(text) for text in values["images"]),
        commit=parse_text("--commit", values["commit"]),
        component_repos=values["component_repos"],
        warn=parse_ttl(values["warn_before"], "--warn-before") or 0,
        status=values["status"],
    )
    target = options.writing_target(values)
    pipeline = find_pipeline(values)
    obeyed = obey(event, order, target, current_time())
    data = _data(obeyed)
    emit(options, data, table=_table(obeyed), names=[obeyed.outcome.answer.name] if obeyed.outcome else [])
    if data["preview"] is not None:
        tell_results(pipeline, [data["preview"]])


def _data(obeyed: Obeyed) -> dict[str, Any]:
    outcome = obeyed.outcome
    return {
        "action": obeyed.action,
        "reason": None if obeyed.reason is None else printable(obeyed.reason),
        "command": obeyed.command,
        "author": obeyed.author,
        "pullRequest": obeyed.url,
        "comment": obeyed.told.kept.action if obeyed.told else "none",
        "preview": with_outcome(result_data(outcome.answer, outcome), outcome) if outcome else None,
    }


def _table(obeyed: Obeyed) -> list[str]:
    if obeyed.outcome and obeyed.outcome.diff:
        return obeyed.outcome.diff.rstrip("\n").split("\n")
    what = f"{obeyed.command} of {obeyed.author}: " if obeyed.command else ""
    return [f"{what}{obeyed.action}{f', {obeyed.reason}' if obeyed.reason else ''}"]
