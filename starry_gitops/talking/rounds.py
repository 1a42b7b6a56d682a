"""Tells all pull requests of their previews, one after another; one that fails stops none of the others."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from starry_gitops.core.comment import marker_of
from starry_gitops.core.component_repositories import ComponentRepositories
from starry_gitops.core.context import Context
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.inventory import read_previews
from starry_gitops.core.manifest import APPLICATION_FILE, parse_preview
from starry_gitops.core.model import Preview, PullRequest, Skipped
from starry_gitops.core.notice import Notice, look_up, why_gone
from starry_gitops.core.settings import Overlay
from starry_gitops.errors import InvalidRepository, RemoteUnreachable, StarryError
from starry_gitops.forges.telling import Teller
from starry_gitops.gitrepo.recent import Removed, contents, recent
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.service import load_settings, read_from
from starry_gitops.talking.row import Row, Scope
from starry_gitops.talking.tellers import Find

_MANIFEST = re.compile(rf"(?P<folder>.+)/(?P<name>[a-z0-9][a-z0-9-]{{0,62}})/{re.escape(APPLICATION_FILE)}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """A preview and its pull request: the repository's page, as it was named to Starry, and the number."""

    preview: Preview
    page: str
    link: PullRequest

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.preview.overlay, self.preview.name, self.page, self.link.number


class Rounds:
    """One run over all previews whose pull request is in a known repository."""

    def __init__(self, repository: AppsRepository, find: Find, known: ComponentRepositories, scope: Scope) -> None:
        self.rows: list[Row] = []
        self.skipped: list[Skipped] = []
        self._repository = repository
        self._find = find
        self._known = known
        self._scope = scope
        self._open: dict[str, dict[int, ForgePullRequest]] = {}
        # A forge that does not answer is asked once.
        self._silent: dict[str, StarryError] = {}

    def run(self) -> None:
        """Refreshes the comments of those that are there, then has a last word on those that were removed lately.

        Raises:
            StarryError: the apps repository cannot be read.
        """
        settings = load_settings(self._repository.snapshot())
        overlays = settings.chosen([self._scope.overlay], everywhere=self._scope.everywhere)
        there = read_from(self._repository, lambda context: self._notices(context, overlays))
        seen = {one.key for one, _ in there}
        for one, notice in there:
            self._try(one, partial(self._tell, one, notice))
        for one, removed in self._gone(overlays):
            if one.key not in seen:
                seen.add(one.key)
                self._try(one, partial(self._tell_last, one, removed))

    def _notices(self, context: Context, overlays: Sequence[Overlay]) -> list[tuple[_Told, Notice]]:
        self.skipped.clear()
        return list(self._read(context, overlays))

    def _read(self, context: Context, overlays: Sequence[Overlay]) -> Iterator[tuple[_Told, Notice]]:
        for overlay in overlays:
            for found in read_previews(context, overlay):
                if isinstance(found, Skipped):
                    self.skipped.append(found)
                    continue
                one = self._known_preview(found)
                notice = one and self._look_up(one, overlay, context)
                if one and notice:
                    yield one, notice

    def _look_up(self, one: _Told, overlay: Overlay, context: Context) -> Notice | None:
        name = one.preview.name
        return look_up(context, overlay, name, one.link, warn=self._scope.warn, is_open=True)

    def _known_preview(self, preview: Preview) -> _Told | None:
        found = self._known.find(preview.pull_request)
        return _Told(preview=preview, page=found[0], link=found[1]) if found else None

    def _try(self, one: _Told, say: Callable[[], Row | None]) -> None:
        try:
            if one.page in self._silent:
                raise self._silent[one.page]
            row = say()
        except StarryError as error:
            if isinstance(error, RemoteUnreachable):
                self._silent[one.page] = error
            self.skipped.append(Skipped(name=one.preview.name, reason=error.message))
        else:
            self.rows += [row] if row else []

    def _tell(self, one: _Told, notice: Notice) -> Row:
        teller = self._find(one.page)
        pull_request = self._open_ones(one.page, teller).get(one.link.number)
        if pull_request is None:
            pull_request = teller.forge.pull_request(one.link.number)
            notice = replace(notice, is_open=pull_request.state == "open")
        told = teller.tell(teller.thread(one.link.number), notice, head_commit=pull_request.head_commit)
        return Row(notice=notice, url=one.link.text, told=told)

    def _open_ones(self, page: str, teller: Teller) -> dict[int, ForgePullRequest]:
        if page not in self._open:
            self._open[page] = {found.number: found for found in teller.forge.pull_requests()}
        return self._open[page]

    def _tell_last(self, one: _Told, removed: Removed) -> Row | None:
        """None where nobody was told of it before."""
        teller = self._find(one.page)
        thread = teller.thread(one.link.number)
        if thread.find(marker_of(one.preview.overlay, one.preview.name)) is None:
            return None
        pull_request = teller.forge.pull_request(one.link.number)
        notice = Notice(
            overlay=one.preview.overlay,
            name=one.preview.name,
            state="gone",
            is_open=pull_request.state == "open",
            reason=why_gone(removed.action, pull_request.state),
            removed_at=removed.date,
        )
        told = teller.tell(thread, notice, head_commit=pull_request.head_commit, may_create=False)
        return Row(notice=notice, url=one.link.text, told=told)

    def _gone(self, overlays: Sequence[Overlay]) -> Iterator[tuple[_Told, Removed]]:
        """What was removed, newest first, as its manifest was."""
        by_folder = {overlay.folder: overlay for overlay in overlays}
        removed = recent(self._repository, list(by_folder), self._scope.since).removed
        manifests = [(one, _place(one.path)) for one in removed]
        held = contents(self._repository, [one for one, place in manifests if place])
        for one, place in manifests:
            overlay = by_folder.get(place[0]) if place else None
            if place and overlay and one.blob in held:
                told = self._as_it_was(held[one.blob], place[1], overlay, one.path)
                if told:
                    yield told, one

    def _as_it_was(self, content: bytes, name: str, overlay: Overlay, path: str) -> _Told | None:
        try:
            _, preview = parse_preview(content, name=name, overlay=overlay.name, file=path)
        except InvalidRepository:
            return None
        return self._known_preview(preview)


def _place(path: str) -> tuple[str, str] | None:
    """The folder of an overlay's previews, and the preview's name, of a manifest's path."""
    found = _MANIFEST.fullmatch(path)
    return (found["folder"], found["name"]) if found else None
