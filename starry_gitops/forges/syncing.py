"""Asks forges what `sync` must know, and decides. May be asked again whenever the apps repository's branch moved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from starry_gitops.core.context import Context
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.model import Plan, Preview
from starry_gitops.core.settings import Settings
from starry_gitops.core.sync import Sync, Synced, plan_sync
from starry_gitops.core.sync_facts import Answer, Fact, number_in, why_none_yet
from starry_gitops.core.sync_settings import ForgeSettings, SyncRepository
from starry_gitops.core.sync_survey import Survey, doubted, lacks_preview, numbers_to_ask, survey
from starry_gitops.core.sync_work import Made
from starry_gitops.errors import DoubtfulAnswer, InvalidRepository, NotFound, StarryError, UsageFault
from starry_gitops.forges.protocol import Forge

Find = Callable[[str, ForgeSettings], Forge]
"""From a repository's URL, and what the settings say of forges, to its forge."""
Key = tuple[SyncRepository, ForgeSettings]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which repositories (none named: all of the settings'), or which single pull request, by its URL."""

    names: tuple[str, ...] = ()
    pull_request: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What a forge said of one pull request, and the previews that it was asked for."""

    fact: Fact | None
    previews: tuple[Preview, ...]


class Syncing:
    """Each forge is read once, after the settings that name it.

    A decision on a later tip of the branch asks again only about the pull requests whose previews somebody has changed
    meanwhile: what is known of them may be older. `made` looks up which previews were made before.
    """

    def __init__(self, intent: Sync, scope: Scope, find: Find, made: Callable[[], Made]) -> None:
        self._intent = intent
        self._scope = scope
        self._find = find
        self._made = made
        self._lists: dict[Key, Answer] = {}
        self._asked: dict[tuple[Key, int], _Asked] = {}
        self._seen: dict[tuple[Key, int], tuple[Preview, ...]] = {}

    def __call__(self, context: Context) -> Plan[Synced]:
        """What is to be done on this tip.

        Raises:
            InvalidRepository, NotFound, UsageFault: the settings name no repository, or not the one asked for.
        """
        settings = context.settings
        repositories = chosen(settings, self._scope)
        there = survey(repositories, context)
        answers = [self._answer((one, settings.forge), there) for one in repositories]
        is_asked = settings.sync.renew == "onPush" and any(lacks_preview(one, there) for one in answers)
        return plan_sync(self._intent, answers, there, context, self._made() if is_asked else frozenset())

    def _answer(self, key: Key, there: Survey) -> Answer:
        repository = key[0]
        if self._scope.pull_request is not None:
            number = number_in(self._scope.pull_request, repository)
            return self._ask(Answer(repository=repository, single=True), key, [number] if number else [], there)
        if key not in self._lists:
            self._lists[key] = self._read(key)
        answer = self._lists[key]
        if answer.error:
            return answer
        changed = [number for number in answer.open if self._has_changed(key, number, there)]
        asked = self._ask(answer, key, [*changed, *numbers_to_ask(answer, there)], there)
        return doubted(asked, there, allow_empty=self._intent.allow_empty)

    def _has_changed(self, key: Key, number: int, there: Survey) -> bool:
        """Whether the pull request's previews are others than when the list was read."""
        now = there.previews[key[0].name].get(number, ())
        return self._seen.setdefault((key, number), now) != now

    def _read(self, key: Key) -> Answer:
        repository = key[0]
        try:
            forge = self._find(repository.url, key[1])
            found = [_checked(one, repository) for one in forge.pull_requests()]
            opened = {one.number: _fact(one, forge, repository) for one in found if one.state == "open"}
        except StarryError as error:
            return Answer(repository=repository, error=error)
        if len(found) != len({one.number for one in found}):
            return Answer(
                repository=repository, error=DoubtfulAnswer(f"{repository.url}: a pull request is listed twice")
            )
        return Answer(repository=repository, open=opened)

    def _ask(self, answer: Answer, key: Key, numbers: Sequence[int], there: Survey) -> Answer:
        """Asks for single pull requests. After a failure nothing of this repository may be removed."""
        asked: dict[int, Fact | None] = {}
        for number in dict.fromkeys(numbers):
            previews = there.previews[answer.repository.name].get(number, ())
            known = self._asked.get((key, number))
            if known is None or known.previews != previews:
                try:
                    known = self._asked[key, number] = _Asked(
                        fact=self._look_up(key, number, previews), previews=previews
                    )
                except StarryError as error:
                    return replace(answer, asked=asked, doubt=error)
            asked[number] = known.fact
        return replace(answer, asked=asked)

    def _look_up(self, key: Key, number: int, previews: Sequence[Preview]) -> Fact | None:
        """None when there is none, although there are previews of it."""
        repository = key[0]
        forge = self._find(repository.url, key[1])
        try:
            found = _checked(forge.pull_request(number), repository)
        except NotFound:
            if not previews:
                raise
            return None
        if found.number != number:
            raise DoubtfulAnswer(f"{repository.url}: asked for pull request {number}, the forge gives {found.number}")
        return _fact(found, forge, repository)


def chosen(settings: Settings, scope: Scope) -> list[SyncRepository]:
    """The repositories that are meant.

    Raises:
        InvalidRepository: the settings have none.
        NotFound: none of that name, or none that the pull request is of.
    """
    known = settings.sync.repositories
    if not known:
        hint = "say there which repositories' pull requests get previews"
        raise InvalidRepository("sync.repositories is missing", file="starry.yaml", hint=hint)
    if scope.pull_request is not None:
        if "/" not in scope.pull_request:
            raise UsageFault("--only-pr takes a pull request's URL", hint="as a browser shows it")
        found = [one for one in known.values() if number_in(scope.pull_request, one) is not None]
        if not found:
            hint = f"sync.repositories has {', '.join(one.url for one in known.values())}"
            raise NotFound(f"no repository of sync has the pull request {scope.pull_request!r}", hint=hint)
        return found
    for name in scope.names:
        if name not in known:
            raise NotFound(f"no repository {name!r} in sync.repositories", hint=f"there are {', '.join(known)}")
    return [one for name, one in known.items() if not scope.names or name in scope.names]


def _checked(pull_request: ForgePullRequest, repository: SyncRepository) -> ForgePullRequest:
    """A repository that was renamed answers under its new name: its previews would not be known again."""
    if number_in(pull_request.url, repository) != pull_request.number:
        raise DoubtfulAnswer(
            f"{repository.url}: the forge gives the pull request {pull_request.url!r}",
            hint=f"correct url of sync.repositories.{repository.name}",
        )
    return pull_request


def _fact(pull_request: ForgePullRequest, forge: Forge, repository: SyncRepository) -> Fact:
    """With its files, where nothing else decides already."""
    if repository.paths is None or why_none_yet(pull_request, repository):
        return Fact(pull_request=pull_request)
    return Fact(pull_request=pull_request, files=tuple(forge.changed_files(pull_request.number)))
