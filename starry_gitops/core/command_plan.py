"""Decides what a command in a comment changes: as `create`, `extend` and `delete` would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.command import Command, Verb
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import ImageRequest, Plan, Preview, PullRequest, Result, Source
from starry_gitops.core.naming import check_text, resolve_name
from starry_gitops.core.policy import refuse_ttl
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.sync_facts import why_none_yet
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.core.sync_wanted import changed_preview, new_preview, preview_name
from starry_gitops.core.ttl import format_instant
from starry_gitops.errors import PolicyRefusal

COMMENT_TRAILER = "Starry-Comment"
"""Which comment asked for a change: so that the same event again changes nothing."""
ASKED_BY_TRAILER = "Starry-Asked-By"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Who asks, where and when, and what the pipeline and the settings say of it.

    Attributes:
        pull_request: as the forge knows it now.
        comment: the comment's id.
        author: who wrote it.
        at: when (UTC, whole seconds).
        repository: what starry.yaml says of the pull request's repository, if anything.
        name, overlay: of the preview; None: by the pull request, and the default one.
        images: what `--image` says; without any, what `repository` says.
    """

    pull_request: ForgePullRequest
    comment: int
    author: str
    at: datetime
    repository: SyncRepository | None = None
    name: str | None = None
    overlay: str | None = None
    images: tuple[ImageRequest, ...] = ()

    @property
    def identity(self) -> str:
        """The comment's, in one word: the commit that obeys it carries it."""
        return f"{self.pull_request.url}#{self.comment}"


def source_of(asked: Asked) -> Source:
    """What the preview is made for."""
    pull_request = asked.pull_request
    by_template = preview_name(pull_request, asked.repository) if asked.repository else None
    link = PullRequest(number=pull_request.number, url=pull_request.url)
    return Source(name=asked.name or by_template, pull_request=link)


def place_of(asked: Asked, settings: Settings) -> tuple[Overlay, str]:
    """The preview's overlay and name.

    Raises:
        NotFound, UsageFault, PolicyRefusal: there is no such overlay, or the name cannot be one.
    """
    wanted = asked.overlay or (asked.repository.overlay if asked.repository else None)
    overlay = settings.overlay(wanted)
    return overlay, resolve_name(source_of(asked), settings, overlay)


def why_not(verb: Verb, pull_request: ForgePullRequest, repository: SyncRepository | None) -> str | None:
    """Why the pull request may not have what is asked for; None when it may. To let a preview go is always right."""
    if verb in {"delete", "unpin", "help"}:
        return None
    if pull_request.state != "open":
        return f"the pull request is {pull_request.state}"
    if not pull_request.is_fork:
        return None
    label = repository.fork_label if repository else None
    if label is None:
        return "a fork's pull request gets no preview here"
    return None if label in pull_request.labels else f"a fork's pull request needs the label {label}"


def afterwards(asked: Asked, result: Result) -> str:
    """What `sync` makes of the result, which follows its filters and not what people ask for; "" where it stays so."""
    if asked.repository is None or asked.pull_request.state != "open":
        return ""
    is_wanted = why_none_yet(asked.pull_request, asked.repository) is None
    if result.action == "deleted" and is_wanted:
        return "where `starry sync` runs, it makes it again, with the next push at the latest: its filters want it"
    if result.action in {"created", "updated", "unchanged"} and not is_wanted and not result.pinned:
        return "where `starry sync` runs, it removes it unless it is pinned: its filters leave this pull request out"
    return ""


def plan_command(command: Command, asked: Asked, context: Context) -> Plan[Result]:
    """What the command changes; nothing where it is done already.

    Raises:
        NotFound, PolicyRefusal: the command cannot be done.
        UsageFault, InvalidRepository: the pipeline's options or the apps repository are at fault.
    """
    plan = _PLANS[command.verb](command, asked, context)
    if not plan.changes:
        return plan
    trailers = f"{COMMENT_TRAILER}: {asked.identity}\n{ASKED_BY_TRAILER}: {asked.author}\n"
    return replace(plan, message=plan.message + trailers)


def _plan_preview(_: Command, asked: Asked, context: Context) -> Plan[Result]:
    overlay, name = place_of(asked, context.settings)
    existing = find_existing(context, overlay, name)
    intent = _wanted(asked, context.settings, existing.preview if existing else None)
    source = replace(intent.source, name=name)
    return plan_apply(
        replace(intent, source=source, overlay=overlay.name, images=asked.images or intent.images), context
    )


def _wanted(asked: Asked, settings: Settings, preview: Preview | None) -> Apply:
    pull_request, repository = asked.pull_request, asked.repository
    if repository:
        if preview is None:
            return new_preview(pull_request, repository, settings)
        return changed_preview(pull_request, repository, preview)
    return Apply(
        source=replace(source_of(asked), branch=check_text("the branch", pull_request.head_branch)),
        commit=pull_request.head_commit,
        owner=preview.owner if preview else check_text("the author", pull_request.author),
    )


def _plan_extend(command: Command, asked: Asked, context: Context) -> Plan[Result]:
    """Until so long after the comment, so that it says the same whenever it is read; never to less than there is."""
    overlay, name = place_of(asked, context.settings)
    minutes, at = command.minutes or 0, min(asked.at, context.now)
    refuse_ttl(minutes, context.settings.policy.ttl)
    until = at + timedelta(minutes=minutes)
    existing = find_existing(context, overlay, name)
    if existing is not None:
        at = min(max(at, existing.preview.created_at), context.now)
        until = max(until, existing.preview.expires_at)
    if until <= context.now:
        raise PolicyRefusal(f"{format_instant(until)} is past", hint="comment again", code="ttl")
    intent = Extend(source=replace(source_of(asked), name=name), overlay=overlay.name, until=until)
    return plan_extend(intent, replace(context, now=at))


def _plan_pin(command: Command, asked: Asked, context: Context) -> Plan[Result]:
    overlay, name = place_of(asked, context.settings)
    pinned = command.verb == "pin"
    return plan_extend(
        Extend(source=replace(source_of(asked), name=name), overlay=overlay.name, pinned=pinned), context
    )


def _plan_delete(_: Command, asked: Asked, context: Context) -> Plan[Result]:
    overlay, name = place_of(asked, context.settings)
    plan = plan_remove(Remove(sources=(replace(source_of(asked), name=name),), overlay=overlay.name), context)
    return Plan(changes=plan.changes, message=plan.message, answer=plan.answer[0])


_PLANS: Mapping[Verb, Callable[[Command, Asked, Context], Plan[Result]]] = {
    "preview": _plan_preview,
    "extend": _plan_extend,
    "pin": _plan_pin,
    "unpin": _plan_pin,
    "delete": _plan_delete,
}
