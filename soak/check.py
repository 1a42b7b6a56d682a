"""Holds every promise against what happened. Nothing here asks Starry, but for `starry validate`'s own rules."""

import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from soak.journal import Attempt, Incident, Journal
from soak.record import Blobs, ancestors, read_commits, read_updates
from soak.replay import Breach, Replay
from soak.sandbox import GitFailed, Sandbox
from soak.writers import STUCK_CODE
from starry_gitops.core.validate import validate
from starry_gitops.gitrepo.local import open_revision
from starry_gitops.gitrepo.remotes import Remote
from starry_gitops.service import make_context

_WORKERS = 2
_SKIPPED, _INTERRUPTED = 9, 130
_CONTENTION, _ACCESS, _UNREACHABLE = 4, 6, 8
# What a command may end in when nothing went wrong but other writers: done, and what it refuses before it writes.
_ORDINARY = frozenset({0, 3, 5, 10, _CONTENTION})
# What says that nothing was written.
_DENIALS = frozenset({2, 3, _CONTENTION, 5, _ACCESS, 7, 10})
_EXPLAINED: Mapping[str, frozenset[int]] = {
    "kill": frozenset({-9}),
    "kill-children": frozenset({-9}),
    # By the signal itself only as long as Python is starting: then nothing has begun.
    "signal": frozenset({_INTERRUPTED, -2, -15}),
    "refuse": frozenset({_ACCESS}),
    "lost-answer": frozenset({_UNREACHABLE}),
    "hold": frozenset(),
    "disk": frozenset({1}),
    # Git does not say why the process ended that unpacks what it fetched.
    "limit": frozenset({1, _UNREACHABLE}),
    "cut": frozenset({_UNREACHABLE}),
    "stall": frozenset({_UNREACHABLE}),
    "delay": frozenset(),
}
# What happens to a server explains these ends of the commands that ran meanwhile.
_INCIDENTS: Mapping[str, frozenset[int]] = {
    "restart-http": frozenset({_UNREACHABLE}),
    "restart-ssh": frozenset({_UNREACHABLE}),
    "remote-disk-full": frozenset({1, _ACCESS, _UNREACHABLE}),
    "remote-gc": frozenset(),
}
_AFTERMATH = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a run came to."""

    breaches: tuple[Breach, ...]
    updates: int
    landed: int
    twice: int
    dropped: int
    trees: int
    acknowledged: int


def check(sandbox: Sandbox, journal: Journal) -> Findings:
    """Reads the record of the branch and compares."""
    updates = read_updates(sandbox)
    commits = read_commits(sandbox, updates)
    attempts = {attempt.operation.id: attempt for attempt in journal.attempts}
    blobs = Blobs(sandbox)
    try:
        replay = Replay(sandbox=sandbox, commits=commits, attempts=attempts, blobs=blobs)
        replay.run(updates)
    finally:
        blobs.close()
    alive = ancestors(sandbox, replay.tip)
    seen = {update.new for update in updates}
    whens = {update.new: _when(update.new, replay, attempts) for update in updates}
    first = {commits[new].tree: (new, when) for new, when in reversed(whens.items())}
    breaches = [
        *replay.breaches,
        *_lost(journal, replay, alive, seen),
        *_unexplained(journal),
        *_invalid(sandbox, list(first.values())),
        *_unsound(sandbox),
        *_secrets(sandbox, journal),
    ]
    return Findings(
        breaches=tuple(breaches),
        updates=len(updates),
        landed=sum(map(len, replay.landed.values())),
        twice=sum(len(one) > 1 for one in replay.landed.values()),
        dropped=len(replay.dropped),
        trees=len(first),
        acknowledged=sum(attempt.is_acknowledged for attempt in journal.attempts),
    )


def _lost(journal: Journal, replay: Replay, alive: set[str], seen: set[str]) -> Iterator[Breach]:
    """Every acknowledged commit is on the branch, unless a person's force-push took it away."""
    for attempt in journal.attempts:
        name, landed = attempt.operation.id, replay.landed.get(attempt.operation.id, [])
        if landed and attempt.code in _DENIALS and not attempt.is_acknowledged:
            what = f"exit {attempt.code} says that nothing was written, but it has landed"
            yield Breach(kind="wrong", operation=name, commit=landed[-1], what=what)
        if not attempt.is_acknowledged or attempt.operation.kind == "list":
            continue
        for commit in _acknowledged_commits(attempt):
            if commit not in seen:
                yield Breach(kind="lost", operation=name, commit=commit, what="acknowledged, but never on the branch")
            elif commit not in alive and commit not in replay.dropped:
                yield Breach(kind="lost", operation=name, commit=commit, what="acknowledged, and gone from the branch")
            elif commit not in landed:
                yield Breach(kind="lost", operation=name, commit=commit, what="acknowledged another's commit")
        if landed and not _acknowledged_commits(attempt):
            what = "says that it changed nothing, but has landed"
            yield Breach(kind="wrong", operation=name, commit=landed[-1], what=what)


def _acknowledged_commits(attempt: Attempt) -> set[str]:
    answers = attempt.answer if isinstance(attempt.answer, list) else [attempt.answer]
    return {answer["commit"] for answer in answers if answer.get("commit")}


def _when(commit: str, replay: Replay, attempts: Mapping[str, Attempt]) -> datetime:
    """When a tree is judged: as its command ended; a person's, now."""
    attempt = attempts.get(replay.commits[commit].by)
    return datetime.fromtimestamp(attempt.ended, UTC) if attempt else datetime.now(UTC)


def _unexplained(journal: Journal) -> Iterator[Breach]:
    for attempt in journal.attempts:
        what = _complaint(attempt, journal.incidents)
        if what:
            yield Breach(kind="unexplained", operation=attempt.operation.id, commit="", what=what)


def _complaint(attempt: Attempt, incidents: list[Incident]) -> str:
    """Why the end of this command is not what its faults explain; empty when it is."""
    words = " ".join(attempt.err.split())[-400:]
    if attempt.code == STUCK_CODE:
        return "did not end"
    if ("Traceback" in attempt.err and not _before_starry(attempt)) or "unexpected failure" in attempt.err:
        return f"exit {attempt.code}: {words}"
    fault = attempt.operation.fault.kind
    allowed = set(_ORDINARY) | ({_SKIPPED} if attempt.operation.kind in {"gc", "upgrade"} else set())
    if attempt.struck:
        allowed |= _EXPLAINED[fault]
    for incident in incidents:
        overlaps = incident.started < attempt.ended and attempt.started < incident.ended + _AFTERMATH
        if overlaps and incident.target in {"", attempt.operation.transport}:
            allowed |= _INCIDENTS.get(incident.event.kind, frozenset())
    if attempt.code not in allowed:
        return f"exit {attempt.code} with fault {fault} (struck: {attempt.struck}): {words}"
    if attempt.code == 0 and attempt.answer is None:
        return "exit 0 without a result"
    return ""


def _before_starry(attempt: Attempt) -> bool:
    """Ctrl-C while Python itself was starting: nothing of Starry's had run that could have caught it."""
    return attempt.code == -signal.SIGINT and "starry_gitops" not in attempt.err


def _invalid(sandbox: Sandbox, trees: list[tuple[str, datetime]]) -> Iterator[Breach]:
    """Every tree that was on the branch, by the rules of `starry validate`."""
    size = max(1, len(trees) // (_WORKERS * 4) + 1)
    parts = [trees[start : start + size] for start in range(0, len(trees), size)]
    with ProcessPoolExecutor(_WORKERS) as pool:
        for found in pool.map(validate_all, [sandbox.bare] * len(parts), parts):
            for commit, what in found:
                yield Breach(kind="invalid", operation="", commit=commit, what=what)


def validate_all(bare: Path, trees: list[tuple[str, datetime]]) -> list[tuple[str, str]]:
    """Commits and what is wrong with them."""
    found = []
    for commit, when in trees:
        with open_revision(bare, commit) as snapshot:
            report = validate(make_context(snapshot, Remote(url=""), when))
        lines = (f"{item.file}:{item.line}: {item.rule}: {item.message}" for item in report.findings)
        found += [(commit, line) for line in lines if not report.ok]
    return found


def _unsound(sandbox: Sandbox) -> Iterator[Breach]:
    try:
        said = sandbox.git("fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    except GitFailed as failed:
        said = str(failed)
    if said.strip():
        yield Breach(kind="unsound", operation="", commit="", what=said.strip())


def _secrets(sandbox: Sandbox, journal: Journal) -> Iterator[Breach]:
    for attempt in journal.attempts:
        if sandbox.token in attempt.out + attempt.err:
            yield Breach(kind="secret", operation=attempt.operation.id, commit="", what="the token was printed")


def kinds(breaches: tuple[Breach, ...]) -> Counter[str]:
    """How many breaches of each kind."""
    return Counter(breach.kind for breach in breaches)


def attempts_of_pushes(journal: Journal) -> list[int]:
    """How many attempts each acknowledged change took."""
    found = []
    for attempt in journal.attempts:
        if attempt.is_acknowledged and _acknowledged_commits(attempt):
            match = re.search(r'"attempts": (\d+)', attempt.out)
            found += [int(match[1])] if match else []
    return found
