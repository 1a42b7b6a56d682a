"""Tells one pull request of one preview."""

from dataclasses import dataclass

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.forge_url import parse_forge_url
from starry_gitops.core.manifest import APPLICATION_FILE
from starry_gitops.core.model import PullRequest, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.notice import Notice, look_up, why_gone
from starry_gitops.core.settings import Overlay
from starry_gitops.errors import UsageFault
from starry_gitops.forges.telling import Teller
from starry_gitops.gitrepo.recent import recent
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.service import load_settings, read_from
from starry_gitops.talking.row import Row, Scope
from starry_gitops.talking.tellers import Find


def comment_one(repository: AppsRepository, find: Find, source: Source, scope: Scope) -> Row:
    """Writes the comment. Of a preview that is gone there is a last word, where there was a word before.

    Raises:
        PolicyRefusal: the preview is another pull request's.
        StarryError: whatever the forge or the apps repository refuses.
    """
    link = source.pull_request
    if link is None or link.url is None:
        raise UsageFault("no pull request is named")
    teller = find(link.url)
    pull_request = teller.forge.pull_request(parse_forge_url(link.url).number or link.number)
    settings = load_settings(repository.snapshot())
    overlay = settings.overlay(scope.overlay)
    name = resolve_name(source, settings, overlay)
    return tell_one(repository, teller, Place(overlay=overlay, name=name, link=link), pull_request, scope)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A preview's overlay and name, and the pull request that it should carry."""

    overlay: Overlay
    name: str
    link: PullRequest


def tell_one(
    repository: AppsRepository, teller: Teller, place: Place, pull_request: ForgePullRequest, scope: Scope
) -> Row:
    """As `comment_one`, of a preview whose place is known. `pull_request` is as the forge has it.

    Raises:
        PolicyRefusal: the preview is another pull request's.
        StarryError: whatever the forge or the apps repository refuses.
    """
    found = read_from(repository, lambda context: _look_up(context, place, scope, pull_request))
    notice = found or last_word(repository, place.overlay, place.name, pull_request, scope)
    told = teller.tell(
        teller.thread(pull_request.number),
        notice,
        head_commit=pull_request.head_commit,
        may_create=found is not None,
    )
    return Row(notice=notice, url=place.link.text, told=told)


def _look_up(context: Context, place: Place, scope: Scope, pull_request: ForgePullRequest) -> Notice | None:
    is_open = pull_request.state == "open"
    return look_up(context, place.overlay, place.name, place.link, warn=scope.warn, is_open=is_open)


def last_word(
    repository: AppsRepository, overlay: Overlay, name: str, pull_request: ForgePullRequest, scope: Scope
) -> Notice:
    """That it is gone, and why, as far as the branch's newest commits tell."""
    path = f"{folder_of(overlay, name)}/{APPLICATION_FILE}"
    removed = [one for one in recent(repository, [overlay.folder], scope.since).removed if one.path == path]
    return Notice(
        overlay=overlay.name,
        name=name,
        state="gone",
        is_open=pull_request.state == "open",
        reason=why_gone(removed[0].action if removed else None, pull_request.state),
        removed_at=removed[0].date if removed else None,
    )
