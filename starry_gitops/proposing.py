"""Brings a change into the apps repository as a pull request: one for each preview, or run of a batch."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from starry_gitops.core.context import Context
from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.model import Change
from starry_gitops.core.overlaid import Overlaid
from starry_gitops.core.proposal import PREFIX, Kept, ProposalState, Proposed, are_expired, keep, net
from starry_gitops.core.review import review
from starry_gitops.errors import ForgeRefusal, InvalidRepository, NotFound, PolicyRefusal, UsageFault
from starry_gitops.forges.finding import find_forge
from starry_gitops.forges.protocol import Forge
from starry_gitops.gitrepo.failures import LostRace
from starry_gitops.gitrepo.proposals import Standing, read_proposal, remove_branch
from starry_gitops.gitrepo.ranges import Ends
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.snapshot import GitSnapshot
from starry_gitops.reviewing.objects import render_review
from starry_gitops.reviewing.proposal_text import ProposalText, write_text

log = logging.getLogger("starry")

_RENDERED = 20
_MOOT = "Nothing is left to change: the branch is as this proposal wants it, or what it was for is gone."
# A forge takes notice of a push to an open pull request a moment later.
_LOOKS = 20
_PAUSE = 0.25


def apps_forge(context: Context, seconds: float) -> Forge:
    """The forge that has the apps repository.

    Raises:
        UsageFault: its URL leads to none.
    """
    settings = context.settings
    try:
        return find_forge(context.repo_url, kind=settings.forge.kind, api_url=settings.forge.api_url, seconds=seconds)
    except UsageFault as error:
        hint = f"a proposal needs the repository's forge: {error.hint}" if error.hint else "set repoURL in starry.yaml"
        raise UsageFault(error.message, hint=hint) from None


def close_moot(repository: AppsRepository, context: Context, *, seconds: float) -> tuple[Proposed, ...]:
    """Closes the open proposals that nothing is left of, and those of previews that would be expired when merged."""
    forge = apps_forge(context, seconds)
    found = [one for one in forge.pull_requests() if _is_ours(one, repository.branch)]
    closed = [_close_if_moot(repository, context, forge, one) for one in found]
    return tuple(one for one in closed if one is not None)


def _close_if_moot(
    repository: AppsRepository, context: Context, forge: Forge, pull: ForgePullRequest
) -> Proposed | None:
    try:
        proposal = Proposal(repository, context, pull.head_branch, forge=forge, pull=pull)
        return proposal.close() if proposal.is_moot() else None
    except (InvalidRepository, NotFound, PolicyRefusal) as error:
        log.warning("%s is left to people: %s", pull.url, error.message)
        return None


def _is_ours(pull: ForgePullRequest, base: str) -> bool:
    return pull.head_branch.startswith(PREFIX) and pull.base_branch == base and not pull.is_fork


class Proposal:
    """The pull request from one branch, as it is, and what shall become of it."""

    def __init__(
        self,
        repository: AppsRepository,
        context: Context,
        branch: str,
        *,
        forge: Forge,
        pull: ForgePullRequest | None,
    ) -> None:
        self.branch = branch
        self._tip = repository.snapshot()
        self._repository = repository
        self._context = context
        self._forge = forge
        self._pull = pull
        self._standing = read_proposal(repository, branch)
        self._kept = self._keep(self._standing) if self._pull else Kept()

    @classmethod
    def find(cls, repository: AppsRepository, context: Context, branch: str, *, seconds: float) -> Self:
        """The proposal from a branch, whether it is open or not."""
        forge = apps_forge(context, seconds)
        return cls(repository, context, branch, forge=forge, pull=forge.find_open(branch, repository.branch))

    def _keep(self, standing: Standing | None) -> Kept:
        if standing is None:
            return Kept()
        kept = keep(self._tip, standing.began, standing.head, self._context.settings)
        for name in kept.stale:
            log.warning("%s has changed on the branch since it was proposed: it is decided anew from there", name)
        return kept

    def ground(self, *, fresh: bool) -> Context:
        """What is decided on: the branch's tip with what is proposed laid over, or the tip alone."""
        if fresh or not self._kept.changes:
            return self._context
        overlaid = Overlaid(self._tip)
        overlaid.lay(self._kept.changes)
        return replace(self._context, snapshot=overlaid)

    def changes(self, decided: Sequence[Change], *, fresh: bool) -> tuple[Change, ...]:
        """All that the proposal shall change, as a difference to the branch's tip."""
        return net(self._tip, [*(() if fresh else self._kept.changes), *decided])

    def unchanged(self, changes: tuple[Change, ...]) -> Proposed | None:
        """The open proposal, where it holds just these changes already."""
        if self._pull is None or self._standing is None or self._kept.stale:
            return None
        if changes != net(self._tip, self._kept.changes):
            return None
        return self._proposed("unchanged", self._pull.url, self._pull.number)

    def is_moot(self) -> bool:
        """Whether nothing is left that merging would change for good."""
        if self._standing is None or self._kept.stale:
            return False
        changes = self.changes((), fresh=False)
        return are_expired(changes, self.ground(fresh=False))

    def close(self) -> Proposed | None:
        """Closes a proposal that nothing is left of, and removes its branch."""
        if self._pull is None:
            return None
        self._forge.create_comment(self._pull.number, _MOOT)
        self._forge.close_pull_request(self._pull.number)
        if self._standing is not None:
            remove_branch(self._repository, self.branch, self._standing.head.revision)
        return self._proposed("closed", self._pull.url, self._pull.number)

    @property
    def follows(self) -> str | None:
        """The commit that the next one follows, so that an open pull request is never pushed over."""
        return self._standing.head.revision if self._pull and self._standing else None

    def publish(self, commit: str, *, auto_merge: bool) -> Proposed:
        """Pushes the commit, and opens or updates the pull request.

        Raises:
            LostRace: another run changed the proposal meanwhile.
            StarryError: the remote or the forge refuses.
        """
        text = self._text(self._repository.snapshot_at(commit))
        replaced = self._standing.head.revision if self._standing and not self._pull else None
        try:
            self._repository.push(commit, self.branch, instead_of=replaced)
        except LostRace as lost:
            # Whether it landed shows when the branch is read again.
            raise LostRace(lost.reason) from None
        if self._pull is not None:
            self._forge.update_pull_request(self._pull.number, text.title, text.body)
            merging = auto_merge and self._merge(self._pull.number, commit)
            return self._proposed("updated", self._pull.url, self._pull.number, auto_merge=merging)
        url, number = self._open(text)
        return self._proposed("opened", url, number, auto_merge=auto_merge and self._merge(number, commit))

    def _open(self, text: ProposalText) -> tuple[str, int]:
        try:
            opened = self._forge.open_pull_request(self.branch, self._repository.branch, text.title, text.body)
        except ForgeRefusal:
            if self._forge.find_open(self.branch, self._repository.branch) is None:
                raise
            raise LostRace("another run opened the same pull request") from None
        return opened.url, opened.number

    def _merge(self, number: int, commit: str) -> bool:
        """Asks for the merge. That the forge does not want to is no failure: the proposal is there."""
        for _ in range(_LOOKS):
            if self._forge.pull_request(number).head_commit == commit:
                break
            time.sleep(_PAUSE)
        try:
            merging, reason = self._forge.auto_merge(number, commit), "the forge does not allow it"
        except ForgeRefusal as error:
            merging, reason = False, error.message
        if not merging:
            log.warning("auto-merge: %s; the pull request waits for somebody to merge it", reason)
        return merging

    def _text(self, head: GitSnapshot) -> ProposalText:
        ends = Ends(base=self._tip, fork=self._tip, head=head)
        found = review(self._context, ends.fork, ends.head)
        objects = render_review(found, self._context, ends, chart=None, limit=_RENDERED)
        return write_text(found, objects, self._context, limit=self._forge.longest_comment)

    def _proposed(self, state: ProposalState, url: str, number: int, *, auto_merge: bool = False) -> Proposed:
        return Proposed(url=url, number=number, branch=self.branch, state=state, auto_merge=auto_merge)
