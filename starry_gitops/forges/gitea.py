"""Gitea and Forgejo, which share one API (`/api/v1`).

A token needs these scopes, and its user these rights in the repository:

| what | scopes | rights |
|---|---|---|
| pull requests, their files | `read:repository` | to read |
| comments | `write:issue` | to read; for somebody else's comments to write |
| `permission` of others | `read:repository` | **administrator of the repository** |
| the same, where an organisation has teams | also `read:organization` | **owner of the organisation** |
| `me` | `read:user` | |
| statuses, opening, changing, closing and merging pull requests | `write:repository` | to write |

Forgejo differs in nothing that is asked here. Its drafts are titles that begin with `WIP:` too, its permissions have
the same words, and both list all comments of a pull request at once.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status
from starry_gitops.errors import AccessDenied, ForgeRefusal, NotFound, RemoteUnreachable
from starry_gitops.forges import gitea_answers as answers
from starry_gitops.rest.client import Api

# The most that a server gives unless its MAX_RESPONSE_ITEMS is changed; less where it is lower.
_PAGE = 50
_MERGE_LOOKS = 20
_MERGE_PAUSE = 0.5
_ASK_AS_ADMINISTRATOR = (
    "Gitea tells what others may do only to an administrator of the repository: make the token's user one"
)
_ASK_AS_OWNER = "to see who is in a team, the token needs read:organization, and its user to own the organisation"
_STRONGEST_FIRST: tuple[Permission, ...] = ("admin", "write", "read")
_ALREADY = "already scheduled to auto merge"


class Gitea:
    """One repository on a Gitea or a Forgejo."""

    kind = "gitea"
    # Neither has a limit of its own; GitHub's is plenty to read.
    longest_comment = 65_536

    def __init__(self, repository: str, *, api: Api) -> None:
        self.repository = repository
        self._api = api
        self._root = f"/repos/{quote(repository)}"

    def pull_requests(self) -> Sequence[ForgePullRequest]:
        """All open pull requests."""
        return self._open()

    def pull_request(self, number: int) -> ForgePullRequest:
        """One pull request."""
        return answers.parse_pull_request(self._api.get(self._pull(number)).data)

    def changed_files(self, number: int) -> Sequence[str]:
        """The paths that a pull request changes."""
        found = self._api.pages(f"{self._pull(number)}/files", {"limit": _PAGE})
        return [path for item in found for path in answers.parse_paths(item)]

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """All comments below a pull request, oldest first."""
        with self._missing_or(self._pull(number)):
            found = self._api.pages(f"{self._issue(number)}/comments", {"limit": _PAGE})
        return [answers.parse_comment(item) for item in found]

    def create_comment(self, number: int, body: str) -> ForgeComment:
        """Adds a comment."""
        with self._missing_or(self._pull(number)):
            made = self._api.send("POST", f"{self._issue(number)}/comments", {"body": body}).data
        return answers.parse_comment(made)

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:  # noqa: ARG002 - ids suffice
        """Replaces a comment's text."""
        self._api.send("PATCH", self._comment(comment), {"body": body})
        # Where nothing changed, that answer names no author.
        return answers.parse_comment(self._api.get(self._comment(comment)).data)

    def delete_comment(self, number: int, comment: int) -> None:
        """Removes a comment."""
        try:
            self._api.send("DELETE", self._comment(comment))
        except NotFound:
            self.pull_request(number)

    def me(self) -> str:
        """The token's user; "" for a token without the scope `read:user`."""
        try:
            return answers.parse_login(self._api.get("/user").data)
        except AccessDenied:
            # The API itself tells a wrong token from one that may not ask this.
            self._api.get(self._root)
            return ""

    def permission(self, user: str) -> Permission:
        """What a person may do; everybody may read a public repository."""
        if user in {"", ".", ".."}:
            return "none"
        name = quote(user, safe="")
        try:
            data = self._api.get(f"{self._root}/collaborators/{name}/permission").data
        except NotFound:
            self._api.get(self._root)
            return "none"
        except AccessDenied as error:
            raise AccessDenied(error.message, hint=_ASK_AS_ADMINISTRATOR) from None
        found = answers.parse_permission(data)
        return found if found in {"write", "admin"} else self._in_teams(name) or found

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        """The open pull request from a branch of the repository itself."""
        wanted = (head_branch, base_branch)
        found = self._open(base_branch=base_branch)
        return next((one for one in found if not one.is_fork and (one.head_branch, one.base_branch) == wanted), None)

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        """Opens a pull request."""
        content = {"head": head_branch, "base": base_branch, "title": title, "body": body}
        return answers.parse_pull_request(self._api.send("POST", f"{self._root}/pulls", content).data)

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        """Replaces title and body."""
        self._api.send("PATCH", self._pull(number), {"title": title, "body": body})

    def close_pull_request(self, number: int) -> None:
        """Closes it without merging."""
        if self.pull_request(number).state == "open":
            self._api.send("PATCH", self._pull(number), {"state": "closed"})

    def auto_merge(self, number: int, head_commit: str) -> bool:
        """Asks for the merge as soon as the checks that the base branch requires allow it; at once where it has none.

        False for a draft, a conflict, or a user who may not merge. What is pushed to the branch later is merged too,
        once it passes those checks.

        Raises:
            ForgeRefusal: the head commit is another one.
        """
        if not self._is_mergeable(number, head_commit):
            return False
        style = answers.parse_merge_style(self._api.get(self._root).data)
        content = {"Do": style, "merge_when_checks_succeed": True, "head_commit_id": head_commit}
        try:
            self._api.send("POST", f"{self._pull(number)}/merge", content)
        except ForgeRefusal as error:
            return _ALREADY in error.message
        return True

    def set_status(self, commit: str, status: Status) -> None:
        """Shows a status beside a commit."""
        content = {"context": status.context, "state": status.state, "description": status.description}
        link = {"target_url": status.url} if status.url else {}
        name = quote(commit, safe="")
        with self._missing_or(f"{self._root}/git/commits/{name}"):
            self._api.send("POST", f"{self._root}/statuses/{name}", {**content, **link})

    def head_ref(self, number: int) -> str:
        """The Git ref of a pull request's head commit."""
        return f"refs/pull/{number}/head"

    def _in_teams(self, user: str) -> Permission | None:
        """What somebody may do through an organisation's teams, which Gitea leaves out where it says the permission."""
        try:
            teams = self._api.pages(f"{self._root}/teams")
        except ForgeRefusal:  # the repository is no organisation's
            return None
        known = [answers.parse_team(team) for team in teams]
        for permission in _STRONGEST_FIRST:
            if any(self._is_member(team, user) for team, theirs in known if theirs == permission):
                return permission
        return None

    def _is_member(self, team: int, user: str) -> bool:
        try:
            self._api.get(f"/teams/{team}/members/{user}")
        except NotFound:
            return False
        except AccessDenied as error:
            raise AccessDenied(error.message, hint=_ASK_AS_OWNER) from None
        return True

    @contextmanager
    def _missing_or(self, path: str) -> Iterator[None]:
        """Gitea answers some calls with 500 where what they are about is not there: NotFound is raised then."""
        try:
            yield
        except RemoteUnreachable:
            with suppress(RemoteUnreachable):
                self._api.get(path)
            raise

    def _is_mergeable(self, number: int, head_commit: str) -> bool:
        for _ in range(_MERGE_LOOKS):
            data = self._api.get(self._pull(number)).data
            found = answers.parse_pull_request(data)
            if found.head_commit != head_commit:
                message = f"{found.url}: its head is {found.head_commit[:12]}, not {head_commit[:12]}"
                raise ForgeRefusal(message, hint="somebody has pushed to it: run it again")
            if found.state != "open" or found.draft:
                return False
            if answers.is_mergeable(data):
                return True
            time.sleep(_MERGE_PAUSE)
        return False

    def _open(self, **filters: str) -> list[ForgePullRequest]:
        # By time of creation: a comment or a push moves nothing from one page to another.
        params: dict[str, Any] = {"state": "open", "sort": "oldest", "limit": _PAGE, **filters}
        return [answers.parse_pull_request(item) for item in self._api.pages(f"{self._root}/pulls", params)]

    def _pull(self, number: int) -> str:
        return f"{self._root}/pulls/{number}"

    def _issue(self, number: int) -> str:
        return f"{self._root}/issues/{number}"

    def _comment(self, comment: int) -> str:
        return f"{self._root}/issues/comments/{comment}"
