"""Orders each command's three steps: read a snapshot, decide, publish; and again when another writer was first."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit

from starry_gitops import __version__
from starry_gitops.core.changes import diff
from starry_gitops.core.context import Context
from starry_gitops.core.model import Plan, Snapshot
from starry_gitops.core.settings import Settings
from starry_gitops.errors import ContentionLost, InvalidRepository, RemoteUnreachable
from starry_gitops.gitrepo.failures import LostRace
from starry_gitops.gitrepo.identity import Identity, find_identity
from starry_gitops.gitrepo.process import scratch_folder
from starry_gitops.gitrepo.remotes import Remote, resolve_remote
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.target import Target
from starry_gitops.settings import SETTINGS_FILE, read_settings
from starry_gitops.templates import find_template

log = logging.getLogger("starry")

T = TypeVar("T")

# The longest pause between two attempts, in seconds.
_LONGEST_PAUSE = 4.0
_MOST_DOUBLINGS = 10
# How often a push whose fate is unknown is looked after.
_AMBIGUOUS_TRIES = 2
# No Git process may take longer than the budget, but a slow clone gets at least this many seconds.
_SHORTEST_LIMIT = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Generic[T]):
    """What a command did: the answer, the commit that carries it (None: nothing to do, or a dry run), the attempts."""

    answer: T
    commit: str | None
    branch: str
    attempts: int
    dry_run: bool = False
    diff: str = ""


@contextmanager
def open_repository(
    target: Target, *, whole: bool = False, meanwhile: Callable[[], None] | None = None
) -> Iterator[AppsRepository]:
    """A throw-away clone of the branch's tip, gone at the end of the block. `meanwhile` runs while Git clones."""
    remote = resolve_remote(target.repo)
    limit = max(target.timeout, _SHORTEST_LIMIT)
    with scratch_folder() as scratch:
        with _beside(meanwhile):
            repository = AppsRepository(remote, branch=target.branch, scratch=scratch, timeout=limit, whole=whole)
        try:
            yield repository
        finally:
            repository.close()


@contextmanager
def _beside(work: Callable[[], None] | None) -> Iterator[None]:
    """Runs the work in a thread beside the block, and ends with it."""
    if work is None:
        yield
        return
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def current_time() -> datetime:
    """Now, in UTC and whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def load_settings(snapshot: Snapshot) -> Settings:
    """The settings that stand in the snapshot.

    Raises:
        InvalidRepository: there are none, or they are broken.
    """
    data = snapshot.read(SETTINGS_FILE)
    if data is None:
        raise InvalidRepository("missing, or not a regular file", file=SETTINGS_FILE, hint="write it with starry init")
    return read_settings(data)


def make_context(snapshot: Snapshot, remote: Remote, now: datetime) -> Context:
    """All that a decision starts from."""
    settings = load_settings(snapshot)
    return Context(
        snapshot=snapshot,
        settings=settings,
        now=now,
        apps_url=_without_user(remote.url),
        template=find_template(snapshot, settings),
        version=__version__,
    )


def read(target: Target, question: Callable[[Context], T], *, now: datetime | None = None, whole: bool = False) -> T:
    """Answers a question from the branch's tip."""
    with open_repository(target, whole=whole) as repository:
        return question(make_context(repository.snapshot(), repository.remote, now or current_time()))


def publish(
    target: Target,
    decide: Callable[[Context], Plan[T]],
    *,
    now: datetime | None = None,
    whole: bool = False,
    meanwhile: Callable[[], None] | None = None,
) -> Outcome[T]:
    """Decides on the branch's tip and pushes the decision as one commit; decides again whenever the tip has moved.

    Raises:
        ContentionLost: other writers were first until `timeout`.
        StarryError: whatever the decision or the remote refuses.
    """
    with open_repository(target, whole=whole, meanwhile=meanwhile) as repository:
        return _Publication(target, repository, decide, now or current_time()).run()


class _Publication(Generic[T]):
    def __init__(
        self, target: Target, repository: AppsRepository, decide: Callable[[Context], Plan[T]], now: datetime
    ) -> None:
        self.target = target
        self.repository = repository
        self.decide = decide
        self.now = now
        self.identity: Identity | None = None
        self.deadline = time.monotonic() + target.timeout
        self.ambiguous: list[tuple[str, T]] = []

    def run(self) -> Outcome[T]:
        attempt = 0
        while True:
            attempt += 1
            started = time.monotonic()
            try:
                return self._attempt(attempt)
            except LostRace as lost:
                what = "it is not known whether the push landed" if lost.ambiguous else "another writer was first"
                log.info("attempt %d: %s (%s)", attempt, what, lost.reason)
                self._pause(attempt, time.monotonic() - started, lost)
            self._refresh()

    def _attempt(self, attempt: int) -> Outcome[T]:
        snapshot = self.repository.snapshot()
        landed = next((one for one in self.ambiguous if one[0] == snapshot.revision), None)
        if landed:
            return self._outcome(landed[1], landed[0], attempt)
        context = make_context(snapshot, self.repository.remote, self.now)
        plan = self.decide(context)
        if not plan.changes:
            # A push whose fate was unknown has landed if what it wanted is there now.
            commit, answer = self.ambiguous[-1] if self.ambiguous else (None, plan.answer)
            return self._outcome(answer, commit, attempt)
        if self.target.dry_run:
            return self._outcome(plan.answer, None, attempt, diff=diff(snapshot, plan.changes))
        commit = self.repository.commit(snapshot, plan.changes, plan.message, self._identity())
        try:
            self.repository.push(commit)
        except LostRace as lost:
            if lost.ambiguous:
                self.ambiguous.append((commit, plan.answer))
            raise
        log.info("attempt %d: pushed %s to %s", attempt, commit, self.repository.branch)
        return self._outcome(plan.answer, commit, attempt)

    def _refresh(self) -> None:
        try:
            self.repository.refresh()
        except RemoteUnreachable as error:
            if not self.ambiguous:
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
        if lost.ambiguous and len(self.ambiguous) <= _AMBIGUOUS_TRIES:
            return  # whatever the budget: what became of the push must be looked up
        if lost.ambiguous:
            raise RemoteUnreachable(lost.reason, hint="the push may have landed: look, then run the command again")
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise ContentionLost(
                f"{attempt} attempts to push to {self.repository.branch} were lost, the last one by: {lost.reason}",
                hint="run the command again, or raise --timeout",
            )
        longest = min(_LONGEST_PAUSE, took * 2 ** min(attempt, _MOST_DOUBLINGS))
        time.sleep(min(random.uniform(0, longest), remaining))  # noqa: S311 - not for secrets

    def _outcome(self, answer: T, commit: str | None, attempts: int, *, diff: str = "") -> Outcome[T]:
        return Outcome(
            answer=answer,
            commit=commit,
            branch=self.repository.branch,
            attempts=attempts,
            dry_run=self.target.dry_run,
            diff=diff,
        )


def _without_user(url: str) -> str:
    """The URL as Argo CD should know it: user names of this machine's login are not for the manifests."""
    if not url.startswith(("https://", "http://")):
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
