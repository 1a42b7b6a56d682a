"""Decides which previews `sync` removes: those whose pull request the forge itself calls closed, or unwanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starry_gitops.core.caps import Share, refuse_too_many
from starry_gitops.core.collect import second_look
from starry_gitops.core.context import Context
from starry_gitops.core.model import Preview, Skipped
from starry_gitops.core.settings import Overlay
from starry_gitops.core.sync_facts import Answer, why_none
from starry_gitops.core.sync_survey import Survey, is_removable
from starry_gitops.errors import TooManyDeletions


@dataclass(frozen=True, kw_only=True, slots=True)
class Going:
    """A preview that goes, and why."""

    preview: Preview
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """What goes, what could not be judged, and why nothing goes although it should."""

    going: tuple[Going, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    refusal: TooManyDeletions | None = None


def plan_removal(
    answers: Sequence[Answer], there: Survey, context: Context, *, max_deletes: int | None, force: bool
) -> Removal:
    """What may go, within the caps of gc: more than that, and nothing goes."""
    verdicts = [one for answer in answers for one in _judge(answer, there, context)]
    going = tuple(one for one in verdicts if isinstance(one, Going))
    skipped = tuple(one for one in verdicts if isinstance(one, Skipped))
    if force:
        return Removal(going=going, skipped=skipped)
    shares = [
        Share(overlay=name, going=sum(one.preview.overlay == name for one in going), present=present)
        for name, present in there.present.items()
    ]
    try:
        refuse_too_many(shares, "have no open pull request any more", context.settings.policy.gc, max_deletes)
    except TooManyDeletions as refusal:
        return Removal(skipped=skipped, refusal=refusal)
    return Removal(going=going, skipped=skipped)


def _judge(answer: Answer, there: Survey, context: Context) -> Iterator[Going | Skipped]:
    """Only what the forge said when it was asked for this one pull request counts."""
    if answer.error or answer.doubt:
        return
    overlay = context.settings.overlay(answer.repository.overlay)
    mine = there.previews[answer.repository.name]
    for number in sorted(answer.asked.keys() & mine.keys()):
        fact = answer.asked[number]
        reason = why_none(fact, answer.repository) if fact else None
        for preview in filter(is_removable, mine[number]):
            if fact is None:
                yield Skipped(name=preview.name, reason=f"the forge does not know {preview.pull_request}: it stays")
            elif reason:
                yield _checked(Going(preview=preview, reason=reason), overlay, context)


def _checked(one: Going, overlay: Overlay, context: Context) -> Going | Skipped:
    return second_look(one.preview, overlay, context) or one
