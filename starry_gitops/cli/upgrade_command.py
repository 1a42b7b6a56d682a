"""`starry upgrade`."""

from dataclasses import replace
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, all_overlays_option, writing_options
from starry_gitops.cli.output import emit, proposal_lines
from starry_gitops.cli.selector import ALL, parse_selector
from starry_gitops.core.authorship import Written, replay
from starry_gitops.core.proposal import branch_of_run
from starry_gitops.core.texts import counted
from starry_gitops.core.upgrade import Authorship, Upgrade, Upgraded, plan_upgrade, selected_names
from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.authorship import look_back
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome, publish
from starry_gitops.service import current_time, make_context, open_repository
from starry_gitops.shapes import result_data, with_outcome

_SKIPPED = 9
_OUT_OF_DATE = 11


@click.command("upgrade", cls=StarryCommand)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", cls=StarryOption, is_flag=True, help="All previews.")
@click.option(
    "--selector", cls=StarryOption, metavar="KEY=VALUE,…", help="Those of an owner (owner=NAME), or with a label."
)
@click.option(
    "--batch",
    cls=StarryOption,
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many in this run, the oldest first: Argo CD renders each of them anew.",
)
@click.option("--check", cls=StarryOption, is_flag=True, help="Change nothing; exit 11 when one is out of date.")
@all_overlays_option
@writing_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Bring live previews up to today's templates and settings, in one commit. What people changed stays.

    \b
    Example:
      starry upgrade --all --batch 50
    """
    start_log(options)
    names, selector = values["names"], values["selector"]
    if sum((bool(names), values["everything"], selector is not None)) != 1:
        raise UsageFault("give names, --all or --selector", hint="one of them")
    target = options.writing_target(values)
    target = replace(target, dry_run=target.dry_run or values["check"])
    meant = parse_selector(ALL if selector is None else selector)
    intent = Upgrade(
        names=names or None, owner=meant.owner, labels=meant.labels, batch=values["batch"], overlays=(options.overlay,)
    )
    intent, authorship = _look_back(target, intent, everywhere=values["all_overlays"])
    naming = branch_of_run("upgrade", intent.overlays, everywhere=values["all_overlays"])
    outcome = publish(target, lambda context: plan_upgrade(intent, context, authorship), proposal=naming, whole=True)
    _emit(options, outcome)
    if values["check"] and outcome.answer.outdated:
        return _OUT_OF_DATE
    return _SKIPPED if outcome.answer.skipped else 0


def _look_back(target: Target, intent: Upgrade, *, everywhere: bool) -> tuple[Upgrade, Authorship]:
    """What Starry wrote into the previews. What others change meanwhile counts as theirs."""
    with open_repository(target, whole=True) as repository:
        context = make_context(repository.snapshot(), repository.remote, current_time())
        chosen = context.settings.chosen(intent.overlays, everywhere=everywhere)
        intent = replace(intent, overlays=tuple(overlay.name for overlay in chosen))
        authorship: dict[tuple[str, str], Written] = {}
        for overlay, names in selected_names(intent, context).items():
            history = look_back(repository, overlay.folder, names)
            for name, revisions in history.revisions.items():
                authorship[overlay.name, name] = replay(revisions, history.contents)
    return intent, authorship


def _emit(options: Options, outcome: Outcome[Upgraded]) -> None:
    answer = outcome.answer
    data = {
        "checked": answer.checked,
        "updated": [result_data(result, outcome) for result in answer.updated],
        "remaining": answer.remaining,
        "kept": [{"name": one.name, "overlay": one.overlay, "paths": list(one.paths)} for one in answer.kept],
        "skipped": [{"name": item.name, "reason": item.reason} for item in answer.skipped],
        "commit": outcome.commit,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }
    names = [result.name for result in answer.updated]
    emit(options, with_outcome(data, outcome), table=_table(outcome), names=names)


def _table(outcome: Outcome[Upgraded]) -> list[str]:
    answer = outcome.answer
    lines = (
        outcome.diff.rstrip("\n").split("\n") if outcome.diff else [f"upgraded {one.name}" for one in answer.updated]
    )
    lines += [f"{one.name} keeps {path}" for one in answer.kept for path in one.paths]
    lines += [f"skipped {item.name}: {item.reason}" for item in answer.skipped]
    lines += proposal_lines(outcome)
    current = answer.checked - answer.outdated - len(answer.skipped)
    verb = "to upgrade" if outcome.dry_run else "upgraded"
    counts = [f"{len(answer.updated)} {verb}", f"{current} up to date"]
    counts += [f"{answer.remaining} left for another run"] if answer.remaining else []
    counts += [f"{len(answer.skipped)} skipped"] if answer.skipped else []
    where = f" in {outcome.commit[:12]}" if outcome.commit else ""
    return [*lines, f"{counted(answer.checked, 'preview')} checked: {', '.join(counts)}{where}"]
