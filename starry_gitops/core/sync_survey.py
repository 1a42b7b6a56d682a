"""The previews that carry component repositories' pull requests, and what must be asked before one may go."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from starry_gitops.core.context import Context
from starry_gitops.core.inventory import read_previews
from starry_gitops.core.model import Preview, Skipped
from starry_gitops.core.sync_facts import Answer, Fact, number_in, why_none
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.errors import DoubtfulAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What there is of the repositories that are synced.

    Attributes:
        previews: by repository's name and pull request's number, those in the repository's overlay; sorted by name.
        present: how many previews each of those overlays has.
        unread: those that cannot be read, and so may be any pull request's.
    """

    previews: Mapping[str, Mapping[int, tuple[Preview, ...]]]
    present: Mapping[str, int]
    unread: tuple[Skipped, ...]


def survey(repositories: Sequence[SyncRepository], context: Context) -> Survey:
    """Reads the overlays that the repositories' previews go to.

    Raises:
        NotFound: there is no such overlay.
    """
    overlays = {overlay.name: overlay for overlay in context.settings.chosen(one.overlay for one in repositories)}
    found = {name: list(read_previews(context, overlay)) for name, overlay in overlays.items()}
    readable = {name: [one for one in previews if isinstance(one, Preview)] for name, previews in found.items()}
    return Survey(
        previews={
            one.name: _by_number(readable[context.settings.overlay(one.overlay).name], one) for one in repositories
        },
        present={name: len(previews) for name, previews in found.items()},
        unread=tuple(one for previews in found.values() for one in previews if isinstance(one, Skipped)),
    )


def _by_number(previews: Iterable[Preview], repository: SyncRepository) -> dict[int, tuple[Preview, ...]]:
    found: dict[int, tuple[Preview, ...]] = {}
    for preview in previews:
        number = number_in(preview.pull_request, repository)
        if number is not None:
            found[number] = (*found.get(number, ()), preview)
    return found


def is_removable(preview: Preview) -> bool:
    """True for a preview that Starry made and nobody pinned."""
    return preview.managed and not preview.pinned


def doubted(answer: Answer, there: Survey, *, allow_empty: bool) -> Answer:
    """The answer, as an error where it is an empty list and the forge does not call each preview's own one closed."""
    if answer.open or answer.single or answer.error or answer.doubt or allow_empty:
        return answer
    mine = there.previews[answer.repository.name]
    at_stake = [(number, one) for number, previews in mine.items() for one in previews if is_removable(one)]
    unsure = next((one.name for number, one in at_stake if not _is_over(answer.asked.get(number))), None)
    if unsure is None:
        return answer
    return replace(
        answer,
        error=DoubtfulAnswer(
            f"{answer.repository.name}: the forge lists no open pull request, and does not call that of {unsure} "
            "closed: nothing is removed",
            hint="check the token's rights; to have those removed that it does call closed, use --allow-empty",
        ),
    )


def _is_over(fact: Fact | None) -> bool:
    return fact is not None and fact.pull_request.state in {"closed", "merged"}


def numbers_to_ask(answer: Answer, there: Survey) -> Iterator[int]:
    """The pull requests of whose previews the answer alone would say that they may go: each must be asked for."""
    if answer.error or answer.doubt or answer.single:
        return
    for number, previews in there.previews[answer.repository.name].items():
        fact = answer.open.get(number)
        is_wanted = fact is not None and why_none(fact, answer.repository) is None
        if not is_wanted and number not in answer.asked and any(map(is_removable, previews)):
            yield number


def lacks_preview(answer: Answer, there: Survey) -> bool:
    """True when some pull request would get a preview that is not there."""
    mine = there.previews[answer.repository.name]
    facts = {} if answer.error else answer.facts
    return any(number not in mine and why_none(fact, answer.repository) is None for number, fact in facts.items())
