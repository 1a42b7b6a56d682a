"""GitLab in memory, on loopback.

with GitLabServer(ForgeState(path="acme/team/backend")) as gitlab:
    gitlab.state.person("ada", "write", token="glpat-…")
    number = gitlab.state.open("feature")
"""

from typing import Any

from tests.support.forge_server import Asked, ForgeServer, Handle, Refusal, Reply, paged
from tests.support.forge_state import ForgeState, Note, Pull
from tests.support.gitlab_contract import GitLabContract
from tests.support.gitlab_json import PROJECT, GitLabJson

_PROJECT = r"/projects/([^/]+)"
_LONGEST_BODY = 1_000_000
_LONGEST_DESCRIPTION = 255
_STATES = {"opened": "open", "closed": "closed", "merged": "merged"}


class GitLabServer(ForgeServer):
    """Its API is below `/api/v4`."""

    kind = "gitlab"
    root = "/api/v4"

    def __init__(self, state: ForgeState) -> None:
        super().__init__(state, GitLabContract())
        self._json = GitLabJson(state, self.url)
        self.changes_counts: dict[int, str | None] = {}

    def routes(self) -> list[tuple[str, str, Handle]]:
        one = rf"{_PROJECT}/merge_requests/(\d+)"
        note = rf"{one}/notes/(\d+)"
        return [
            ("GET", "/user", self._user),
            ("GET", "/users", self._users),
            ("GET", _PROJECT, self._project),
            ("GET", rf"{_PROJECT}/members/all/(\d+)", self._member),
            ("GET", rf"{_PROJECT}/merge_requests", self._merge_requests),
            ("POST", rf"{_PROJECT}/merge_requests", self._open),
            ("GET", one, self._merge_request),
            ("PUT", one, self._update),
            ("PUT", f"{one}/merge", self._merge),
            ("GET", f"{one}/diffs", self._diffs),
            ("GET", f"{one}/notes", self._notes),
            ("POST", f"{one}/notes", self._add_note),
            ("PUT", note, self._change_note),
            ("DELETE", note, self._remove_note),
            ("POST", rf"{_PROJECT}/statuses/([^/]+)", self._status),
        ]

    def refused(self, refusal: Refusal) -> Reply:
        message: Any = refusal.more.get("details") or refusal.message
        return Reply(status=refusal.status, data={"message": message})

    def _known(self, asked: Asked) -> None:
        if asked.user is None:
            raise Refusal(401, "401 Unauthorized")

    def _allowed(self, asked: Asked, least: str) -> None:
        self._known(asked)
        is_this = asked.args[0].lower() in {self.state.path.lower(), str(PROJECT)}
        if not is_this or not self.state.may(asked.user, "read"):
            raise Refusal(404, "404 Project Not Found")
        if not self.state.may(asked.user, least):
            raise Refusal(403, "403 Forbidden")

    def _found(self, asked: Asked) -> Pull:
        found = self.state.pulls.get(int(asked.args[1]))
        if found is None:
            raise Refusal(404, "404 Not found")
        return found

    def _user(self, asked: Asked) -> Reply:
        self._known(asked)
        if not asked.user:
            raise Refusal(403, "403 Forbidden")
        return Reply(data=self._json.full_user(asked.user))

    def _users(self, asked: Asked) -> Reply:
        self._known(asked)
        wanted = asked.query.get("username", "").lower()
        found = [self._json.user(name) for name in self.state.people if name.lower() == wanted]
        return paged(asked, found, self.api_url + asked.path)

    def _project(self, asked: Asked) -> Reply:
        self._known(asked)
        for path, number in self.state.forks.items():
            if asked.args[0] in {path, str(number)} and path not in self.state.hidden_forks:
                return Reply(data=self._json.project(number, path))
        self._allowed(asked, "read")
        return Reply(data=self._json.project(PROJECT, self.state.path))

    def _member(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        name = next((name for name, number in self.state.people.items() if number == int(asked.args[1])), "")
        if self.state.grants.get(name, "none") == "none":
            raise Refusal(404, "404 Not found")
        return Reply(data=self._json.member(name))

    def _merge_requests(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        state = _STATES.get(asked.query.get("state", ""), "")
        source, target = asked.query.get("source_branch", ""), asked.query.get("target_branch", "")
        found = [
            one
            for one in self.state.pulls.values()
            if state in {"", one.state} and source in {"", one.head_branch} and target in {"", one.base_branch}
        ]
        found.sort(key=lambda one: one.number, reverse=asked.query.get("sort", "desc") == "desc")
        return paged(asked, [self._json.basic(one) for one in found], self.api_url + asked.path, id=asked.args[0])

    def _merge_request(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        pull = self._found(asked)
        pull.looks = max(pull.looks - 1, 0)
        return Reply(data=self._shown(pull))

    def _shown(self, pull: Pull) -> Any:
        more = {"changes_count": self.changes_counts[pull.number]} if pull.number in self.changes_counts else {}
        return {**self._json.merge_request(pull), **more}

    def _open(self, asked: Asked) -> Reply:
        self._allowed(asked, "write")
        source, target = asked.body["source_branch"], asked.body["target_branch"]
        if not {source, target} <= set(self.state.branches):
            raise Refusal(400, "", details={"source_branch": ["does not exist"]})
        for one in self.state.pulls.values():
            if (one.head_branch, one.base_branch, one.state) == (source, target, "open"):
                words = f"Another open merge request already exists for this source branch: !{one.number}"
                raise Refusal(409, "", details=[words])
        number = self.state.open(source, author=asked.user or "bot", title=asked.body["title"], base=target)
        self.state.pulls[number].body = asked.body.get("description")
        return Reply(status=201, data=self._shown(self.state.pulls[number]))

    def _update(self, asked: Asked) -> Reply:
        self._allowed(asked, "write")
        pull = self._found(asked)
        pull.title, pull.body = asked.body.get("title", pull.title), asked.body.get("description", pull.body)
        if asked.body.get("state_event") == "close" and pull.state == "open":
            pull.state = "closed"
        self.state.touch(pull)
        return Reply(data=self._shown(pull))

    def _merge(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        pull = self._found(asked)
        if not self.state.may(asked.user, "write"):
            raise Refusal(401, "401 Unauthorized")
        if pull.draft or pull.state != "open" or not self.state.allows_auto_merge:
            raise Refusal(405, "405 Method Not Allowed")
        if asked.body.get("sha", pull.head_commit) != pull.head_commit:
            raise Refusal(409, "SHA does not match HEAD of source branch: " + pull.head_commit)
        if pull.conflict or pull.looks:
            raise Refusal(422 if pull.conflict else 405, "Branch cannot be merged")
        pull.auto_merge = pull.blocked
        pull.state = "open" if pull.blocked else "merged"
        return Reply(data=self._shown(pull))

    def _diffs(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        files = [self._json.diff(one) for one in self._found(asked).files]
        return paged(asked, files, self.api_url + asked.path, id=asked.args[0])

    def _notes(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        number = self._found(asked).number
        found = [one for one in self.state.notes.values() if one.number == number]
        found.sort(key=lambda one: one.id, reverse=asked.query.get("sort", "desc") == "desc")
        return paged(asked, [self._json.note(one) for one in found], self.api_url + asked.path, id=asked.args[0])

    def _add_note(self, asked: Asked) -> Reply:
        self._allowed(asked, "read")
        number = self._found(asked).number
        made = self.state.note(number, self._bounded(asked.body["body"]), author=asked.user or "bot")
        return Reply(status=201, data=self._json.note(self.state.notes[made]))

    def _own_note(self, asked: Asked) -> Note:
        self._allowed(asked, "read")
        self._found(asked)
        found = self.state.notes.get(int(asked.args[2]))
        if found is None:
            raise Refusal(404, "404 Note Not Found")
        if found.author != asked.user and not self.state.may(asked.user, "maintain"):
            raise Refusal(403, "403 Forbidden")
        return found

    def _change_note(self, asked: Asked) -> Reply:
        note = self._own_note(asked)
        note.body = self._bounded(asked.body["body"])
        return Reply(data=self._json.note(note))

    def _remove_note(self, asked: Asked) -> Reply:
        del self.state.notes[self._own_note(asked).id]
        return Reply(status=204)

    def _status(self, asked: Asked) -> Reply:
        self._allowed(asked, "write")
        commit, name, state = asked.args[1], asked.body["name"], asked.body["state"]
        if commit not in {*self.state.branches.values(), *(one.head_commit for one in self.state.pulls.values())}:
            raise Refusal(404, "404 Commit Not Found")
        if len(asked.body.get("description", "")) > _LONGEST_DESCRIPTION:
            raise Refusal(400, "", details={"description": ["is too long (maximum is 255 characters)"]})
        before = self.state.statuses.get((commit, name), {})
        if state == before.get("state") == "pending":
            reason = 'Reason(s): Status cannot transition via "enqueue"'
            raise Refusal(400, f"Cannot transition status via :enqueue from :pending ({reason})")
        self.state.statuses[commit, name] = asked.body
        return Reply(status=201, data=self._json.status(commit, asked.user or "bot", asked.body))

    @staticmethod
    def _bounded(body: str) -> str:
        if len(body) > _LONGEST_BODY:
            raise Refusal(400, "", details={"note": ["is too long (maximum is 1000000 characters)"]})
        return body
