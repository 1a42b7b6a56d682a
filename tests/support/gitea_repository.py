"""One repository on the Gitea of the tests, and what people do in it."""

import base64
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.basics import git

if TYPE_CHECKING:
    from tests.support.gitea_server import GiteaServer, User

Files = Mapping[str, str | bytes | None]
"""Contents by path; None removes a file."""


@dataclass(frozen=True, kw_only=True)
class GiteaRepository:
    """`path` is `owner/name`; `owner` is the user as whom things are done unless told otherwise."""

    server: "GiteaServer"
    owner: "User"
    path: str

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.server.url}/{self.path}"

    @property
    def clone_url(self) -> str:
        """Where Git clones from and pushes to; it holds no secret. User name: any; password: a token."""
        return f"{self.page}.git"

    def git_environment(self, user: "User | None" = None) -> dict[str, str]:
        """Variables with which Git is known to the server as a user."""
        known = user or self.owner
        pair = base64.b64encode(f"{known.name}:{known.token}".encode()).decode()
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{self.server.url}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
        }

    def call(self, method: str, path: str = "", body: Any = None, *, by: "User | None" = None) -> Any:
        """One call of the repository's API; `path` begins with a slash."""
        return self.server.call(method, f"/repos/{self.path}{path}", body, token=(by or self.owner).token)

    # People

    def user(self, name: str, permission: str) -> "User":
        """A new user with `read`, `write` or `admin` here."""
        made = self.server.user(name)
        self.permit(made, permission)
        return made

    def permit(self, user: "User", permission: str) -> None:
        """Makes somebody a collaborator."""
        self.call("PUT", f"/collaborators/{user.name}", {"permission": permission})

    # Branches

    def push_branch(
        self,
        branch: str,
        files: Files | None = None,
        *,
        base: str = "main",
        by: "User | None" = None,
        message: str = "Change",
    ) -> str:
        """Pushes one commit on top of the branch, or of `base` where it is new; returns the commit."""
        changes = {branch: files or {f"{branch}.txt": f"{branch}\n"}}
        return self.push_branches(changes, base=base, by=by, message=message)[branch]

    def push_branches(
        self, branches: Mapping[str, Files], *, base: str = "main", by: "User | None" = None, message: str = "Change"
    ) -> dict[str, str]:
        """`push_branch` of many with one push."""
        env = self.git_environment(by)
        with tempfile.TemporaryDirectory() as temporary:
            clone = Path(temporary) / "clone"
            git(Path(temporary), "clone", "--quiet", self.clone_url, str(clone), env=env)
            known = git(clone, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin").splitlines()
            for branch, files in branches.items():
                start = branch if branch in known else base
                git(clone, "checkout", "--quiet", "--no-track", "-B", branch, f"origin/{start}")
                _write(clone, files)
                git(clone, "add", "--all")
                git(clone, "commit", "--quiet", "--allow-empty", "--message", message)
            git(clone, "push", "--quiet", "origin", *branches, env=env)
            return {branch: git(clone, "rev-parse", branch) for branch in branches}

    def delete_branch(self, branch: str) -> None:
        """Removes a branch."""
        self.call("DELETE", f"/branches/{branch}")

    def read(self, path: str, ref: str = "main") -> str:
        """A file's text."""
        found = self.call("GET", f"/contents/{path}?ref={ref}")
        return base64.b64decode(found["content"]).decode()

    def protect(self, branch: str = "main", **rules: Any) -> None:
        """Protects a branch: `status_check_contexts=["ci"]`, `required_approvals=1`, `enable_push=True`, …"""
        if "status_check_contexts" in rules:
            rules["enable_status_check"] = True
        self.call("POST", "/branch_protections", {"rule_name": branch, **rules})

    def set_status(self, commit: str, state: str, context: str = "ci") -> None:
        """Sets a commit's status: `pending`, `success`, `failure`."""
        self.call("POST", f"/statuses/{commit}", {"state": state, "context": context})

    # Pull requests

    def open_pull_request(
        self,
        branch: str,
        *,
        base: str = "main",
        title: str = "A change",
        body: str = "",
        labels: Sequence[str] = (),
        by: "User | None" = None,
    ) -> int:
        """Its number. `branch` of a fork is `owner:branch`; a title that begins with `WIP:` makes a draft."""
        made = self.call("POST", "/pulls", {"head": branch, "base": base, "title": title, "body": body}, by=by)
        number = int(made["number"])
        if labels:
            self.label(number, *labels)
        return number

    def pull_request(self, number: int) -> Any:
        """A pull request as the API has it."""
        return self.call("GET", f"/pulls/{number}")

    def label(self, number: int, *names: str) -> None:
        """Adds labels, which are made where the repository has none of the name."""
        known = {label["name"] for label in self.call("GET", "/labels?limit=50")}
        for name in names:
            if name not in known:
                self.call("POST", "/labels", {"name": name, "color": "#00aabb"})
        self.call("POST", f"/issues/{number}/labels", {"labels": list(names)})

    def unlabel(self, number: int, name: str) -> None:
        """Takes a label away."""
        ids = [label["id"] for label in self.call("GET", f"/issues/{number}/labels") if label["name"] == name]
        self.call("DELETE", f"/issues/{number}/labels/{ids[0]}")

    def comment(self, number: int, body: str, *, by: "User | None" = None) -> int:
        """The comment's id."""
        return int(self.call("POST", f"/issues/{number}/comments", {"body": body}, by=by)["id"])

    def comments(self, number: int) -> list[tuple[str, str]]:
        """Author and text of each comment, oldest first."""
        found = self.call("GET", f"/issues/{number}/comments")
        return [(one["user"]["login"], one["body"]) for one in found]

    def close(self, number: int) -> None:
        """Closes a pull request without merging."""
        self.call("PATCH", f"/pulls/{number}", {"state": "closed"})

    def reopen(self, number: int) -> None:
        """Opens a closed pull request again."""
        self.call("PATCH", f"/pulls/{number}", {"state": "open"})

    def merge(self, number: int) -> None:
        """Merges a pull request, once Gitea knows that it can."""
        self.wait_until_mergeable(number)
        end = time.monotonic() + 20
        while not self._merges(number):
            assert time.monotonic() < end, f"pull request {number} is not merged"
            time.sleep(0.1)

    def _merges(self, number: int) -> bool:
        """False while Gitea looks again whether it can, because the base branch has just moved."""
        try:
            self.call("POST", f"/pulls/{number}/merge", {"Do": "merge"})
        except AssertionError as refused:
            if "try again later" in str(refused):
                return False
            raise
        return True

    def wait_until_mergeable(self, number: int, seconds: float = 20) -> None:
        """Gitea finds out in the background whether a pull request can be merged."""
        end = time.monotonic() + seconds
        while not self.pull_request(number)["mergeable"]:
            assert time.monotonic() < end, f"pull request {number} cannot be merged"
            time.sleep(0.05)

    def fork(self, by: "User") -> "GiteaRepository":
        """A fork that belongs to somebody."""
        made = self.call("POST", "/forks", {}, by=by)
        return GiteaRepository(server=self.server, owner=by, path=str(made["full_name"]))

    def delete(self) -> None:
        """Removes the repository."""
        self.call("DELETE")

    # Webhooks

    def webhook(self, url: str, *, secret: str, events: Sequence[str] = ("pull_request", "issue_comment")) -> int:
        """A webhook's id; `events` also `push`, `pull_request_sync`, `pull_request_label`, `pull_request_comment`."""
        config = {"url": url, "content_type": "json", "secret": secret}
        body = {"type": "gitea", "active": True, "events": list(events), "config": config}
        return int(self.call("POST", "/hooks", body)["id"])


def _write(clone: Path, files: Files) -> None:
    for path, content in files.items():
        file = clone / path
        if content is None:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
