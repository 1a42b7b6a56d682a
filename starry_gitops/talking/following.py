"""Follows one pull request, as its events tell: its preview is made equal to it, and it is told of that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starry_gitops.core.component_repositories import ComponentRepositories
from starry_gitops.core.context import Context
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.forge_event import PullRequestEvent
from starry_gitops.core.model import PullRequest
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.sync import Sync, Synced
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.core.sync_survey import survey
from starry_gitops.core.sync_wanted import preview_name
from starry_gitops.errors import PolicyRefusal
from starry_gitops.forges.syncing import Scope as SyncScope
from starry_gitops.forges.telling import Manner
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome
from starry_gitops.service import load_settings, open_repository, read_from
from starry_gitops.talking.row import Row, Scope
from starry_gitops.talking.single import Place, tell_one
from starry_gitops.talking.sync_run import run_sync
from starry_gitops.talking.tellers import finder

# How far back a preview that is gone is looked for.
_LOOK_BACK = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """What became of a pull request's previews, and of the comments that tell of them."""

    outcome: Outcome[Synced]
    rows: tuple[Row, ...]


def follow(event: PullRequestEvent, target: Target, now: datetime, *, warn: int) -> Followed | None:
    """Does what `starry sync --only-pr` does, and tells the pull request; None: `sync` is not for its repository.

    The event says where to look. What is so, the forge is asked. `warn`: from how many minutes expiry is near.

    Raises:
        StarryError: the forge or the apps repository fails. What could be done is done.
    """
    with open_repository(target, whole=True) as repository:
        settings = load_settings(repository.snapshot())
        known = ComponentRepositories(settings, ()).synced(event.page)
        if known is None:
            return None
        outcome = run_sync(target, Sync(), SyncScope(pull_request=f"{known.url}/pull/{event.number}"), now=now)
        if outcome.answer.fault:
            raise outcome.answer.fault
        repository.refresh()
        removed = [one.name for one in outcome.answer.done if one.action == "removed"]
        scope = Scope(now=now, since=now - _LOOK_BACK, warn=warn)
        told = _Telling(repository, settings, known, scope, timeout=target.timeout)
        return Followed(outcome=outcome, rows=tuple(told.tell(event.number, removed)))


class _Telling:
    """Tells one pull request of each of its previews; mostly there is one."""

    def __init__(
        self, repository: AppsRepository, settings: Settings, known: SyncRepository, scope: Scope, *, timeout: float
    ) -> None:
        self._repository = repository
        self._overlay: Overlay = settings.overlay(known.overlay)
        self._known = known
        self._scope = scope
        self._teller = finder(settings, Manner(now=scope.now), timeout)(known.url)

    def tell(self, number: int, removed: Iterable[str]) -> list[Row]:
        """Those that carry it, and those that were just removed; else the one that it would have, or had before."""
        pull_request = self._teller.forge.pull_request(number)
        link = PullRequest(number=number, url=pull_request.url)
        carried = read_from(self._repository, lambda context: self._carried(context, number))
        names = dict.fromkeys([*carried, *removed])
        if names:
            return [self._one(pull_request, self._place(name, link)) for name in names]
        place = self._place(preview_name(pull_request, self._known), link)
        try:
            return [self._one(pull_request, place)]
        except PolicyRefusal:
            return []  # somebody else's preview has that name

    def _one(self, pull_request: ForgePullRequest, place: Place) -> Row:
        return tell_one(self._repository, self._teller, place, pull_request, self._scope)

    def _carried(self, context: Context, number: int) -> list[str]:
        return [one.name for one in survey([self._known], context).previews[self._known.name].get(number, ())]

    def _place(self, name: str, link: PullRequest) -> Place:
        return Place(overlay=self._overlay, name=name, link=link)
