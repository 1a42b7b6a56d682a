"""Reads the apps repository: opens it, and makes what a decision starts from."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from starry_gitops import __version__
from starry_gitops.core.context import Context
from starry_gitops.core.model import Snapshot
from starry_gitops.core.settings import Settings
from starry_gitops.errors import ContentionLost, InvalidRepository
from starry_gitops.gitrepo.failures import LostRace
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.process import scratch_folder
from starry_gitops.gitrepo.remotes import Remote, resolve_remote
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.target import Target
from starry_gitops.gitrepo.traffic import Runner
from starry_gitops.settings import SETTINGS_FILE, read_settings
from starry_gitops.templates import find_template

log = logging.getLogger("starry")

T = TypeVar("T")

# How often a question is asked of a branch that moves meanwhile.
_READINGS = 10
# No Git process may take longer than the budget, but a slow clone gets at least this many seconds.
_SHORTEST_LIMIT = 20.0


@contextmanager
def open_repository(
    target: Target, *, whole: bool = False, meanwhile: Callable[[], None] | None = None, meter: Meter | None = None
) -> Iterator[AppsRepository]:
    """A throw-away clone of the branch's tip, gone at the end of the block.

    `meanwhile` runs while Git clones. `meter` measures all of it; what the block does is deciding.
    """
    meter = meter or Meter()
    remote = resolve_remote(target.repo)
    limit = max(target.timeout, _SHORTEST_LIMIT)
    with meter.running(target.watch), scratch_folder() as scratch:
        runner = Runner(scratch, timeout=limit, meter=meter, weighed=log.isEnabledFor(logging.INFO))
        with _beside(meanwhile):
            repository = AppsRepository(remote, runner, branch=target.branch, whole=whole)
        try:
            with meter.phase("decide"):
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
        return read_from(repository, question, now=now)


def read_from(repository: AppsRepository, question: Callable[[Context], T], *, now: datetime | None = None) -> T:
    """Answers a question from the tip, and begins anew when the tip moves under the reading.

    Raises:
        ContentionLost: it moves again and again.
    """
    for _ in range(_READINGS):
        try:
            return question(make_context(repository.snapshot(), repository.remote, now or current_time()))
        except LostRace:
            repository.refresh()
    raise ContentionLost("the branch moved whenever it was read", hint="run the command again")


def _without_user(url: str) -> str:
    """The URL as Argo CD should know it: user names of this machine's login are not for the manifests."""
    if not url.startswith(("https://", "http://")):
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
