"""`starry sync`."""

from collections.abc import Iterator
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.metrics import Gauge, Run, metrics_option, recorded, single
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, writing_options
from starry_gitops.cli.sync_output import emit_sync
from starry_gitops.core.sync import Sync, Synced
from starry_gitops.core.sync_message import SYNC_ACTIONS
from starry_gitops.errors import UsageFault
from starry_gitops.forges.syncing import Scope
from starry_gitops.service import current_time
from starry_gitops.talking.sync_run import run_sync

_SKIPPED = 9


@click.command("sync", cls=StarryCommand)
@click.argument("repositories", nargs=-1, metavar="[REPOSITORY]...")
@click.option("--only-pr", cls=StarryOption, metavar="URL", help="Only this pull request, as a webhook names it.")
@click.option(
    "--allow-empty",
    cls=StarryOption,
    is_flag=True,
    help="Believe a forge that lists no open pull request. Each one is still asked for before its preview goes.",
)
@click.option(
    "--max-deletes",
    cls=StarryOption,
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse to remove more (the share cap stays). Default: the policy's.",
)
@click.option("--force", cls=StarryOption, is_flag=True, help="Lift the caps on how many may go.")
@metrics_option
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Make the previews equal to the open pull requests of sync.repositories in starry.yaml, in one commit.

    Exit 9: some previews were skipped; 10: too many would go, the rest was done. A repository whose forge
    fails keeps its previews, and the exit code is that of its failure.

    \b
    Example:
      starry sync --dry-run
    """
    start_log(options)
    if values["repositories"] and values["only_pr"] is not None:
        raise UsageFault("--only-pr names its repository already", hint="leave REPOSITORY out")
    with recorded("sync", values["metrics_file"], options) as run:
        run.exit_code = _sync(options, values, run)
    return run.exit_code


def _sync(options: Options, values: dict[str, Any], run: Run) -> int:
    now = current_time()
    target = options.writing_target(values)
    intent = Sync(allow_empty=values["allow_empty"], max_deletes=values["max_deletes"], force=values["force"])
    scope = Scope(names=values["repositories"], pull_request=values["only_pr"])
    outcome = run_sync(target, intent, scope, now=now, meter=run.meter)
    run.commit, run.gauges = outcome.commit, tuple(_gauges(outcome.answer))
    emit_sync(options, outcome, now)
    if outcome.answer.fault:
        raise outcome.answer.fault
    return _SKIPPED if outcome.answer.skipped else 0


def _gauges(answer: Synced) -> Iterator[Gauge]:
    for action in SYNC_ACTIONS:
        yield single(f"{action}_previews", f"Previews that the run {action}.", len(answer.names(action)))
    yield single("kept_previews", "Previews of the repositories that stay as they are.", answer.kept)
    yield single("skipped_previews", "Previews that the run could not bring up to date, or judge.", len(answer.skipped))
    failed = sum(one.error is not None for one in answer.repositories)
    yield single("failed_repositories", "Repositories whose forge failed, or was not believed.", failed)
    yield Gauge(
        name="open_pull_requests",
        meaning="Open pull requests of a repository.",
        samples=[({"repository": one.name}, one.open) for one in answer.repositories if one.open is not None],
    )
