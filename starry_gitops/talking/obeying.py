"""Reads an event, and has what it asks for done: ignored, refused, or done."""

from dataclasses import dataclass
from datetime import datetime

from starry_gitops.core.command import WORD, Command, Mistake, find_command
from starry_gitops.core.command_plan import Asked
from starry_gitops.core.comment import is_sticky
from starry_gitops.core.component_repositories import ComponentRepositories
from starry_gitops.core.forge_event import CommentEvent, ForgeEvent
from starry_gitops.core.model import ImageRequest
from starry_gitops.errors import UsageFault
from starry_gitops.forges.telling import Manner
from starry_gitops.gitrepo.target import Target
from starry_gitops.service import load_settings, open_repository
from starry_gitops.talking.talk import Obeyed, Talk
from starry_gitops.talking.tellers import finder


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What the pipeline says beside the event. `warn` in minutes; the rest as the options of the same names."""

    name: str | None
    overlay: str | None
    images: tuple[ImageRequest, ...]
    commit: str | None
    component_repos: tuple[str, ...]
    warn: int
    status: bool


def obey(event: ForgeEvent | None, order: Order, target: Target, now: datetime) -> Obeyed:
    """Does what a comment asks for.

    Raises:
        UsageFault: the event is of a repository that Starry was not told of, or the options are at fault.
        StarryError: the forge or the apps repository fails.
    """
    reason = why_ignored(event)
    found = find_command(event.body) if isinstance(event, CommentEvent) else None
    if reason or found is None or not isinstance(event, CommentEvent):
        return Obeyed(action="ignored", reason=reason)
    return _obey(event, found, order, target, now)


def why_ignored(event: ForgeEvent | None) -> str | None:
    """Why the event asks for nothing, as far as it tells that itself; None: it asks for something."""
    if not isinstance(event, CommentEvent):
        return "it is no comment on a pull request"
    if event.action != "created":
        return f"the comment was {event.action}"
    if event.by_bot or is_sticky(event.body):
        return "a bot wrote it"
    return None if find_command(event.body) else f"no line of it begins with {WORD}"


def _obey(event: CommentEvent, found: Command | Mistake, order: Order, target: Target, now: datetime) -> Obeyed:
    with open_repository(target) as repository:
        settings = load_settings(repository.snapshot())
        known = ComponentRepositories(settings, order.component_repos)
        page = known.page(event.page)
        if page is None:
            hint = f"name it with --component-repo; known are: {known.names}"
            raise UsageFault(f"the event is of the repository {event.page!r}", hint=hint)
        manner = Manner(now=now, status=order.status, dry_run=target.dry_run)
        teller = finder(settings, manner, target.timeout)(page)
        asked = Asked(
            pull_request=teller.forge.pull_request(event.number),
            comment=event.comment,
            author=event.author,
            at=event.created_at,
            repository=known.synced(page),
            name=order.name,
            overlay=order.overlay,
            images=order.images,
        )
        talk = Talk(asked, found, repository, teller, target=target, now=now, warn=order.warn, commit=order.commit)
        return talk.answer(event)
