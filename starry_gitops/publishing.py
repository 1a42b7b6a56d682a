"""Orders each writing command's three steps: read a snapshot, decide, publish; and again when another was first."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from starry_gitops.core.changes import diff
from starry_gitops.core.context import Context
from starry_gitops.core.model import Plan
from starry_gitops.core.proposal import Naming, Proposed
from starry_gitops.core.settings import Settings
from starry_gitops.errors import ContentionLost, RemoteUnreachable
from starry_gitops.gitrepo.failures import LostRace
from starry_gitops.gitrepo.identity import Identity, find_identity
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.snapshot import GitSnapshot
from starry_gitops.gitrepo.target import Target
from starry_gitops.service import current_time, make_context, open_repository

T = TypeVar("T")

# The longest pause between two attempts, in seconds; and into how many the rest of the budget is divided at least. Each
# attempt costs processor time that a crowd of writers lacks: long pauses make all of them faster.
_LONGEST_PAUSE = 20.0
_PAUSES_LEFT = 4
_MOST_DOUBLINGS = 10
# How often a push whose fate is unknown is looked after.
_AMBIGUOUS_TRIES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Generic[T]):
    """What a command did: the answer, the commit that carries it (None: nothing to do, or a dry run), the attempts.

    `proposes`: a change goes into a pull request; `proposal` is what became of that, None where there is none.
    """

    answer: T
    commit: str | None
    branch: str
    attempts: int
    dry_run: bool = False
    diff: str = ""
    proposes: bool = False
    proposal: Proposed | None = None


def publish(
    target: Target,
    decide: Callable[[Context], Plan[T]],
    *,
    proposal: Naming,
    fresh: bool = False,
    now: datetime | None = None,
    whole: bool = False,
    meanwhile: Callable[[], None] | None = None,
    meter: Meter | None = None,
) -> Outcome[T]:
    """Decides on the branch's tip and pushes the decision as one commit; decides again whenever the tip has moved.

    Where the target or the settings say so, the commit goes to a branch of its own, as a pull request.

    Args:
        target: the repository, and how to write to it.
        decide: from what is there to what to change.
        proposal: names the branch of the pull request.
        fresh: decide a proposal without what it holds already.
        now: the time, in UTC.
        whole: fetch all files at once.
        meanwhile: runs while Git clones.
        meter: measures all of it.

    Raises:
        ContentionLost: other writers were first until `timeout`.
        StarryError: whatever the decision or the remote refuses.
    """
    with open_repository(target, whole=whole, meanwhile=meanwhile, meter=meter) as repository:
        naming = _Naming(branch=proposal, fresh=fresh)
        return _Publication(target, repository, decide, naming, now or current_time()).run()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Naming:
    """How a proposal is named, and whether it is decided without what it holds."""

    branch: Naming
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Try(Generic[T]):
    """A push that failed; `ambiguous`: it may have landed all the same."""

    commit: str
    answer: T
    ambiguous: bool


class _Publication(Generic[T]):
    def __init__(
        self,
        target: Target,
        repository: AppsRepository,
        decide: Callable[[Context], Plan[T]],
        naming: _Naming,
        now: datetime,
    ) -> None:
        self.naming = naming
        self.target = target
        self.repository = repository
        self.decide = decide
        self.now = now
        self.meter = repository.meter
        self.identity: Identity | None = None
        self.deadline: float | None = None
        self.tried: list[_Try[T]] = []

    def run(self) -> Outcome[T]:
        attempt = 0
        while True:
            attempt += 1
            self.meter.attempt = attempt
            started = time.monotonic()
            try:
                return self._attempt(attempt)
            except LostRace as lost:
                what = "it is not known whether the push landed" if lost.ambiguous else "another writer was first"
                self.meter.say("lost", f"{what} ({lost.reason})", ambiguous=lost.ambiguous)
                self.meter.end_attempt()
                with self.meter.phase("wait"):
                    self._pause(attempt, time.monotonic() - started, lost)
            self._refresh()

    def _attempt(self, attempt: int) -> Outcome[T]:
        snapshot = self.repository.snapshot()
        landed = self._landed(snapshot.revision, [one for one in self.tried if one.ambiguous])
        if landed:
            return self._outcome(landed.answer, landed.commit, attempt)
        context = make_context(snapshot, self.repository.remote, self.now)
        if self._proposes(context.settings):
            return self._propose(snapshot, context, attempt)
        plan = self.decide(context)
        if not plan.changes:
            # What was wanted is there: by others, or by a push of ours that only seemed to lose.
            landed = self._landed(snapshot.revision, self.tried)
            answer, commit = (landed.answer, landed.commit) if landed else (plan.answer, None)
            return self._outcome(answer, commit, attempt)
        if self.target.dry_run:
            return self._outcome(plan.answer, None, attempt, diff=diff(snapshot, plan.changes))
        self._remaining()  # the budget begins
        with self.meter.phase("commit"):
            commit = self.repository.commit(snapshot, plan.changes, plan.message, self._identity())
        try:
            self.repository.push(commit)
        except LostRace as lost:
            if not lost.is_twin:
                self.tried.append(_Try(commit=commit, answer=plan.answer, ambiguous=lost.ambiguous))
            raise
        self.meter.say("pushed", f"pushed {commit} to {self.repository.branch}", commit=commit)
        return self._outcome(plan.answer, commit, attempt)

    def _proposes(self, settings: Settings) -> bool:
        chosen = self.target.propose
        return settings.mode == "propose" if chosen is None else chosen

    def _propose(self, snapshot: GitSnapshot, context: Context, attempt: int) -> Outcome[T]:
        from starry_gitops.proposing import Proposal  # noqa: PLC0415 - forges and Helm, only for this

        branch, fresh = self.naming.branch(context), self.naming.fresh
        proposal = Proposal.find(self.repository, context, branch, seconds=self.target.timeout)
        plan = self.decide(proposal.ground(fresh=fresh))
        changes = proposal.changes(plan.changes, fresh=fresh)
        outcome = replace(self._outcome(plan.answer, None, attempt), branch=branch, proposes=True)
        if self.target.dry_run:
            return replace(outcome, diff=diff(snapshot, changes))
        if not changes:
            return replace(outcome, proposal=proposal.close())
        unchanged = proposal.unchanged(changes)
        if unchanged:
            return replace(outcome, proposal=unchanged)
        self._remaining()  # the budget begins
        with self.meter.phase("commit"):
            message = plan.message or f"Decide {branch} again\n\nStarry-Version: {context.version}\n"
            commit = self.repository.commit(snapshot, changes, message, self._identity(), after=proposal.follows)
        chosen = self.target.auto_merge
        merging = context.settings.auto_merge if chosen is None else chosen
        proposed = proposal.publish(commit, auto_merge=merging)
        self.meter.say("pushed", f"pushed {commit} to {branch}: {proposed.url}", commit=commit)
        return replace(outcome, commit=commit, proposal=proposed)

    def _landed(self, tip: str, doubtful: Sequence["_Try[T]"]) -> "_Try[T] | None":
        """The push that landed although it failed. HTTP sends a pack again by itself when the answer to it is lost."""
        at_tip = next((one for one in self.tried if one.commit == tip), None)
        return at_tip or next((one for one in doubtful if self.repository.has_landed(one.commit)), None)

    def _refresh(self) -> None:
        try:
            self.repository.refresh()
        except RemoteUnreachable as error:
            if not any(one.ambiguous for one in self.tried):
                raise
            raise RemoteUnreachable(error.message, hint="the push may have landed: look, then run it again") from None

    def _identity(self) -> Identity:
        if self.identity is None:
            self.identity = find_identity(
                author=self.target.author,
                committer=self.target.committer,
                sign=self.target.sign,
                working_copy=self.repository.remote.working_copy,
            )
        return self.identity

    def _pause(self, attempt: int, took: float, lost: LostRace) -> None:
        """Full jitter: a random pause from a range that doubles with every attempt."""
        if lost.ambiguous and sum(one.ambiguous for one in self.tried) <= _AMBIGUOUS_TRIES:
            return  # whatever the budget: what became of the push must be looked up
        if lost.ambiguous:
            raise RemoteUnreachable(lost.reason, hint="the push may have landed: look, then run the command again")
        remaining = self._remaining()
        if remaining <= 0:
            raise ContentionLost(
                f"{attempt} attempts to push to {self.repository.branch} were lost, the last one by: {lost.reason}",
                hint="run the command again, or raise --timeout",
            )
        longest = min(_LONGEST_PAUSE, remaining / _PAUSES_LEFT, took * 2 ** min(attempt, _MOST_DOUBLINGS))
        time.sleep(min(random.uniform(0, longest), remaining))  # noqa: S311 - not for secrets

    def _remaining(self) -> float:
        """Seconds of the budget. It begins with the first push, or what keeps one from being made."""
        if self.deadline is None:
            self.deadline = time.monotonic() + self.target.timeout
        return self.deadline - time.monotonic()

    def _outcome(self, answer: T, commit: str | None, attempts: int, *, diff: str = "") -> Outcome[T]:
        return Outcome(
            answer=answer,
            commit=commit,
            branch=self.repository.branch,
            attempts=attempts,
            dry_run=self.target.dry_run,
            diff=diff,
        )
