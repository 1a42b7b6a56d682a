"""GitLab's answers: recorded ones of gitlab.com, with what a `ForgeState` holds."""

from typing import Any

from tests.support.forge_schemas import gitlab_recording
from tests.support.forge_state import ChangedFile, ForgeState, Note, Pull
from tests.support.gitlab_contract import ONLY_ALONE

PROJECT = 500
_LEVELS = {"read": 20, "triage": 20, "write": 30, "maintain": 40, "admin": 50}
_STATES = {"open": "opened", "closed": "closed", "merged": "merged"}


class GitLabJson:
    """Gives each thing the shape that GitLab gives it."""

    def __init__(self, state: ForgeState, url: str) -> None:
        self._state = state
        self._url = url

    def user(self, name: str) -> dict[str, Any]:
        """A person, as others see them."""
        state = "blocked" if name in self._state.blocked else "active"
        number = self._state.people.get(name, 1)
        page = {"web_url": f"{self._url}/{name}", "avatar_url": None}
        return {"id": number, "username": name, "name": name.title(), "state": state, **page}

    def full_user(self, name: str) -> Any:
        """The token's user."""
        return {**gitlab_recording("get_user"), **self.user(name)}

    def project(self, number: int, path: str) -> Any:
        """A project."""
        visibility = "private" if self._state.private else "public"
        return {
            "id": number,
            "name": path.rpartition("/")[2],
            "path": path.rpartition("/")[2],
            "path_with_namespace": path,
            "web_url": f"{self._url}/{path}",
            "default_branch": "main",
            "visibility": visibility,
        }

    def member(self, name: str) -> Any:
        """A member of the project or of its groups."""
        level = _LEVELS[self._state.grants[name]]
        return {**self.user(name), "access_level": level, "expires_at": None, "created_at": "2026-01-01T00:00:00.000Z"}

    def basic(self, pull: Pull) -> Any:
        """A merge request in a list."""
        made = self.merge_request(pull)
        return {key: value for key, value in made.items() if key not in ONLY_ALONE}

    def merge_request(self, pull: Pull) -> Any:
        """A merge request, alone."""
        made = gitlab_recording("get_merge_request")
        fork = pull.head_repository
        source = PROJECT if fork == self._state.path else self._state.forks.get(fork or "")
        status = "checking" if pull.looks else "conflict" if pull.conflict else "ci_still_running"
        page = f"{self._url}/{self._state.path}/-/merge_requests/{pull.number}"
        made.update(
            id=100_000 + pull.number,
            iid=pull.number,
            project_id=PROJECT,
            target_project_id=PROJECT,
            source_project_id=source,
            title=pull.title,
            description=pull.body,
            state="locked" if pull.locked else _STATES[pull.state],
            draft=pull.draft,
            work_in_progress=pull.draft,
            author=self.user(pull.author or "ghost"),
            labels=list(pull.labels),
            source_branch=pull.head_branch,
            target_branch=pull.base_branch,
            sha=pull.head_commit,
            web_url=page,
            references={"short": f"!{pull.number}", "relative": f"!{pull.number}", "full": f"{self._state.path}!1"},
            updated_at=pull.instant,
            prepared_at=pull.instant,
            merge_when_pipeline_succeeds=pull.auto_merge,
            detailed_merge_status=status if pull.blocked or pull.looks or pull.conflict else "mergeable",
            changes_count=str(len(pull.files) + pull.more_files) if pull.files or pull.more_files else None,
        )
        return made

    def diff(self, file: ChangedFile) -> Any:
        """A changed file."""
        made = gitlab_recording("list_merge_request_diff")[0]
        before = file.before or file.path
        return {**made, "new_path": file.path, "old_path": before, "renamed_file": file.before is not None}

    def note(self, note: Note) -> Any:
        """A comment."""
        times = {"created_at": "2026-11-25T08:00:00.000Z", "updated_at": "2026-11-25T08:00:00.000Z"}
        about = {"noteable_id": 100_000 + note.number, "noteable_type": "MergeRequest", "noteable_iid": note.number}
        flags = {"system": note.system, "resolvable": note.kind is not None, "confidential": False, "internal": False}
        author = self.user(note.author or "ghost")
        own = {"id": note.id, "type": note.kind, "body": note.body, "attachment": None, "author": author}
        return {**own, **times, **about, **flags, "project_id": PROJECT}

    def status(self, commit: str, author: str, body: dict[str, Any]) -> Any:
        """A status."""
        shown = {"status": body["state"], "name": body["name"], "description": body.get("description")}
        place = {"id": 1, "sha": commit, "ref": "main", "target_url": body.get("target_url"), "pipeline_id": 1}
        times = {"created_at": "2026-11-25T08:00:00.000Z", "started_at": None, "finished_at": None}
        return {**shown, **place, **times, "allow_failure": False, "coverage": None, "author": self.user(author)}
