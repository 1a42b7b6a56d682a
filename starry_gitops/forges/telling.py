"""Tells pull requests of their previews: the sticky comment, and the status beside the commit."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from starry_gitops.core.comment import Answer, answered, marker_of, render
from starry_gitops.core.notice import Notice, status_of
from starry_gitops.errors import ForgeRefusal, NotFound
from starry_gitops.forges.protocol import Forge
from starry_gitops.forges.sticky import Kept, Thread

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How to tell. `now` is UTC; `status`: also beside the commit; `dry_run`: only find out what would be done."""

    now: datetime
    status: bool = True
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of the comment, and what it says."""

    kept: Kept
    text: str


class Teller:
    """Speaks to one repository's pull requests."""

    def __init__(self, forge: Forge, manner: Manner) -> None:
        self.forge = forge
        self._manner = manner
        self._me = cache(forge.me)

    def thread(self, number: int) -> Thread:
        """The comments below a pull request."""
        return Thread(self.forge, number, self._me)

    def tell(
        self,
        thread: Thread,
        notice: Notice,
        *,
        head_commit: str,
        answer: Answer | None = None,
        may_create: bool = True,
    ) -> Told:
        """Brings comment and status up to date. The status first: where it fails, the next run tries both again.

        Raises:
            StarryError: what the forge refuses.
        """
        limit = self.forge.longest_comment
        own = thread.find(marker_of(notice.overlay, notice.name))
        before = answered(own.body) if own else ()
        sticky = render(notice, self._manner.now, limit=limit, answer=answer, before=before)
        wanted = thread.look(sticky, may_create=may_create)
        if self._manner.dry_run:
            return Told(kept=wanted, text=sticky.text)
        # An answer alone is no news of the preview: forges bound how many statuses a commit may have.
        news = thread.look(render(notice, self._manner.now, limit=limit, before=before), may_create=may_create)
        if news.action in {"created", "updated"}:
            self._show_status(notice, head_commit)
        kept = wanted if wanted.action == "none" else thread.keep(sticky)
        return Told(kept=kept, text=sticky.text)

    def _show_status(self, notice: Notice, head_commit: str) -> None:
        """Beside the preview's commit; beside the head, where the forge has lost that one, as after a forced push."""
        status = status_of(notice) if self._manner.status else None
        if status is None:
            return
        known = notice.commit if notice.commit and _COMMIT.fullmatch(notice.commit) else head_commit
        try:
            self.forge.set_status(known, status)
        except (NotFound, ForgeRefusal):
            if known == head_commit:
                raise
            self.forge.set_status(head_commit, status)
