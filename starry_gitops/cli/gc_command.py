"""`starry gc`."""

from typing import Any

import click

from starry_gitops.cli.options import Options, StarryCommand, StarryOption, identity_options
from starry_gitops.cli.output import counted, emit, instant, start_log, with_diff
from starry_gitops.cli.parameters import parse_ttl
from starry_gitops.core.collect import Collect, plan_collect
from starry_gitops.core.model import Collected
from starry_gitops.core.ttl import parse_instant
from starry_gitops.service import Outcome, current_time, publish

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
@identity_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Remove all expired previews in one commit. Exit 9: some were skipped as broken; 10: too many would go.

    \b
    Example:
      starry gc --grace 10m -o json
    """
    start_log(options)
    now = current_time() if values["now"] is None else parse_instant(values["now"])
    included: tuple[str, ...] = values["include_overlays"]
    intent = Collect(
        overlays=(options.overlay, *included),
        grace=parse_ttl(values["grace"], "--grace"),
        max_deletes=values["max_deletes"],
        force=values["force"],
    )
    target = options.target(author=values["author"], committer=values["committer"], sign=values["sign"])
    outcome = publish(target, lambda context: plan_collect(intent, context), now=now, whole=True)
    answer = outcome.answer
    data = {
        "now": instant(now),
        "checked": answer.checked,
        "removed": list(answer.removed),
        "kept": answer.kept,
        "skipped": [{"name": item.name, "reason": item.reason} for item in answer.skipped],
        "commit": outcome.commit,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }
    emit(options, with_diff(data, outcome), table=_table(outcome), names=answer.removed)
    return _SKIPPED if answer.skipped else 0


def _table(outcome: Outcome[Collected]) -> list[str]:
    answer = outcome.answer
    lines = outcome.diff.rstrip("\n").split("\n") if outcome.diff else [f"removed {name}" for name in answer.removed]
    lines += [f"skipped {item.name}: {item.reason}" for item in answer.skipped]
    where = f" in {outcome.commit[:12]}" if outcome.commit else ""
    count = f"{len(answer.removed)} removed, {answer.kept} kept, {len(answer.skipped)} skipped"
    return [*lines, f"{counted(answer.checked, 'preview')} checked: {count}{where}"]
