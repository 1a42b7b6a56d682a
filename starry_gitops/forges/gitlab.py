"""GitLab, its own or gitlab.com (`/api/v4`). A repository is a project here, a pull request a merge request.

A token needs the scope `api` (`read_api` to read only), and its user one of these roles in the project:

| what | role |
|---|---|
| merge requests, their files, `permission` of others | Reporter |
| comments | Reporter; Maintainer for somebody else's |
| statuses, opening, changing, closing and merging merge requests | Developer |
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status, StatusState
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, ForgeRefusal, NotFound
from starry_gitops.forges import gitlab_answers as answers
from starry_gitops.rest.client import Api

_PAGE = 100
_MERGE_LOOKS = 20
_MERGE_PAUSE = 0.5
_LONGEST_DESCRIPTION = 255
_STATES: dict[StatusState, str] = {"pending": "pending", "success": "success", "failure": "failed"}
_ALREADY_PENDING = "Cannot transition status via :enqueue from :pending"


class GitLab:
    """One project on a GitLab."""

    kind = "gitlab"
    longest_comment = 1_000_000

    def __init__(self, repository: str, *, api: Api) -> None:
        self.repository = repository
        self._api = api
        self._root = f"/projects/{quote(repository, safe='')}"

    def pull_requests(self) -> Sequence[ForgePullRequest]:
        """All open merge requests."""
        return self._open()

    def pull_request(self, number: int) -> ForgePullRequest:
        """One merge request."""
        return self._parsed(self._api.get(self._merge_request(number)).data, {})

    def changed_files(self, number: int) -> Sequence[str]:
        """The paths that a merge request changes.

        Raises:
            DoubtfulAnswer: GitLab keeps not all of them, or has not looked at them yet.
        """
        count = answers.count_changed_files(self._api.get(self._merge_request(number)).data)
        found = self._api.pages(f"{self._merge_request(number)}/diffs", {"per_page": _PAGE})
        if len(found) != count:
            message = f"GitLab: {self.repository}!{number} changes other files than the {len(found)} that are listed"
            raise DoubtfulAnswer(message, hint="are they too many, or not there yet? Then run it again")
        return [path for item in found for path in answers.parse_paths(item)]

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """All comments below a merge request, oldest first."""
        found = self._api.pages(self._notes(number), {"order_by": "created_at", "sort": "asc", "per_page": _PAGE})
        comments = [answers.parse_comment(item) for item in found]
        return [comment for comment in comments if comment is not None]

    def create_comment(self, number: int, body: str) -> ForgeComment:
        """Adds a comment."""
        return answers.parse_own_comment(self._api.send("POST", self._notes(number), {"body": body}).data)

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:
        """Replaces a comment's text."""
        path = f"{self._notes(number)}/{comment}"
        return answers.parse_own_comment(self._api.send("PUT", path, {"body": body}).data)

    def delete_comment(self, number: int, comment: int) -> None:
        """Removes a comment."""
        try:
            self._api.send("DELETE", f"{self._notes(number)}/{comment}")
        except NotFound:
            self._api.get(self._merge_request(number))

    def me(self) -> str:
        """The token's user; "" for a job's token, which GitLab does not tell who it is."""
        try:
            return answers.parse_user(self._api.get("/user").data)
        except AccessDenied:
            # A token that is wrong is refused here too.
            self._api.get(self._root)
            return ""

    def permission(self, user: str) -> Permission:
        """What a member of the project, or of the groups that it is in or shared with, may do."""
        number = answers.find_user(self._api.get("/users", {"username": user}).data, user) if user else None
        if number is None:
            return "none"
        try:
            found = self._api.get(f"{self._root}/members/all/{number}").data
        except NotFound:
            self._api.get(self._root)
            return "none"
        return answers.parse_permission(found)

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        """The open merge request from a branch of the project itself."""
        wanted = (head_branch, base_branch)
        found = self._open(source_branch=head_branch, target_branch=base_branch)
        return next((one for one in found if not one.is_fork and (one.head_branch, one.base_branch) == wanted), None)

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        """Opens a merge request."""
        content = {"source_branch": head_branch, "target_branch": base_branch, "title": title, "description": body}
        return self._parsed(self._api.send("POST", f"{self._root}/merge_requests", content).data, {})

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        """Replaces title and description."""
        self._parsed(self._api.send("PUT", self._merge_request(number), {"title": title, "description": body}).data, {})

    def close_pull_request(self, number: int) -> None:
        """Closes it without merging."""
        if self.pull_request(number).state == "open":
            self._parsed(self._api.send("PUT", self._merge_request(number), {"state_event": "close"}).data, {})

    def auto_merge(self, number: int, head_commit: str) -> bool:
        """Asks for the merge as soon as the project's checks allow it; at once where nothing is to be waited for.

        False for a draft, a conflict, a check that no pipeline is there for, and a user who may not merge. What is
        pushed to the branch later takes it back.

        Raises:
            ForgeRefusal: the head commit is another one.
        """
        data = self._settled(number)
        found = self._of_head(data, head_commit)
        if answers.is_to_be_merged(data):
            return True
        if found.state != "open" or found.draft:
            return False
        # Up to 17.11 the first has the second's name.
        content = {"auto_merge": True, "merge_when_pipeline_succeeds": True, "sha": head_commit}
        try:
            made = self._api.send("PUT", f"{self._merge_request(number)}/merge", content).data
        except (AccessDenied, ForgeRefusal):
            self._of_head(self._api.get(self._merge_request(number)).data, head_commit)
            return False
        return answers.is_to_be_merged(made)

    def set_status(self, commit: str, status: Status) -> None:
        """Shows a status beside a commit."""
        description = status.description[:_LONGEST_DESCRIPTION]
        content = {"name": status.context, "state": _STATES[status.state], "description": description}
        link = {"target_url": status.url} if status.url else {}
        path = f"{self._root}/statuses/{quote(commit, safe='')}"
        try:
            answers.check_status(self._api.send("POST", path, {**content, **link}).data)
        except ForgeRefusal as error:
            if _ALREADY_PENDING not in error.message:
                raise

    def head_ref(self, number: int) -> str:
        """The Git ref of a merge request's head commit."""
        return f"refs/merge-requests/{number}/head"

    def _settled(self, number: int) -> Any:
        """A merge request, once GitLab knows whether it can be merged, or some seconds later."""
        data = self._api.get(self._merge_request(number)).data
        for _ in range(_MERGE_LOOKS):
            if answers.is_settled(data):
                break
            time.sleep(_MERGE_PAUSE)
            data = self._api.get(self._merge_request(number)).data
        return data

    def _of_head(self, data: Any, head_commit: str) -> ForgePullRequest:
        found = self._parsed(data, {})
        if found.head_commit != head_commit:
            message = f"{found.url}: its head is {found.head_commit[:12]}, not {head_commit[:12]}"
            raise ForgeRefusal(message, hint="somebody has pushed to it: run it again")
        return found

    def _open(self, **filters: str) -> list[ForgePullRequest]:
        # By time of creation: a comment or a push moves nothing from one page to another.
        order: dict[str, Any] = {"state": "opened", "order_by": "created_at", "sort": "asc", "per_page": _PAGE}
        known: dict[int, str | None] = {}
        found = self._api.pages(f"{self._root}/merge_requests", {**order, **filters})
        return [self._parsed(item, known) for item in found]

    def _parsed(self, data: Any, known: dict[int, str | None]) -> ForgePullRequest:
        """`known` are the forks' paths by their projects' ids, so that each is asked for once."""
        head, base = answers.parse_projects(data)
        if head == base:
            path: str | None = self.repository
        elif head is None:
            path = None
        else:
            path = known[head] = known[head] if head in known else self._fork(head)
        return answers.parse_merge_request(data, base_repository=self.repository, head_repository=path)

    def _fork(self, project: int) -> str | None:
        """The path of another project; None when it is gone, or not to be seen."""
        try:
            path = answers.parse_project_path(self._api.get(f"/projects/{project}").data)
        except NotFound:
            return None
        return None if path.lower() == self.repository.lower() else path

    def _merge_request(self, number: int) -> str:
        return f"{self._root}/merge_requests/{number}"

    def _notes(self, number: int) -> str:
        return f"{self._merge_request(number)}/notes"
