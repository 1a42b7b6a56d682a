"""Answers one comment that asks for something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from starry_gitops.core.command import OPPOSITES, WORD, Command, Mistake, find_command
from starry_gitops.core.command_plan import Asked, afterwards, place_of, plan_command, why_not
from starry_gitops.core.comment import Answer, answered, marker_of
from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.forge import ForgeComment, Permission
from starry_gitops.core.forge_event import CommentEvent
from starry_gitops.core.manifest import APPLICATION_FILE
from starry_gitops.core.model import Action, PullRequest, Result, Source
from starry_gitops.core.notice import Notice, look_up, why_gone
from starry_gitops.core.proposal import branch_of
from starry_gitops.errors import NotFound, PolicyRefusal
from starry_gitops.forges.telling import Teller, Told
from starry_gitops.gitrepo.recent import recent
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome, publish
from starry_gitops.service import load_settings, read_from
from starry_gitops.talking.row import Scope
from starry_gitops.talking.single import last_word
from starry_gitops.templates import load_engines

ObeyedAction = Action | Literal["ignored", "refused", "helped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Obeyed:
    """What became of an event: the change, where there is one, and what the pull request was told."""

    action: ObeyedAction
    reason: str | None = None
    command: str | None = None
    author: str | None = None
    url: str | None = None
    outcome: Outcome[Result] | None = None
    told: Told | None = None


_WRITERS: frozenset[Permission] = frozenset({"write", "admin"})
_ONLY_WRITERS = "only who may write to the repository can do that"
# How far back a preview that is gone is looked for.
_LOOK_BACK = timedelta(hours=6)
# How far a pipeline's clock, which dates commits, may be behind the forge's, which dates comments.
_CLOCKS = timedelta(hours=1)
_DONE: Mapping[Action, str] = {
    "created": "created",
    "updated": "done",
    "unchanged": "nothing to change",
    "deleted": "deleted",
    "absent": "there is none",
}


class Talk:
    """One comment below a pull request, and the preview that it is about."""

    def __init__(
        self,
        asked: Asked,
        found: Command | Mistake,
        repository: AppsRepository,
        teller: Teller,
        *,
        target: Target,
        now: datetime,
        warn: int,
        commit: str | None,
    ) -> None:
        self._asked = asked
        self._found = found
        self._repository = repository
        self._teller = teller
        self._target = target
        self._scope = Scope(now=now, since=now - _LOOK_BACK, warn=warn)
        self._commit = commit
        self._pull_request = asked.pull_request
        self._thread = teller.thread(asked.pull_request.number)
        self._overlay, self._name = place_of(asked, load_settings(repository.snapshot()))

    def answer(self, event: CommentEvent) -> Obeyed:
        """Does it, or says why not.

        Raises:
            StarryError: the forge, the apps repository or the pipeline's options are at fault, not who asks.
        """
        ignored = self._why_ignored(event)
        if ignored:
            return self._obeyed("ignored", ignored)
        if self._teller.forge.permission(event.author) not in _WRITERS:
            # Nothing that a stranger writes is repeated, and no comment is made for one.
            told = self._tell(WORD, _ONLY_WRITERS, is_refused=True, may_create=False)
            return self._obeyed("refused", _ONLY_WRITERS, told=told)
        if isinstance(self._found, Mistake):
            return self._refuse(self._found.reason)
        if self._found.verb == "help":
            told = self._tell(self._found.text, "these are the commands", wants_help=True)
            return self._obeyed("helped", told=told)
        reason = self._why_not(self._found)
        return self._refuse(reason) if reason else self._do(self._found)

    def _why_ignored(self, event: CommentEvent) -> str | None:
        """The forge is asked: whoever made the event up, nothing is done that no comment asks for."""
        comment = next((one for one in self._thread.all() if one.id == event.comment), None)
        if comment is None or comment.author.casefold() != event.author.casefold():
            return "the forge knows no such comment"
        if comment.body.split() != event.body.split():
            return "the comment was edited"
        if self._thread.is_ours(event.author):
            return "we wrote it ourselves"
        sticky = self._thread.find(marker_of(self._overlay.name, self._name))
        before = answered(sticky.body) if sticky else ()
        if event.comment in before:
            return "it was answered before"
        return "a later comment asked for the opposite" if any(map(self._is_opposite, self._later(before))) else None

    def _later(self, before: Sequence[int]) -> Iterator[ForgeComment]:
        """Comments that were written after this one, and answered before it."""
        return (one for one in self._thread.all() if one.id > self._asked.comment and one.id in before)

    def _is_opposite(self, other: ForgeComment) -> bool:
        """Whether somebody who may write took the command back."""
        if not isinstance(self._found, Command):
            return False
        found = find_command(other.body)
        is_opposite = isinstance(found, Command) and found.verb == OPPOSITES.get(self._found.verb)
        return is_opposite and self._teller.forge.permission(other.author) in _WRITERS

    def _why_not(self, command: Command) -> str | None:
        reason = why_not(command.verb, self._pull_request, self._asked.repository)
        is_stale = command.verb == "preview" and self._commit not in {None, self._pull_request.head_commit}
        return reason or ("somebody has pushed to the branch meanwhile" if is_stale else None)

    def _do(self, command: Command) -> Obeyed:
        lately = recent(self._repository, [self._overlay.folder], self._asked.at - _CLOCKS)
        if self._asked.identity in lately.comments:
            # Starry's comment does not know it: the run that did it could not say so.
            return self._obeyed("ignored", "it was done before", told=self._tell(command.text, "done"))
        path = f"{folder_of(self._overlay, self._name)}/{APPLICATION_FILE}"
        removed = any(one.path == path and one.date >= self._asked.at for one in lately.removed)
        if command.verb != "delete" and removed:
            return self._refuse("the preview was removed after that: comment again")
        try:
            outcome = publish(
                self._target,
                lambda context: plan_command(command, self._asked, context),
                proposal=branch_of(Source(name=self._name), self._overlay.name),
                meanwhile=load_engines,
            )
        except (PolicyRefusal, NotFound) as error:
            return self._refuse(error.message)
        return self._done(command, outcome)

    def _done(self, command: Command, outcome: Outcome[Result]) -> Obeyed:
        action = outcome.answer.action
        self._repository.refresh()
        proposal = outcome.proposal
        where = f"in the proposal {proposal.url} ({proposal.state})" if proposal else None
        words = "; ".join(filter(None, (_DONE[action], where, afterwards(self._asked, outcome.answer))))
        is_deleted = proposal is None and outcome.commit is not None and action == "deleted"
        told = self._tell(command.text, words, is_deleted=is_deleted)
        return replace(self._obeyed(action, told=told), outcome=outcome)

    def _refuse(self, reason: str) -> Obeyed:
        return self._obeyed("refused", reason, told=self._tell(self._found.text, reason, is_refused=True))

    def _obeyed(self, action: ObeyedAction, reason: str | None = None, *, told: Told | None = None) -> Obeyed:
        return Obeyed(
            action=action,
            reason=reason,
            command=self._found.text,
            author=self._asked.author,
            url=self._pull_request.url,
            told=told,
        )

    def _tell(
        self,
        command: str,
        outcome: str,
        *,
        is_refused: bool = False,
        wants_help: bool = False,
        is_deleted: bool = False,
        may_create: bool = True,
    ) -> Told:
        answer = Answer(
            comment=self._asked.comment,
            author=self._asked.author,
            command=command,
            outcome=outcome,
            is_refused=is_refused,
            wants_help=wants_help,
        )
        head = self._pull_request.head_commit
        notice = self._deleted() if is_deleted else self._notice()
        return self._teller.tell(self._thread, notice, head_commit=head, answer=answer, may_create=may_create)

    def _notice(self) -> Notice:
        try:
            found = read_from(self._repository, self._look_up)
        except PolicyRefusal:
            return self._none()
        if found:
            return found
        gone = last_word(self._repository, self._overlay, self._name, self._pull_request, self._scope)
        return gone if gone.removed_at else self._none()

    def _look_up(self, context: Context) -> Notice | None:
        link = PullRequest(number=self._pull_request.number, url=self._pull_request.url)
        is_open = self._pull_request.state == "open"
        return look_up(context, self._overlay, self._name, link, warn=self._scope.warn, is_open=is_open)

    def _none(self) -> Notice:
        is_open = self._pull_request.state == "open"
        return Notice(overlay=self._overlay.name, name=self._name, state="none", is_open=is_open)

    def _deleted(self) -> Notice:
        state = self._pull_request.state
        reason = why_gone("delete", state)
        return replace(self._none(), state="gone", reason=reason, removed_at=self._scope.now)
