"""An apps repository, and a component's repository on a forge that is held to its documentation."""

import copy
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starry_gitops.core.comment import is_sticky
from tests.support import webhook_examples
from tests.support.basics import now, stamp
from tests.support.cli import Result
from tests.support.forge_state import Note
from tests.support.forges import TOKEN, Case
from tests.support.repos import Apps

_EVENTS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`apps` gets previews of the backend, whose pull requests `case` has. `ada`, who has `TOKEN`, is Starry there."""

    case: Case
    apps: Apps
    folder: Path

    @property
    def state(self) -> Any:
        """What the forge holds."""
        return self.case.state

    @property
    def forge(self) -> dict[str, str]:
        """`forge` of starry.yaml."""
        return {"kind": self.case.server.kind, "apiURL": self.case.server.api_url}

    def set_up(self, sync: Mapping[str, Any] | None = None, **repository: Any) -> None:
        """Writes the settings."""
        one = {"url": self.case.server.page, "component": "backend", **repository}
        wanted = {"forge": self.forge, "sync": {**(sync or {}), "repositories": {"be": one}}}
        self.apps.settings(lambda settings: settings.update(wanted))

    def url(self, number: int) -> str:
        """A pull request's page."""
        return f"{self.case.server.page}/{'-/merge_requests' if self.case.is_gitlab else 'pull'}/{number}"

    def head(self, number: int) -> str:
        """Its head commit."""
        return str(self.state.pulls[number].head_commit)

    def create(self, number: int, *args: str) -> Any:
        """The preview, as the component's pipeline would make it."""
        known = ("--pr", self.url(number), "--commit", self.head(number), "--owner", "ada")
        return self.apps.ok("create", *known, "--image", "backend=1.0.0", *args)

    def run(self, *args: str, token: str = TOKEN) -> Result:
        """Runs `starry` with a forge's token, which must not show anywhere."""
        done = self.apps.run(*args, "--timeout", "20", env={"STARRY_FORGE_TOKEN": token})
        assert token not in done.out + done.err
        return done

    def ok(self, *args: str, token: str = TOKEN) -> Any:
        """The JSON result of a run that must succeed."""
        done = self.run(*args, token=token)
        assert done.code == 0, f"exit {done.code}\n{done.out}\n{done.err}"
        return done.json()

    def comment(self, number: int, *args: str, token: str = TOKEN) -> Any:
        """`starry comment`."""
        return self.ok("comment", "--pr", self.url(number), *args, token=token)

    def event(self, number: int, body: str, *, by: str) -> Path:
        """A comment that somebody writes, and the file with what the forge tells of it."""
        note = self.state.notes[self.state.note(number, body, author=by)]
        told = self._gitlab_event(note) if self.case.is_gitlab else self._github_event(note)
        file = self.folder / f"event-{next(_EVENTS)}.json"
        file.write_text(json.dumps(told), encoding="utf-8")
        return file

    def obey(self, event: Path, *args: str, token: str = TOKEN) -> Any:
        """`starry command`."""
        return self.ok("command", "--event", str(event), *args, token=token)

    def say(self, number: int, body: str, *args: str, by: str = "bob") -> Any:
        """Somebody comments, and the pipeline obeys."""
        return self.obey(self.event(number, body, by=by), *args)

    def stickies(self, number: int) -> list[Note]:
        """Starry's comments."""
        return [one for one in self.state.notes.values() if one.number == number and is_sticky(one.body)]

    def sticky(self, number: int) -> str:
        """The text of the only one."""
        (found,) = self.stickies(number)
        return found.body

    def status(self, number: int) -> tuple[str, str, str]:
        """State, description and target of the status beside a pull request's head."""
        name = f"starry/dev/preview-{number}"
        found = self.state.statuses[self.head(number), name]
        return found["state"], found["description"], found["target_url"]

    def _github_event(self, note: Note) -> Any:
        made = copy.deepcopy(webhook_examples.github()["issue_comment"][0])
        page = self.url(note.number)
        api = f"{self.case.server.api_url}/repos/{self.state.path}/pulls/{note.number}"
        links = {"url": api, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        made["action"] = "created"
        made["issue"].update(number=note.number, html_url=page, pull_request=links)
        made["comment"].update(id=note.id, body=note.body, created_at=stamp(now()))
        made["comment"]["user"].update(login=note.author, type="User")
        made["repository"].update(full_name=self.state.path, html_url=self.case.server.page)
        return made

    def _gitlab_event(self, note: Note) -> Any:
        made = json.loads(webhook_examples.gitlab("note_merge_request"))
        made["user"]["username"] = note.author
        made["project"].update(path_with_namespace=self.state.path, web_url=self.case.server.page)
        made["object_attributes"].update(
            id=note.id, note=note.body, action="create", created_at=now().strftime("%Y-%m-%d %H:%M:%S UTC")
        )
        made["merge_request"]["iid"] = note.number
        return made
