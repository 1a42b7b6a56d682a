"""`starry extend`."""

from typing import Any

import click

from starry_gitops.cli.ci_output import find_pipeline, pipeline_options
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, source_options, writing_options
from starry_gitops.cli.output import emit_result
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.parameters import parse_source, parse_ttl
from starry_gitops.core.proposal import branch_of
from starry_gitops.core.ttl import parse_instant
from starry_gitops.errors import UsageFault
from starry_gitops.publishing import publish


@click.command("extend", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.option("--ttl", cls=StarryOption, metavar="DURATION", help="Live so long from now: 45m, 2h, PT90M.")
@click.option("--until", cls=StarryOption, metavar="TIME", help="Live until then: 2026-01-31T18:00:00Z.")
@click.option("--pin", cls=StarryOption, is_flag=True, help="Never expire, until it is unpinned.")
@click.option("--unpin", cls=StarryOption, is_flag=True, help="Expire again; at its TTL from now if that is past.")
@pipeline_options
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Change when a preview expires, and nothing else; never beyond the policy's longest TTL from now.

    \b
    Example:
      starry extend preview-123 --ttl 2h
    """
    start_log(options)
    if values["pin"] and values["unpin"]:
        raise UsageFault("--pin and --unpin contradict each other", hint="leave one out")
    if values["ttl"] is not None and values["until"] is not None:
        raise UsageFault("--ttl and --until contradict each other", hint="leave one out")
    if not any((values["pin"], values["unpin"], values["ttl"], values["until"])):
        raise UsageFault("nothing to change", hint="give --ttl, --until, --pin or --unpin")
    intent = Extend(
        source=parse_source(values["name"], values["pr"], values["source_branch"]),
        overlay=options.overlay,
        ttl=parse_ttl(values["ttl"]),
        until=None if values["until"] is None else parse_instant(values["until"]),
        pinned=values["pin"] if values["pin"] or values["unpin"] else None,
    )
    target = options.writing_target(values)
    pipeline = find_pipeline(values)
    naming = branch_of(intent.source, intent.overlay)
    outcome = publish(target, lambda context: plan_extend(intent, context), proposal=naming)
    emit_result(options, outcome, pipeline)
