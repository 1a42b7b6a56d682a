"""GitHub's answers: its own documented examples, with what a `ForgeState` holds."""

from typing import Any

from tests.support.forge_server import Refusal
from tests.support.forge_state import ChangedFile, ForgeState, Note, Pull
from tests.support.openapi import example

_METHODS = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}
# How an app's name ends, a workflow's own among them.
_APP = "[bot]"
_KEYS = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}


class GitHubJson:
    """Gives each thing the shape that GitHub gives it."""

    def __init__(self, state: ForgeState, document: str, url: str, api_url: str) -> None:
        self._state = state
        self._document = document
        self._url = url
        self._api_url = api_url

    def find(self, number: str) -> Pull:
        """A pull request.

        Raises:
            Refusal: there is none.
        """
        found = self._state.pulls.get(int(number))
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def find_note(self, number: str) -> Note:
        """A comment.

        Raises:
            Refusal: there is none.
        """
        found = self._state.notes.get(int(number))
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def numbered(self, what: str) -> str:
        """The URL that links of a list's pages have: by the repository's number, as GitHub has it."""
        return f"{self._api_url}/repositories/1000/{what}"

    def label(self, pull: Pull) -> str:
        """Owner and branch of the head."""
        owner = "unknown" if pull.head_repository is None else pull.head_repository.partition("/")[0]
        return f"{owner}:{pull.head_branch}"

    def node(self, pull: Pull) -> str:
        """A pull request's id in the GraphQL API."""
        return f"PR_kwDO{pull.number}"

    def me(self, name: str) -> Any:
        """The token's user."""
        return self._as(self._example("public-user", "private-user"), name)

    def full_repository(self) -> Any:
        """The repository, alone."""
        made = self._example("full-repository-default-response", "full-repository")
        del made["parent"], made["source"]
        allowed = {key: method in self._state.merge_methods for method, key in _KEYS.items()}
        more = {"language": None, "allow_auto_merge": self._state.allows_auto_merge, **allowed}
        return {**made, **self._names(self._state.path), **more}

    def simple_pull(self, pull: Pull) -> Any:
        """A pull request in a list."""
        return self._filled(self._example("pull-request-simple-items")[0], pull)

    def pull(self, pull: Pull) -> Any:
        """A pull request, alone."""
        made = self._filled(self._example("pull-request"), pull)
        merge_state = "unknown" if pull.looks else "dirty" if pull.conflict else "blocked" if pull.blocked else "clean"
        made.update(
            merged=pull.state == "merged",
            mergeable=None if pull.looks else not pull.conflict,
            mergeable_state="draft" if pull.draft else merge_state,
            changed_files=len(pull.files) + pull.more_files,
        )
        return made

    def comment(self, note: Note) -> Any:
        """A comment."""
        made = self._example("issue-comment")
        user = None if note.author is None else self._as(made["user"], note.author)
        return {**made, "id": note.id, "body": note.body, "user": user}

    def file(self, file: ChangedFile) -> Any:
        """A changed file."""
        made = {**self._example("diff-entry-items")[0], "filename": file.path, "status": "modified"}
        return made if file.before is None else {**made, "status": "renamed", "previous_filename": file.before}

    def permission(self, name: str, permission: str, role: str) -> Any:
        """What somebody may do."""
        key = "repository-collaborator-permission-response-if-user-has-admin-permissions"
        made = self._example(key)
        user = {**self._as(made["user"], name), "role_name": role}
        return {**made, "permission": permission, "role_name": role, "user": user}

    def status(self, body: dict[str, Any]) -> Any:
        """A status."""
        return {**self._example("status"), **body}

    def why_no_auto_merge(self, pull: Pull | None, values: dict[str, str], user: str) -> dict[str, Any] | None:
        """GitHub's words for why a merge cannot be asked for."""
        if pull is None:
            return self._error("NOT_FOUND", f"Could not resolve to a node with the global id of '{values['pull']}'.")
        if not self._state.may(user, "write"):
            return self._error("FORBIDDEN", f"{user} does not have the correct permissions to execute this.")
        method = _METHODS[values["method"]]
        refusals = {
            "Auto merge is not allowed for this repository": not self._state.allows_auto_merge,
            "Head branch was modified. Review and try the merge again.": pull.head_commit != values["commit"],
            "Merge method merge commits are not allowed on this repository": method not in self._state.merge_methods,
            "Pull request Pull request is in clean status": not pull.blocked,
        }
        words = next((words for words, is_so in refusals.items() if is_so), None)
        return words and self._error("UNPROCESSABLE", words)

    @staticmethod
    def _error(kind: str, message: str) -> dict[str, Any]:
        place = {"path": ["enablePullRequestAutoMerge"], "locations": [{"line": 1, "column": 80}]}
        return {"type": kind, "message": message, **place}

    def _filled(self, made: dict[str, Any], pull: Pull) -> dict[str, Any]:
        owner = None if pull.head_repository is None else pull.head_repository.partition("/")[0]
        head, base, user = made["head"], made["base"], made["user"]
        repository = None if owner is None else {**head["repo"], **self._names(pull.head_repository or "")}
        # An answer of its own has no parents here, so that they need not be filled in too.
        head.update(label=self.label(pull), ref=pull.head_branch, sha=pull.head_commit, repo=repository)
        head["user"] = None if owner is None else self._as(head["user"], owner)
        base.update(ref=pull.base_branch, label=f"{self._state.path.partition('/')[0]}:{pull.base_branch}")
        base["repo"].update(self._names(self._state.path))
        label = made["labels"][0]
        is_done = pull.state != "open"
        merge = {"enabled_by": user, "merge_method": "merge", "commit_title": "t", "commit_message": "m"}
        made.update(
            number=pull.number,
            id=1_000 + pull.number,
            node_id=self.node(pull),
            html_url=f"{self._url}/{self._state.path}/pull/{pull.number}",
            title=pull.title,
            body=pull.body,
            state="closed" if is_done else "open",
            draft=pull.draft,
            locked=pull.locked,
            user=None if pull.author is None else self._as(user, pull.author),
            labels=[{**label, "id": number, "name": name} for number, name in enumerate(pull.labels)],
            requested_teams=[],
            updated_at=pull.instant,
            closed_at=pull.instant if is_done else None,
            merged_at=pull.instant if pull.state == "merged" else None,
            auto_merge=merge if pull.auto_merge else None,
        )
        return made

    def _names(self, path: str) -> dict[str, Any]:
        return {"full_name": path, "name": path.partition("/")[2], "html_url": f"{self._url}/{path}"}

    def _as(self, user: dict[str, Any], name: str) -> dict[str, Any]:
        is_app = name.endswith(_APP)
        page = f"{self._url}/apps/{name.removesuffix(_APP)}" if is_app else f"{self._url}/{name}"
        who = {"login": name, "id": self._state.people.get(name, 1), "type": "Bot" if is_app else "User"}
        return {**user, **who, "html_url": page}

    def _example(self, *keys: str) -> Any:
        for key in keys:
            try:
                return example(self._document, key)
            except KeyError:
                continue
        raise KeyError(keys)
