"""A forge in memory: comments and statuses of pull requests, with the ids and refusals that real ones have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status
from starry_gitops.errors import AccessDenied, NotFound


@dataclass(kw_only=True)
class MemoryForge:
    """`name`: the token's user; `knows_itself`: whether it may say so; `before_write` runs before one write."""

    name: str = "starry"
    knows_itself: bool = True
    kind: str = "github"
    repository: str = "owner/name"
    longest_comment: int = 65_536
    said: list[ForgeComment] = field(default_factory=list)
    statuses: list[tuple[str, Status]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None
    may_set_status: bool = True
    last_id: int = 0

    def say(self, author: str, body: str) -> ForgeComment:
        """Somebody comments."""
        self.last_id += 1
        self.said.append(ForgeComment(id=self.last_id, author=author, body=body))
        return self.said[-1]

    def comments(self, number: int) -> Sequence[ForgeComment]:
        return list(self.said)

    def create_comment(self, number: int, body: str) -> ForgeComment:
        self._write("create")
        return self.say(self.name, body)

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:
        self._write("update")
        place = next((place for place, one in enumerate(self.said) if one.id == comment), None)
        if place is None:
            raise NotFound("no such comment")
        if self.said[place].author != self.name:
            raise AccessDenied("somebody else's")
        self.said[place] = ForgeComment(id=comment, author=self.name, body=body)
        return self.said[place]

    def delete_comment(self, number: int, comment: int) -> None:
        self._write("delete")
        self.said[:] = [one for one in self.said if one.id != comment]

    def me(self) -> str:
        return self.name if self.knows_itself else ""

    def set_status(self, commit: str, status: Status) -> None:
        self._write("status")
        if not self.may_set_status:
            raise AccessDenied("no status")
        self.statuses.append((commit, status))

    def _write(self, what: str) -> None:
        waiting, self.before_write = self.before_write, lambda: None
        waiting()
        self.writes.append(what)

    def pull_requests(self) -> Sequence[ForgePullRequest]:
        raise NotImplementedError

    def pull_request(self, number: int) -> ForgePullRequest:
        raise NotImplementedError

    def changed_files(self, number: int) -> Sequence[str]:
        raise NotImplementedError

    def permission(self, user: str) -> Permission:
        raise NotImplementedError

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        raise NotImplementedError

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        raise NotImplementedError

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        raise NotImplementedError

    def close_pull_request(self, number: int) -> None:
        raise NotImplementedError

    def auto_merge(self, number: int, head_commit: str) -> bool:
        raise NotImplementedError

    def head_ref(self, number: int) -> str:
        raise NotImplementedError
