"""`starry apply`."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from starry_gitops.cli.batch_output import emit_batch
from starry_gitops.cli.input_file import STDIN
from starry_gitops.cli.log import start_log
from starry_gitops.cli.metrics import Gauge, Run, metrics_option, recorded, single
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, writing_options
from starry_gitops.cli.output import write_out
from starry_gitops.cli.previews_file import read_items
from starry_gitops.cli.pull_requests_file import read_pull_requests
from starry_gitops.cli.selector import ALL, parse_selector
from starry_gitops.core.batch import Applied, Batch, plan_batch
from starry_gitops.core.model import Result
from starry_gitops.core.proposal import branch_of_run
from starry_gitops.core.prune import Prune, Scope
from starry_gitops.errors import UsageFault
from starry_gitops.publishing import publish
from starry_gitops.templates import load_engines

_SKIPPED = 9
_MEANINGS = {
    "created": "Previews that the run created.",
    "updated": "Previews that the run updated.",
    "unchanged": "Previews that were as the list wants them.",
    "deleted": "Previews that the run pruned.",
}


@click.command("apply", cls=StarryCommand)
@click.option("-f", "--file", cls=StarryOption, metavar="FILE|-", help="The list, in YAML or JSON; - is stdin.")
@click.option("--prune", cls=StarryOption, is_flag=True, help="Remove what --selector means and the list lacks.")
@click.option(
    "--selector",
    cls=StarryOption,
    metavar="KEY=VALUE,…",
    help="What the list speaks for: owner=NAME, LABEL=VALUE, or all.",
)
@click.option(
    "--pull-requests",
    cls=StarryOption,
    metavar="FILE",
    help="Prune only for pull requests that this list of them calls closed.",
)
@click.option(
    "--max-deletes",
    cls=StarryOption,
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse to prune more (the share cap stays). Default: the policy's.",
)
@click.option("--force", cls=StarryOption, is_flag=True, help="Lift the caps on how many may be pruned.")
@click.option("--keep-going", cls=StarryOption, is_flag=True, help="Land what can be applied; report the rest.")
@click.option("--schema", cls=StarryOption, is_flag=True, help="Print the JSON Schema of the list and end.")
@metrics_option
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Create and update a list of previews in one commit: all of them, or none.

    \b
    Example:
      starry apply --file previews.yaml --prune --selector owner=alice
    """
    start_log(options)
    if values["schema"]:
        _print_schema()
        return 0
    if values["file"] is None:
        raise UsageFault("--file is missing", hint="name the list, or - for stdin")
    with recorded("apply", values["metrics_file"], options) as run:
        run.exit_code = _apply(options, values, run)
    return run.exit_code


def _apply(options: Options, values: dict[str, Any], run: Run) -> int:
    prune = _prune(values)
    intent = Batch(items=read_items(values["file"], options.overlay), prune=prune, keep_going=values["keep_going"])
    target = options.writing_target(values)
    naming = branch_of_run("apply", [options.overlay])
    outcome = publish(
        target,
        lambda context: plan_batch(intent, context),
        proposal=naming,
        meanwhile=load_engines,
        meter=run.meter,
    )
    run.commit, run.gauges = outcome.commit, tuple(_gauges(outcome.answer))
    emit_batch(options, outcome)
    failures = outcome.answer.failures
    if failures:
        return failures[0].error.exit_code
    return _SKIPPED if outcome.answer.spared else 0


def _gauges(answer: Applied) -> Iterator[Gauge]:
    """What became of the list's entries, and of what it does not name."""
    actions = Counter[str](one.action for one in answer.results if isinstance(one, Result))
    for action, meaning in _MEANINGS.items():
        yield single(f"{action}_previews", meaning, actions[action])
    yield single("failed_previews", "Entries of the list that were not applied.", len(answer.failures))
    yield single("skipped_previews", "Previews that pruning left, as they cannot be read.", len(answer.spared))


def _prune(values: dict[str, Any]) -> Prune | None:
    if not values["prune"]:
        _refuse_without_prune("selector", "pull_requests", "max_deletes", "force")
        return None
    if values["selector"] is None and values["pull_requests"] is None:
        hint = "add --selector owner=NAME, --selector LABEL=VALUE, or --selector all"
        raise UsageFault("--prune needs to know which previews the list speaks for", hint=hint)
    if values["file"] == STDIN == values["pull_requests"]:
        raise UsageFault("--file and --pull-requests cannot both be stdin")
    selector = parse_selector(ALL if values["selector"] is None else values["selector"])
    states = None if values["pull_requests"] is None else read_pull_requests(values["pull_requests"])
    scope = Scope(owner=selector.owner, labels=selector.labels, pull_requests=states)
    return Prune(scope=scope, max_deletes=values["max_deletes"], force=values["force"])


def _refuse_without_prune(*names: str) -> None:
    """A variable may be meant for another command of the same job; an option is meant for this one."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageFault(f"--{name.replace('_', '-')} is for --prune", hint="add --prune")


def _print_schema() -> None:
    from starry_gitops.settings.previews import previews_schema  # noqa: PLC0415 - only for this

    write_out(json.dumps(previews_schema(), indent=2) + "\n")
