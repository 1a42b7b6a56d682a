"""GitHub: github.com and GitHub Enterprise Server.

A fine-grained token, an app or a workflow's `GITHUB_TOKEN` needs these permissions in the repository; a classic token
needs the scope `repo`:

| what | permission |
|---|---|
| pull requests, their files | `pull-requests: read` |
| comments | `pull-requests: write` |
| `permission` of others | `metadata: read`, and its user must be able to write |
| `me` | a person's token |
| statuses | `statuses: write` |
| opening, changing and closing pull requests | `pull-requests: write` |
| `auto_merge` | `pull-requests: write`, `contents: write` |
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, ForgeRefusal, NotFound
from starry_gitops.forges import github_answers as answers
from starry_gitops.rest.client import Api

_PAGE = 100
_MERGE_LOOKS = 20
_MERGE_PAUSE = 0.5
_LONGEST_DESCRIPTION = 140
# It stands beside the REST API, whose root is /api/v3 on an Enterprise Server and / at github.com.
_GRAPHQL = "/../graphql"
_AUTO_MERGE = (
    "mutation($pull: ID!, $commit: GitObjectID!, $method: PullRequestMergeMethod!) {"
    " enablePullRequestAutoMerge(input: {pullRequestId: $pull, expectedHeadOid: $commit, mergeMethod: $method}) {"
    " pullRequest { autoMergeRequest { enabledAt } } } }"
)


class GitHub:
    """One repository on GitHub."""

    kind = "github"
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
        """The paths that a pull request changes.

        Raises:
            DoubtfulAnswer: GitHub does not list all of them; it stops at 3,000.
        """
        count = answers.count_changed_files(self._api.get(self._pull(number)).data)
        found = self._api.pages(f"{self._pull(number)}/files", {"per_page": _PAGE})
        if len(found) != count:
            message = f"GitHub: {self.repository}#{number} changes {count} files, and {len(found)} are listed"
            raise DoubtfulAnswer(message, hint="GitHub lists no more than 3,000; else run it again")
        return [path for item in found for path in answers.parse_paths(item)]

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """All comments below a pull request, oldest first."""
        found = self._api.pages(f"{self._issue(number)}/comments", {"per_page": _PAGE})
        return [answers.parse_comment(item) for item in found]

    def create_comment(self, number: int, body: str) -> ForgeComment:
        """Adds a comment."""
        return answers.parse_comment(self._api.send("POST", f"{self._issue(number)}/comments", {"body": body}).data)

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:  # noqa: ARG002 - ids suffice
        """Replaces a comment's text."""
        return answers.parse_comment(self._api.send("PATCH", self._comment(comment), {"body": body}).data)

    def delete_comment(self, number: int, comment: int) -> None:
        """Removes a comment."""
        try:
            self._api.send("DELETE", self._comment(comment))
        except NotFound:
            self.pull_request(number)

    def me(self) -> str:
        """The token's user; "" for an app's or a workflow's token, which GitHub does not tell who it is."""
        try:
            return answers.parse_user(self._api.get("/user").data)
        except AccessDenied:
            # A token that is wrong is refused here too.
            self._api.get(self._root)
            return ""

    def permission(self, user: str) -> Permission:
        """What a person may do; everybody may read a public repository."""
        if user in {"", ".", ".."}:
            return "none"
        try:
            found = self._api.get(f"{self._root}/collaborators/{quote(user, safe='')}/permission").data
        except NotFound:
            self._api.get(self._root)
            return "none"
        return answers.parse_permission(found)

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        """The open pull request from a branch of the repository itself."""
        owner = self.repository.partition("/")[0]
        wanted = (head_branch, base_branch)
        found = self._open(head=f"{owner}:{head_branch}", base=base_branch)
        return next((one for one in found if not one.is_fork and (one.head_branch, one.base_branch) == wanted), None)

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        """Opens a pull request."""
        content = {"head": head_branch, "base": base_branch, "title": title, "body": body}
        return answers.parse_pull_request(self._api.send("POST", f"{self._root}/pulls", content).data)

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        """Replaces title and body."""
        answers.parse_pull_request(self._api.send("PATCH", self._pull(number), {"title": title, "body": body}).data)

    def close_pull_request(self, number: int) -> None:
        """Closes it without merging."""
        if self.pull_request(number).state == "open":
            answers.parse_pull_request(self._api.send("PATCH", self._pull(number), {"state": "closed"}).data)

    def auto_merge(self, number: int, head_commit: str) -> bool:
        """Asks for the merge as soon as the checks that the base branch requires allow it.

        False where the repository does not allow auto-merge, for a draft, a user who may not merge, and where nothing
        is left to wait for: GitHub refuses it then.

        Raises:
            ForgeRefusal: the head commit is another one.
        """
        data = self._checked(number)
        found = answers.parse_pull_request(data)
        if found.head_commit != head_commit:
            message = f"{found.url}: its head is {found.head_commit[:12]}, not {head_commit[:12]}"
            raise ForgeRefusal(message, hint="somebody has pushed to it: run it again")
        if found.state != "open" or found.draft:
            return False
        if answers.is_to_be_merged(data):
            return True
        method = answers.parse_merge_method(self._api.get(self._root).data)
        variables = {"pull": answers.parse_node(data), "commit": head_commit, "method": method}
        content = {"query": _AUTO_MERGE, "variables": variables}
        return answers.parse_enabled(self._api.send("POST", _GRAPHQL, content).data)

    def set_status(self, commit: str, status: Status) -> None:
        """Shows a status beside a commit."""
        description = status.description[:_LONGEST_DESCRIPTION]
        content = {"context": status.context, "state": status.state, "description": description}
        link = {"target_url": status.url} if status.url else {}
        path = f"{self._root}/statuses/{quote(commit, safe='')}"
        answers.check_status(self._api.send("POST", path, {**content, **link}).data)

    def head_ref(self, number: int) -> str:
        """The Git ref of a pull request's head commit."""
        return f"refs/pull/{number}/head"

    def _checked(self, number: int) -> Any:
        """A pull request, once GitHub knows whether it can be merged, or some seconds later."""
        data = self._api.get(self._pull(number)).data
        for _ in range(_MERGE_LOOKS):
            if answers.is_checked(data):
                break
            time.sleep(_MERGE_PAUSE)
            data = self._api.get(self._pull(number)).data
        return data

    def _open(self, **filters: str) -> list[ForgePullRequest]:
        # By time of creation: a comment or a push moves nothing from one page to another.
        params: dict[str, Any] = {"state": "open", "sort": "created", "direction": "asc", "per_page": _PAGE, **filters}
        return [answers.parse_pull_request(item) for item in self._api.pages(f"{self._root}/pulls", params)]

    def _pull(self, number: int) -> str:
        return f"{self._root}/pulls/{number}"

    def _issue(self, number: int) -> str:
        return f"{self._root}/issues/{number}"

    def _comment(self, comment: int) -> str:
        return f"{self._root}/issues/comments/{comment}"
