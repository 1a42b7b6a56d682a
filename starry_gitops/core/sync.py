"""Decides what `sync` changes: previews become what the open pull requests are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.manifest import FILES
from starry_gitops.core.model import Plan, Preview, Skipped
from starry_gitops.core.overlaid import Overlaid
from starry_gitops.core.remove import removal_changes
from starry_gitops.core.sync_facts import Answer, Fact, why_none
from starry_gitops.core.sync_message import Done, SyncAction, message_of
from starry_gitops.core.sync_removal import Removal, plan_removal
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.core.sync_survey import Survey, doubted
from starry_gitops.core.sync_wanted import preview_name
from starry_gitops.core.sync_work import Ignored, Made, Wish, Work, fulfil
from starry_gitops.errors import StarryError, TooManyDeletions


@dataclass(frozen=True, kw_only=True, slots=True)
class Sync:
    """What `sync` wants. `max_deletes` None is the policy's cap; `force` lifts the caps."""

    allow_empty: bool = False
    max_deletes: int | None = None
    force: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One repository: how many pull requests are open (None: nobody knows), how many get a preview, what was wrong."""

    name: str
    url: str
    open: int | None
    wanted: int
    ignored: tuple[Ignored, ...]
    error: StarryError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Synced:
    """What a sync decided. `kept` counts the repositories' previews that stay as they are."""

    repositories: tuple[Report, ...]
    done: tuple[Done, ...]
    kept: int
    skipped: tuple[Skipped, ...]
    refusal: TooManyDeletions | None

    def names(self, action: SyncAction) -> list[str]:
        """The previews to which that happened, sorted."""
        return sorted(one.name for one in self.done if one.action == action)

    @property
    def fault(self) -> StarryError | None:
        """What went wrong first: a repository's failure, else the caps."""
        return next((one.error for one in self.repositories if one.error), self.refusal)


def plan_sync(
    intent: Sync, answers: Sequence[Answer], there: Survey, context: Context, made: Made = frozenset()
) -> Plan[Synced]:
    """Removes, then updates and renews, then creates: what is freed counts for the quotas.

    `made` matters with `renew: onPush` alone: what was made for a commit is not made for it again.
    """
    judged = [doubted(answer, there, allow_empty=intent.allow_empty) for answer in answers]
    overlaid = Overlaid(context.snapshot)
    work = Work(context=replace(context, snapshot=overlaid, owners={}), overlaid=overlaid)
    removal = plan_removal(judged, there, context, max_deletes=intent.max_deletes, force=intent.force)
    _remove(removal, work)
    wishes = [wish for answer in judged for wish in _wishes(answer, there, work)]
    overlaid.read_many([path for wish in wishes if wish.preview for path in _paths(wish, context)])
    for wish in sorted(wishes, key=lambda wish: wish.preview is None):
        fulfil(wish, work, made)
    if not all(answer.single for answer in judged):
        work.skipped += there.unread
    message = message_of(work.done, context.version) if work.changes else ""
    answer = _synced(judged, there, removal, work)
    return Plan(changes=tuple(work.changes.values()), message=message, answer=answer)


def _remove(removal: Removal, work: Work) -> None:
    work.skipped += removal.skipped
    for name in dict.fromkeys(one.preview.overlay for one in removal.going):
        going = [one.preview.name for one in removal.going if one.preview.overlay == name]
        work.lay(removal_changes(work.context, work.context.settings.overlay(name), going))
    work.done += [
        Done(name=one.preview.name, overlay=one.preview.overlay, action="removed", about=one.reason)
        for one in removal.going
    ]


def _wishes(answer: Answer, there: Survey, work: Work) -> Iterator[Wish]:
    """By number: where the quota ends, the older pull requests have their previews."""
    if answer.error:
        return
    mine = there.previews[answer.repository.name]
    for number, fact in sorted(answer.facts.items()):
        reason = why_none(fact, answer.repository)
        if reason is None:
            yield _wish(fact, answer.repository, mine.get(number, ()))
        elif fact.pull_request.state == "open":
            work.ignore(answer.repository, fact, reason)


def _wish(fact: Fact, repository: SyncRepository, mine: Sequence[Preview]) -> Wish:
    """A preview that carries the pull request is its preview, whatever its name; one named by the template first."""
    name = preview_name(fact.pull_request, repository)
    preview = min(mine, key=lambda one: (not one.managed, one.name != name, one.name), default=None)
    return Wish(fact=fact, repository=repository, name=preview.name if preview else name, preview=preview)


def _paths(wish: Wish, context: Context) -> list[str]:
    folder = folder_of(context.settings.overlay(wish.repository.overlay), wish.name)
    return [f"{folder}/{file}" for file in sorted(FILES)]


def _synced(answers: Sequence[Answer], there: Survey, removal: Removal, work: Work) -> Synced:
    mine = {preview.name for one in there.previews.values() for previews in one.values() for preview in previews}
    skipped = {one.name: one for one in work.skipped}
    return Synced(
        repositories=tuple(_report(answer, work) for answer in answers),
        done=tuple(work.done),
        kept=len(mine - skipped.keys() - {one.name for one in work.done}),
        skipped=tuple(skipped[name] for name in sorted(skipped)),
        refusal=removal.refusal,
    )


def _report(answer: Answer, work: Work) -> Report:
    facts = [] if answer.error else list(answer.facts.values())
    opened = [fact for fact in facts if fact.pull_request.state == "open"]
    return Report(
        name=answer.repository.name,
        url=answer.repository.url,
        open=None if answer.error else len(opened),
        wanted=sum(why_none(fact, answer.repository) is None for fact in opened),
        ignored=tuple(work.ignored.get(answer.repository.name, ())),
        error=answer.error or answer.doubt,
    )
