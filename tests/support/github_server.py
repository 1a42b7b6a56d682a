"""GitHub in memory, on loopback: github.com, or an Enterprise Server.

with GitHubServer(ForgeState()) as github:
    github.state.person("ada", "write", token="ghp_…")
    number = github.state.open("feature")
"""

from typing import Any

from tests.support import forge_schemas
from tests.support.forge_server import Asked, ForgeServer, Handle, Refusal, Reply, paged
from tests.support.forge_state import ForgeState
from tests.support.github_json import GitHubJson
from tests.support.openapi import OpenApi

_REPO = r"/repos/([^/]+)/([^/]+)"
_LONGEST_BODY = 65_536
_LONGEST_DESCRIPTION = 140
_MOST_FILES = 3_000
# What a role is in the field `permission`, which is older than these two.
_OLD_NAMES = {"triage": "read", "maintain": "write"}


class GitHubServer(ForgeServer):
    """github.com; an Enterprise Server with `enterprise`."""

    kind = "github"

    def __init__(self, state: ForgeState, *, enterprise: bool = False) -> None:
        self.document = forge_schemas.GITHUB_SERVER if enterprise else forge_schemas.GITHUB_COM
        self.root = "/api/v3" if enterprise else ""
        self.graphql = "/../api/graphql" if enterprise else "/graphql"
        super().__init__(state, OpenApi(self.document, self.graphql))
        # Read ahead of the first request: its client waits only for so long.
        forge_schemas.github_document(self.document)
        self._json = GitHubJson(state, self.document, self.url, self.api_url)

    def routes(self) -> list[tuple[str, str, Handle]]:
        pull, issue = rf"{_REPO}/pulls/(\d+)", rf"{_REPO}/issues/(\d+)/comments"
        comment = rf"{_REPO}/issues/comments/(\d+)"
        return [
            ("GET", "/user", self._user),
            ("GET", _REPO, self._repository),
            ("GET", rf"{_REPO}/pulls", self._pulls),
            ("POST", rf"{_REPO}/pulls", self._open),
            ("GET", pull, self._pull),
            ("PATCH", pull, self._update),
            ("GET", rf"{pull}/files", self._files),
            ("GET", issue, self._comments),
            ("POST", issue, self._add_comment),
            ("PATCH", comment, self._change_comment),
            ("DELETE", comment, self._remove_comment),
            ("GET", rf"{_REPO}/collaborators/([^/]+)/permission", self._permission),
            ("POST", rf"{_REPO}/statuses/([^/]+)", self._status),
            ("POST", self.graphql, self._auto_merge),
        ]

    def refused(self, refusal: Refusal) -> Reply:
        data = {"message": refusal.message, "documentation_url": "https://docs.github.com/rest", **refusal.more}
        return Reply(status=refusal.status, data=data, headers={"X-RateLimit-Remaining": "4999"})

    def _allowed(self, asked: Asked, least: str) -> None:
        """Refuses as GitHub does: what may not be seen is not there."""
        if asked.user is None:
            raise Refusal(401, "Bad credentials")
        if asked.args and "/".join(asked.args[:2]).lower() != self.state.path.lower():
            raise Refusal(404, "Not Found")
        if not self.state.may(asked.user, "read"):
            raise Refusal(404, "Not Found")
        if not self.state.may(asked.user, least):
            raise Refusal(403, "Resource not accessible by personal access token")

    def _user(self, asked: Asked) -> Reply:
        if asked.user is None:
            raise Refusal(401, "Bad credentials")
        if asked.user == "":
            raise Refusal(403, "Resource not accessible by integration")
        return Reply(data=self._json.me(asked.user))

    def _repository(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        return Reply(data=self._json.full_repository())

    def _pulls(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        state, head, base = (asked.query.get(key, "") for key in ("state", "head", "base"))
        found = [
            one
            for one in self.state.pulls.values()
            if (state == "all" or (one.state == "open") == (state in {"", "open"}))
            and head in {"", self._json.label(one)}
            and base in {"", one.base_branch}
        ]
        found.sort(key=lambda one: one.number, reverse=asked.query.get("direction", "desc") == "desc")
        return paged(asked, [self._json.simple_pull(one) for one in found], self._json.numbered("pulls"))

    def _pull(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        pull = self._json.find(asked.args[2])
        pull.looks = max(pull.looks - 1, 0)
        return Reply(data=self._json.pull(pull))

    def _open(self, asked: Asked) -> Reply:
        self._allowed(asked, "write")
        head, base = asked.body["head"], asked.body["base"]
        if not {head, base} <= set(self.state.branches):
            raise self._invalid("PullRequest", "head", f"{head} does not exist")
        for one in self.state.pulls.values():
            if (one.head_branch, one.base_branch, one.state) == (head, base, "open"):
                owner = self.state.path.partition("/")[0]
                raise self._invalid("PullRequest", "head", f"A pull request already exists for {owner}:{head}.")
        number = self.state.open(head, author=asked.user or "app", title=asked.body["title"], base=base)
        self.state.pulls[number].body = self._bounded(asked.body.get("body", ""))
        return Reply(status=201, data=self._json.pull(self.state.pulls[number]))

    def _update(self, asked: Asked) -> Reply:
        pull = self._json.find(asked.args[2])
        self._allowed(asked, "write")
        pull.title, pull.body = asked.body.get("title", pull.title), self._bounded(asked.body.get("body", pull.body))
        if "state" in asked.body and pull.state == "merged":
            raise self._invalid("PullRequest", "state", "state cannot be changed.")
        pull.state = asked.body.get("state", pull.state)
        self.state.touch(pull)
        return Reply(data=self._json.pull(pull))

    def _files(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        files = self._json.find(asked.args[2]).files[:_MOST_FILES]
        return paged(asked, [self._json.file(one) for one in files], self._json.numbered("files"))

    def _comments(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        number = self._json.find(asked.args[2]).number
        found = sorted((one for one in self.state.notes.values() if one.number == number), key=lambda one: one.id)
        return paged(asked, [self._json.comment(one) for one in found], self._json.numbered("comments"))

    def _add_comment(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        number = self._json.find(asked.args[2]).number
        made = self.state.note(number, self._bounded(asked.body["body"]), author=asked.user or "app[bot]")
        return Reply(status=201, data=self._json.comment(self.state.notes[made]))

    def _change_comment(self, asked: Asked) -> Reply:
        note = self._json.find_note(asked.args[2])
        self._allowed(asked, "read" if note.author == asked.user else "write")
        note.body = self._bounded(asked.body["body"])
        return Reply(data=self._json.comment(note))

    def _remove_comment(self, asked: Asked) -> Reply:
        note = self._json.find_note(asked.args[2])
        self._allowed(asked, "read" if note.author == asked.user else "write")
        del self.state.notes[note.id]
        return Reply(status=204)

    def _permission(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        if not self.state.may(asked.user, "write"):
            raise Refusal(403, "Must have push access to view collaborator permission.")
        name = asked.args[2]
        if name not in self.state.people:
            raise Refusal(404, f"{name} is not a user")
        level = self.state.grants.get(name, "none")
        level = "read" if level == "none" and not self.state.private else level
        return Reply(data=self._json.permission(name, _OLD_NAMES.get(level, level), level))

    def _status(self, asked: Asked) -> Reply:
        self._allowed(asked, "write")
        commit = asked.args[2]
        if commit not in {*self.state.branches.values(), *(one.head_commit for one in self.state.pulls.values())}:
            raise Refusal(422, f"No commit found for SHA: {commit}")
        if len(asked.body.get("description", "")) > _LONGEST_DESCRIPTION:
            raise self._invalid("Status", "description", "description is too long (maximum is 140 characters)")
        self.state.statuses[commit, asked.body["context"]] = asked.body
        return Reply(status=201, data=self._json.status(asked.body))

    def _auto_merge(self, asked: Asked) -> Reply:
        if asked.user is None:
            raise Refusal(401, "Bad credentials")
        values = asked.body["variables"]
        pull = next((one for one in self.state.pulls.values() if self._json.node(one) == values["pull"]), None)
        error = self._json.why_no_auto_merge(pull, values, asked.user)
        if pull is None or error:
            return Reply(data={"data": {"enablePullRequestAutoMerge": None}, "errors": [error]})
        pull.auto_merge = True
        request: dict[str, Any] = {"autoMergeRequest": {"enabledAt": pull.instant}}
        return Reply(data={"data": {"enablePullRequestAutoMerge": {"pullRequest": request}}})

    def _bounded(self, body: str) -> str:
        if body is not None and len(body) > _LONGEST_BODY:
            raise self._invalid("IssueComment", "data", "Body is too long (maximum is 65536 characters)")
        return body

    @staticmethod
    def _invalid(resource: str, field: str, message: str) -> Refusal:
        error = {"resource": resource, "field": field, "code": "custom", "message": message}
        return Refusal(422, "Validation Failed", errors=[error])
