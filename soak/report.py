"""The report of a run, in Markdown."""

import os
import platform
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from soak.check import attempts_of_pushes, kinds
from soak.run import Outcome

_OUTCOMES = ("acknowledged", "refused", "failed", "killed")
_SHOWN = 40


def format_report(outcome: Outcome) -> str:
    """Tables: what was done, what went wrong on purpose, and which promises were broken."""
    parts = (_head(outcome), _operations(outcome), _faults(outcome), _incidents(outcome), _promises(outcome))
    return "\n\n".join((*parts, *_breaches(outcome))) + "\n"


def _head(outcome: Outcome) -> str:
    order = outcome.order
    git = subprocess.run(["git", "--version"], capture_output=True, check=True).stdout.decode().split()[2]
    able = ", ".join(f"{name}: {'yes' if can else 'no'}" for name, can in outcome.abilities.items())
    return (
        f"{datetime.now(UTC).date().isoformat()}: seed {order.seed}, {order.writers} writers, "
        f"{', '.join(order.transports)}; {outcome.seconds / 60:.1f} minutes, {len(outcome.journal.attempts)} "
        f"operations on {os.cpu_count()} cores; Python {platform.python_version()}, Git {git}; {able}."
    )


def _operations(outcome: Outcome) -> str:
    counts = outcome.journal.outcomes
    rows = []
    for kind in outcome.order.kinds:
        numbers = [counts[kind, one] for one in _OUTCOMES]
        rows.append([kind, *map(str, numbers), str(sum(numbers))])
    sums = [sum(int(row[column]) for row in rows) for column in range(1, len(_OUTCOMES) + 2)]
    return _table(["operation", *_OUTCOMES, "all"], [*rows, ["all", *map(str, sums)]])


def _faults(outcome: Outcome) -> str:
    planned, struck = Counter[str](), Counter[str]()
    for attempt in outcome.journal.attempts:
        planned[attempt.operation.fault.kind] += 1
        struck[attempt.operation.fault.kind] += attempt.struck
        if attempt.operation.clock:
            planned["another clock"] += 1
            struck["another clock"] += 1
    rows = [[kind, str(planned[kind]), str(struck[kind])] for kind in sorted(planned) if kind != "none"]
    return _table(["fault of one operation", "planned", "struck"], rows)


def _incidents(outcome: Outcome) -> str:
    done = Counter(incident.event.kind for incident in outcome.journal.incidents if incident.what)
    return _table(["by people and at the servers", "times"], [[kind, str(done[kind])] for kind in sorted(done)])


def _promises(outcome: Outcome) -> str:
    found, broken = outcome.findings, kinds(outcome.breaches)
    attempts = attempts_of_pushes(outcome.journal) or [0]
    rows: list[list[object]] = [
        ["updates of the branch replayed", found.updates],
        ["of these, commits of operations", found.landed],
        ["trees validated", found.trees],
        ["attempts per acknowledged change", f"median {statistics.median(attempts):g}, most {max(attempts)}"],
        ["commits taken away by injected force-pushes", found.dropped],
        ["operations that landed twice, after a lost answer", found.twice],
        ["**acknowledged changes lost**", broken["lost"]],
        ["**half-changes**", broken["half"]],
        ["**commits with other content than asked for**", broken["wrong"]],
        ["**invalid commits**", broken["invalid"]],
        ["**leftovers: files, locks, processes**", broken["leftover"]],
        ["**findings of `git fsck`**", broken["unsound"]],
        ["**exits that no fault explains**", broken["unexplained"]],
        ["**tokens printed**", broken["secret"]],
        ["pushes that the server left in quarantine when it was ended", outcome.quarantines],
        ["seconds until nothing was left of the last command", f"{outcome.calm:.1f}"],
        ["seconds of checking", f"{outcome.checking:.0f}"],
    ]
    return _table(["result", ""], [[str(cell) for cell in row] for row in rows])


def _breaches(outcome: Outcome) -> Iterable[str]:
    if outcome.breaches:
        lines = [
            f"- {breach.kind} {breach.operation} {breach.commit[:12]}: {breach.what}"
            for breach in outcome.breaches[:_SHOWN]
        ]
        yield "\n".join([f"{len(outcome.breaches)} promises were broken:", "", *lines])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
