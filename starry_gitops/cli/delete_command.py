"""`starry delete`."""

from typing import Any

import click

from starry_gitops.cli.ci_output import find_pipeline, pipeline_options
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, source_options, writing_options
from starry_gitops.cli.output import emit_removals
from starry_gitops.core.parameters import parse_source
from starry_gitops.core.proposal import branch_of_many
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.errors import UsageFault
from starry_gitops.publishing import publish


@click.command("delete", cls=StarryCommand)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@source_options
@click.option("--must-exist", cls=StarryOption, is_flag=True, help="Exit 3 when one is not there.")
@pipeline_options
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Remove previews in one commit; one that is not there is `absent`, which is success.

    \b
    Example:
      starry delete preview-123 preview-124
    """
    start_log(options)
    names: tuple[str, ...] = values["names"]
    if names and (values["pr"] is not None or values["source_branch"] is not None):
        raise UsageFault("give names, or --pr or --source-branch, not both")
    singles = names or (None,)
    sources = tuple(parse_source(name, values["pr"], values["source_branch"]) for name in singles)
    intent = Remove(sources=sources, overlay=options.overlay, must_exist=values["must_exist"])
    target = options.writing_target(values)
    pipeline = find_pipeline(values)
    naming = branch_of_many(intent.sources, intent.overlay)
    outcome = publish(target, lambda context: plan_remove(intent, context), proposal=naming)
    emit_removals(options, outcome, as_list=len(names) > 1, pipeline=pipeline)
