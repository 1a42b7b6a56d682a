"""Looks at a preview again and again until it is ready, cannot become so, or the time is up."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from starry_gitops.cli.options import Options
from starry_gitops.cli.revisions import Revisions, find_commit
from starry_gitops.clusters.looking import look_at_application
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.clusters.urls import look_at
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.model import Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_other_source
from starry_gitops.core.settings import Overlay
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.core.waiting import Goal, Memory, Observation, Verdict, goal_of, judge
from starry_gitops.errors import NotFound, RemoteUnreachable
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.service import current_time, open_repository, read_from


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The preview that is waited for: its goal, overlay, commit, URLs, and how revisions are looked up."""

    goal: Goal
    overlay: Overlay
    commit: str
    urls: Mapping[str, str]
    revisions: Revisions
    repo_url: str
    is_superseded: bool


def find_subject(options: Options, source: Source, commit: str | None, pages: Sequence[str] = ()) -> Subject:
    """Reads the preview, its last commit and its URLs from the apps repository; `pages` stand in for the URLs.

    Raises:
        NotFound: there is no such preview, or no such commit.
    """
    target = options.target()
    with open_repository(target) as repository:
        return read_from(repository, lambda context: _subject(repository, context, options, source, commit, pages))


def _subject(
    repository: AppsRepository,
    context: Context,
    options: Options,
    source: Source,
    given: str | None,
    pages: Sequence[str],
) -> Subject:
    overlay = context.settings.overlay(options.overlay)
    name = resolve_name(source, context.settings, overlay)
    existing = find_existing(context, overlay, name)
    if existing is None:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    refuse_other_source(existing.preview, source)
    waited = find_commit(repository, context, overlay, name, given)
    images = images_of(image_fields(existing.values_node), context.settings)
    return Subject(
        goal=goal_of(existing, waited.committed_at),
        overlay=overlay,
        commit=waited.commit,
        urls={url: url for url in pages} or urls_of(context.settings, overlay, name, images),
        revisions=Revisions(target=options.target(), overlay=overlay, name=name, tree=waited.tree),
        repo_url=context.repo_url,
        is_superseded=waited.is_superseded,
    )


@dataclass(kw_only=True, slots=True)
class Waiting:
    """One waiting. `say` is told each reason once it is another one; `seconds` is how long it took.

    `unread` says what could not be looked at in the last look, and why.
    """

    subject: Subject
    cluster: Cluster | None
    pages: Mapping[str, str]
    path: str
    say: Callable[[str], None]
    seconds: float = 0.0
    memory: Memory = field(default_factory=dict)
    said: str = ""
    unread: tuple[str, ...] = ()

    def run(self, *, seconds: float, interval: float) -> Verdict:
        """The verdict: ready, failed, or waiting when the time is up.

        Raises:
            RemoteUnreachable: the time is up, and the last look had no answer.
            StarryError: whoever is asked refuses.
        """
        started = time.monotonic()
        while True:
            verdict, error = self._look()
            self.seconds = time.monotonic() - started
            left = seconds - self.seconds
            if verdict is not None and verdict.state != "waiting":
                return verdict
            if left <= 0:
                if verdict is None:
                    raise error or RemoteUnreachable("nobody answered")
                return verdict
            time.sleep(min(interval, left))

    def _look(self) -> tuple[Verdict | None, RemoteUnreachable | None]:
        """A look; one without an answer is no verdict: the next one may have it."""
        try:
            seen = self._observe()
        except RemoteUnreachable as error:
            self._tell(f"no answer, trying again: {error.message}")
            return None, error
        verdict, self.memory = judge(self.subject.goal, seen, self.memory, current_time())
        if verdict.found:
            first = verdict.found[0]
            self._tell(f"{self.subject.goal.name}: {first.cause.cause} ({first.where}: {first.words})")
        return verdict, None

    def _tell(self, text: str) -> None:
        if text != self.said:
            self.said = text
            self.say(text)

    def _observe(self) -> Observation:
        subject = self.subject
        pages = tuple(look_at(component, url, self.path) for component, url in self.pages.items())
        if self.cluster is None:
            return Observation(asked_cluster=False, pages=pages, superseded=subject.is_superseded)
        look = look_at_application(
            self.cluster, subject.goal, subject.overlay, subject.repo_url, subject.revisions.holds
        )
        self.unread = look.unread
        return replace(look.seen, pages=pages, superseded=subject.is_superseded)
