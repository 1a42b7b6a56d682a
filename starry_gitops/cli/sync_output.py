"""What `sync` prints."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starry_gitops.cli.options import Options
from starry_gitops.cli.output import emit, proposal_lines
from starry_gitops.core.sync import Report, Synced
from starry_gitops.core.sync_message import SYNC_ACTIONS
from starry_gitops.core.texts import counted, shown
from starry_gitops.errors import StarryError
from starry_gitops.publishing import Outcome
from starry_gitops.shapes import instant, with_outcome


def emit_sync(options: Options, outcome: Outcome[Synced], now: datetime) -> None:
    """Prints what became of each repository and preview."""
    answer = outcome.answer
    data: dict[str, Any] = {
        "now": instant(now),
        "repositories": [_repository(one) for one in answer.repositories],
        **{action: answer.names(action) for action in SYNC_ACTIONS},
        "kept": answer.kept,
        "skipped": [{"name": item.name, "reason": item.reason} for item in answer.skipped],
        "commit": outcome.commit,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }
    emit(options, with_outcome(data, outcome), table=_table(outcome), names=sorted(one.name for one in answer.done))


def _repository(one: Report) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": one.url,
        "open": one.open,
        "wanted": one.wanted,
        "ignored": [{"pullRequest": shown(item.url), "reason": shown(item.reason)} for item in one.ignored],
        "error": _error(one.error) if one.error else None,
    }


def _error(error: StarryError) -> dict[str, str]:
    return {"code": error.code, "message": shown(error.message), "hint": shown(error.hint)}


def _table(outcome: Outcome[Synced]) -> Iterator[str]:
    answer = outcome.answer
    if outcome.diff:
        yield from outcome.diff.rstrip("\n").split("\n")
    else:
        yield from (f"{one.name} {one.action}: {one.about}" for one in answer.done)
    yield from (f"skipped {item.name}: {item.reason}" for item in answer.skipped)
    for one in answer.repositories:
        yield f"{one.name}: {_state(one)}"
    yield from proposal_lines(outcome)
    where = f" in {outcome.commit[:12]}" if outcome.commit else ""
    counts = [f"{len(answer.names(action))} {action}" for action in SYNC_ACTIONS]
    yield f"{', '.join(counts)}, {answer.kept} kept, {len(answer.skipped)} skipped{where}"


def _state(one: Report) -> str:
    if one.error:
        return f"failed, {one.error.message}"
    return f"{counted(one.open or 0, 'open pull request')}, {one.wanted} wanted"
