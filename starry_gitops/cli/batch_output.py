"""What `apply` prints: many results of one commit."""

import logging
import re
from collections import Counter
from typing import Any

from starry_gitops.cli.options import Options
from starry_gitops.cli.output import emit, proposal_lines
from starry_gitops.core.batch import Applied, Failure
from starry_gitops.core.model import Result
from starry_gitops.core.prune import Spared
from starry_gitops.core.texts import counted
from starry_gitops.errors import InvalidRepository
from starry_gitops.publishing import Outcome
from starry_gitops.shapes import result_data, with_outcome

log = logging.getLogger("starry")

# Every other line of a diff begins with a character of its own.
_FILE = re.compile(r"^(?=diff --git a/(.*) b/\1$)", re.MULTILINE)


def emit_batch(options: Options, outcome: Outcome[Applied]) -> None:
    """Prints what apply did: a result for each entry, then for each preview that was pruned or spared."""
    answer = outcome.answer
    results = [one for one in answer.results if isinstance(one, Result)]
    problems = [f"{one.name or f'entry {one.number}'} failed: {one.error.message}" for one in answer.failures]
    problems += [f"{one.name} skipped: {one.reason}" for one in answer.spared]
    if options.output == "name":
        for line in problems:
            log.warning("%s", line)
    table = [f"{one.name} {one.action}" for one in results]
    if outcome.dry_run and outcome.diff:
        table = outcome.diff.rstrip("\n").split("\n")
    table += [*problems, *proposal_lines(outcome)]
    emit(options, _data(outcome), table=[*table, _summary(outcome)], names=[one.name for one in results])


def _summary(outcome: Outcome[Applied]) -> str:
    answer = outcome.answer
    actions = Counter("failed" if isinstance(one, Failure) else one.action for one in answer.results)
    actions.update("skipped" for _ in answer.spared)
    counts = ", ".join(f"{count} {action}" for action, count in actions.items()) or "nothing to do"
    where = f" in {outcome.commit[:12]}" if outcome.commit else ""
    return f"{counted(actions.total(), 'preview')}: {counts}{where}"


def _data(outcome: Outcome[Applied]) -> list[dict[str, Any]]:
    """What programs get. In a dry run each preview has its own part of the diff."""
    data = [
        _failure_data(one, outcome) if isinstance(one, Failure) else with_outcome(result_data(one, outcome), outcome)
        for one in outcome.answer.results
    ]
    data += [_spared_data(one, outcome) for one in outcome.answer.spared]
    if not outcome.dry_run:
        return data
    parts = _parts(outcome)
    return [{**one, "diff": parts.get((one["overlay"], one["name"]), "")} for one in data]


def _parts(outcome: Outcome[Applied]) -> dict[tuple[str, str], str]:
    """The diff of each preview, by overlay and name."""
    starts = [*_FILE.finditer(outcome.diff)]
    ends = [*(start.start() for start in starts[1:]), len(outcome.diff)]
    parts: dict[tuple[str, str], str] = {}
    # A diff of nothing has no start, and still an end.
    for start, end in zip(starts, ends, strict=False):
        for overlay, folder in outcome.answer.folders.items():
            if start[1].startswith(f"{folder}/"):
                key = overlay, start[1].removeprefix(f"{folder}/").partition("/")[0]
                parts[key] = parts.get(key, "") + outcome.diff[start.start() : end]
    return parts


def _failure_data(failure: Failure, outcome: Outcome[Any]) -> dict[str, Any]:
    """One entry that was not applied."""
    error = failure.error
    problem = {"code": error.code, "message": error.message, "hint": error.hint}
    data = _unchanged_data(failure.name or None, failure.overlay, "failed", outcome)
    return {**data, "entry": failure.number, "error": problem}


def _spared_data(spared: Spared, outcome: Outcome[Any]) -> dict[str, Any]:
    """One preview that pruning had to leave."""
    hint = "mend its files, or remove it with starry delete"
    problem = {"code": InvalidRepository.code, "message": spared.reason, "hint": hint}
    return {**_unchanged_data(spared.name, spared.overlay, "skipped", outcome), "error": problem}


def _unchanged_data(name: str | None, overlay: str | None, action: str, outcome: Outcome[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "overlay": overlay,
        "namespace": name,
        "action": action,
        "commit": None,
        "branch": outcome.branch,
        "urls": {},
        "expiresAt": None,
        "ttlMinutes": None,
        "pinned": False,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }
