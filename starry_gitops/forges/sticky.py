"""Keeps one comment below a pull request: found again by its marker, written anew only when it says something else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.comment import Sticky
from starry_gitops.core.forge import ForgeComment
from starry_gitops.forges.protocol import Forge

CommentAction = Literal["created", "updated", "unchanged", "none"]

# Who writes with a pipeline's own token, which does not know its name. Nobody can register these names.
_BOT_ENDING = "[bot]"
_BOTS = frozenset({"gitea-actions", "forgejo-actions"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What became of the comment; None where there is none."""

    action: CommentAction
    comment: int | None


class Thread:
    """The comments below one pull request. They are read once, when they are needed.

    `me` gives the name beside comments made with our token, or "" where the token cannot know it.
    """

    def __init__(self, forge: Forge, number: int, me: Callable[[], str]) -> None:
        self._forge = forge
        self._number = number
        self._me = me
        self._comments: list[ForgeComment] | None = None

    def all(self) -> Sequence[ForgeComment]:
        """All comments, oldest first."""
        if self._comments is None:
            self._comments = list(self._forge.comments(self._number))
        return self._comments

    def is_ours(self, author: str) -> bool:
        """Whether Starry's own token wrote it: anybody can write a marker."""
        me, name = self._me().casefold(), author.casefold()
        return name == me if me else name.endswith(_BOT_ENDING) or name in _BOTS

    def find(self, marker: str) -> ForgeComment | None:
        """Our comment with the marker: the oldest, where there are several."""
        return next(iter(self._own(marker)), None)

    def look(self, sticky: Sticky, *, may_create: bool) -> Kept:
        """What is to be done so that there is just this comment."""
        own = self._own(sticky.marker)
        if not own:
            return Kept(action="created" if may_create else "none", comment=None)
        is_shown = sticky.is_shown_by(own[0].body)
        return Kept(action="unchanged" if is_shown else "updated", comment=own[0].id)

    def keep(self, sticky: Sticky) -> Kept:
        """Writes the comment, or brings it up to date; one that says the same already is left alone.

        Two that were made at once by two processes become one again: the older.
        """
        wanted = self.look(sticky, may_create=True)
        if wanted.comment is None:
            return self._create(sticky)
        self._remove_doubles(sticky.marker)
        if wanted.action == "updated":
            self._forge.update_comment(self._number, wanted.comment, sticky.text)
        return wanted

    def _create(self, sticky: Sticky) -> Kept:
        made = self._forge.create_comment(self._number, sticky.text)
        # Somebody else may have been about it at the same time.
        self._comments = None
        if len(self._own(sticky.marker)) > 1:
            return self.keep(sticky)
        return Kept(action="created", comment=made.id)

    def _remove_doubles(self, marker: str) -> None:
        first, *others = self._own(marker)
        for other in others:
            if other.author == first.author:
                self._forge.delete_comment(self._number, other.id)

    def _own(self, marker: str) -> list[ForgeComment]:
        found = [one for one in self.all() if one.body.lstrip().startswith(marker) and self.is_ours(one.author)]
        return sorted(found, key=lambda one: one.id)
