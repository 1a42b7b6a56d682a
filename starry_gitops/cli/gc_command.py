"""`starry gc`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from starry_gitops.cli.ci_output import Pipeline, find_pipeline, pipeline_options, tell_collection
from starry_gitops.cli.gc_metrics import gc_gauges
from starry_gitops.cli.log import start_log
from starry_gitops.cli.metrics import Run, metrics_option, recorded
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, all_overlays_option, writing_options
from starry_gitops.cli.output import emit, proposal_lines
from starry_gitops.core.collect import Collect, Round, judge_overlays, plan_removals
from starry_gitops.core.context import Context
from starry_gitops.core.model import Collected, Plan
from starry_gitops.core.parameters import parse_ttl
from starry_gitops.core.proposal import Proposed, branch_of_run
from starry_gitops.core.texts import counted
from starry_gitops.core.ttl import parse_instant
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome, publish
from starry_gitops.service import current_time, make_context, open_repository
from starry_gitops.shapes import instant, with_outcome

_SKIPPED = 9


@click.command("gc", cls=StarryCommand)
@click.option("--grace", cls=StarryOption, metavar="DURATION", help="Stay so long after expiry. Default: the policy's.")
@click.option(
    "--max-deletes",
    cls=StarryOption,
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse to remove more (the share cap stays). Default: the policy's.",
)
@click.option("--force", cls=StarryOption, is_flag=True, help="Lift the caps on how many may go.")
@click.option("--now", cls=StarryOption, metavar="TIME", help="Judge as of then: 2026-01-31T18:00:00Z.")
@click.option(
    "--include-overlay",
    "include_overlays",
    cls=StarryOption,
    multiple=True,
    metavar="NAME",
    help="One more overlay to collect in. May be repeated.",
)
@all_overlays_option
@metrics_option
@pipeline_options
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Remove all expired previews in one commit. Exit 9: some were skipped as broken; 10: too many would go.

    \b
    Example:
      starry gc --grace 10m -o json
    """
    start_log(options)
    with recorded("gc", values["metrics_file"], options) as run:
        run.exit_code = _collect(options, values, run)
    return run.exit_code


def _collect(options: Options, values: Mapping[str, Any], run: Run) -> int:
    now = current_time() if values["now"] is None else parse_instant(values["now"])
    included: tuple[str, ...] = values["include_overlays"]
    intent = Collect(
        overlays=(options.overlay, *included),
        everywhere=values["all_overlays"],
        grace=parse_ttl(values["grace"], "--grace"),
        max_deletes=values["max_deletes"],
        force=values["force"],
    )
    target = options.writing_target(values)
    pipeline = find_pipeline(values)
    decided: list[tuple[Collected, list[Round]]] = []

    def decide(context: Context) -> Plan[Collected]:
        rounds = judge_overlays(intent, context)
        run.gauges = gc_gauges(rounds, landed=False)
        plan = plan_removals(intent, context, rounds)
        decided.append((plan.answer, rounds))
        return plan

    naming = branch_of_run("gc", intent.overlays, everywhere=intent.everywhere)
    outcome = publish(target, decide, proposal=naming, fresh=True, now=now, whole=True, meter=run.meter)
    # Where it is found out late that a push has landed, the answer is an earlier attempt's.
    rounds = next(rounds for answer, rounds in decided if answer is outcome.answer)
    run.commit, run.gauges = outcome.commit, gc_gauges(rounds, landed=outcome.proposal is None)
    closed: tuple[Proposed, ...] = ()
    fault: StarryError | None = None
    try:
        closed = _close_moot(target, now) if outcome.proposes and not outcome.dry_run else ()
    except StarryError as error:
        fault = error
    _emit(options, outcome, closed, now, pipeline)
    if fault:
        raise fault
    return _SKIPPED if outcome.answer.skipped else 0


def _close_moot(target: Target, now: datetime) -> tuple[Proposed, ...]:
    from starry_gitops.proposing import close_moot  # noqa: PLC0415 - forges and Helm, only for this

    with open_repository(target) as repository:
        context = make_context(repository.snapshot(), repository.remote, now)
        return close_moot(repository, context, seconds=target.timeout)


def _emit(
    options: Options,
    outcome: Outcome[Collected],
    closed: Sequence[Proposed],
    now: datetime,
    pipeline: Pipeline,
) -> None:
    answer = outcome.answer
    data: dict[str, Any] = {
        "now": instant(now),
        "checked": answer.checked,
        "removed": list(answer.removed),
        "kept": answer.kept,
        "skipped": [{"name": item.name, "reason": item.reason} for item in answer.skipped],
        "commit": outcome.commit,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }
    if outcome.proposes:
        data["closedProposals"] = [one.url for one in closed]
    data = with_outcome(data, outcome)
    table = [*_table(outcome), *(f"closed {one.url}: nothing was left of it" for one in closed)]
    emit(options, data, table=table, names=answer.removed)
    tell_collection(pipeline, data)


def _table(outcome: Outcome[Collected]) -> list[str]:
    answer = outcome.answer
    lines = outcome.diff.rstrip("\n").split("\n") if outcome.diff else [f"removed {name}" for name in answer.removed]
    lines += [f"skipped {item.name}: {item.reason}" for item in answer.skipped]
    lines += proposal_lines(outcome)
    where = f" in {outcome.commit[:12]}" if outcome.commit else ""
    count = f"{len(answer.removed)} removed, {answer.kept} kept, {len(answer.skipped)} skipped"
    return [*lines, f"{counted(answer.checked, 'preview')} checked: {count}{where}"]
