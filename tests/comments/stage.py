"""An apps repository, a component's repository on the Gitea of the tests, and the people around it."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starry_gitops.core.comment import is_sticky
from tests.support.cli import Result
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import User
from tests.support.repos import Apps
from tests.support.webhooks import WebhookReceiver

_BRANCHES = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`bot` is who Starry speaks as (an administrator there); `writer`, `reader` and `stranger` are people."""

    apps: Apps
    be: GiteaRepository
    bot: User
    writer: User
    reader: User
    stranger: User
    receiver: WebhookReceiver
    folder: Path

    def url(self, number: int) -> str:
        """A pull request's page."""
        return f"{self.be.page}/pulls/{number}"

    def open(self) -> int:
        """A pull request of a new branch."""
        branch = f"feat/{next(_BRANCHES)}"
        self.be.push_branch(branch)
        return self.be.open_pull_request(branch)

    def push(self, number: int) -> str:
        """Pushes to a pull request's branch; gives the commit."""
        branch = str(self.be.pull_request(number)["head"]["ref"])
        return self.be.push_branch(branch, {f"{next(_BRANCHES)}.txt": "1\n"})

    def head(self, number: int) -> str:
        """Its head commit."""
        return str(self.be.pull_request(number)["head"]["sha"])

    def create(self, number: int, *args: str, tag: str = "1.0.0") -> Any:
        """The preview, as the component's pipeline would make it."""
        known = ("--pr", self.url(number), "--commit", self.head(number), "--owner", self.writer.name)
        return self.apps.ok("create", *known, "--image", f"backend={tag}", *args)

    def run(self, *args: str, by: User | None = None, env: Mapping[str, str] | None = None) -> Result:
        """Runs `starry` with the bot's token, which must not show anywhere."""
        known = by or self.bot
        done = self.apps.run(*args, "--timeout", "20", env={"STARRY_FORGE_TOKEN": known.token, **(env or {})})
        assert known.token not in done.out + done.err
        return done

    def ok(self, *args: str, by: User | None = None) -> Any:
        """The JSON result of a run that must succeed."""
        done = self.run(*args, by=by)
        assert done.code == 0, f"exit {done.code}\n{done.out}\n{done.err}"
        return done.json()

    def comment(self, number: int, *args: str, by: User | None = None) -> Any:
        """`starry comment`."""
        return self.ok("comment", "--pr", self.url(number), *args, by=by)

    def event(self, number: int, body: str, *, by: User | None = None) -> Path:
        """A comment that somebody writes, and the file with what Gitea tells of it."""
        comment = self.be.comment(number, body, by=by or self.writer)
        delivery = self.receiver.wait_for("issue_comment", comment=self.be.call("GET", f"/issues/comments/{comment}"))
        file = self.folder / f"event-{comment}.json"
        file.write_bytes(delivery.body)
        return file

    def obey(self, event: Path, *args: str) -> Any:
        """`starry command`."""
        return self.ok("command", "--event", str(event), *args)

    def say(self, number: int, body: str, *args: str, by: User | None = None) -> Any:
        """Somebody comments, and the pipeline obeys."""
        return self.obey(self.event(number, body, by=by), *args)

    def stickies(self, number: int) -> list[tuple[int, str]]:
        """Ids and texts of Starry's comments."""
        found = self.be.call("GET", f"/issues/{number}/comments")
        return [(one["id"], one["body"]) for one in found if is_sticky(one["body"])]

    def sticky(self, number: int) -> str:
        """The text of the only one."""
        (found,) = self.stickies(number)
        return found[1]

    def statuses(self, commit: str) -> list[tuple[str, str, str]]:
        """State, description and target of each status, newest first."""
        found = self.be.call("GET", f"/commits/{commit}/statuses?sort=newest")
        return [(one["status"], one["description"], one["target_url"]) for one in found]


def rewritten(event: Path, change: Any) -> Path:
    """The event with something changed in it."""
    data = json.loads(event.read_bytes())
    change(data)
    file = event.with_name(f"changed-{event.name}")
    file.write_text(json.dumps(data), encoding="utf-8")
    return file
