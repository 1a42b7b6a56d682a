"""Two repositories on a real Gitea, who works there, and `starry` as their pipelines run it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starry_gitops.forges.webhooks import verify
from tests.support.basics import git, now
from tests.support.cli import Result, run_process
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer, User
from tests.support.repos import Apps
from tests.support.webhooks import Delivery, WebhookReceiver

SECRET = "the-webhooks-secret"
_MARKER = re.compile(r"<!-- starry:preview v1 dev/(?P<name>[a-z0-9-]+) -->")


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The bot's, each with no more than the documentation asks for; by what they are for."""

    push: str
    read: str
    talk: str
    review: str

    @classmethod
    def of(cls, server: GiteaServer, bot: User) -> "Tokens":
        """New ones."""
        return cls(
            push=server.token(bot, ["write:repository"]),
            read=server.token(bot, ["read:repository", "read:issue"]),
            talk=server.token(bot, ["write:issue", "write:repository", "read:user"]),
            review=server.token(bot, ["write:issue", "read:repository", "read:user"]),
        )

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return self.push, self.read, self.talk, self.review


@dataclass(frozen=True, kw_only=True)
class World:
    """`component` has the code, `apps` the previews; `alice` writes code, `dora` answers for the platform.

    `said` keeps all that every run printed.
    """

    component: GiteaRepository
    apps: GiteaRepository
    alice: User
    dora: User
    bot: User
    tokens: Tokens
    receiver: WebhookReceiver
    folder: Path
    said: list[str] = field(default_factory=list)

    # What pipelines do

    def starry(
        self, *args: str, forge: str = "", code: int = 0, cwd: Path | None = None, output: str = "json"
    ) -> Result:
        """One run, which must end in `code`. It knows the apps repository and its tokens from the environment."""
        env = {
            "STARRY_REPO": None if cwd else self.apps.clone_url,
            "STARRY_GIT_TOKEN": self.tokens.push,
            "STARRY_FORGE_TOKEN": forge or None,
            "STARRY_OUTPUT": output,
        }
        done = run_process(*args, env=env, cwd=cwd)
        self.said.append(done.out + done.err)
        assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
        return done

    def sync(self, *args: str) -> Any:
        """`starry sync` on a schedule; nothing else than a right to read is known to it."""
        return self.starry("sync", *args, forge=self.tokens.read).json()

    def comment(self, number: int) -> Any:
        """`starry comment` of one pull request."""
        return self.starry("comment", "--pr", self.url(number), forge=self.tokens.talk).json()

    def command(self, delivery: Delivery) -> Any:
        """A receiver checks the webhook and hands its payload to `starry command`."""
        verify("gitea", delivery.headers, delivery.body, SECRET, now())
        file = self.folder / "event.json"
        file.write_bytes(delivery.body)
        return self.starry("command", "--event", str(file), forge=self.tokens.talk).json()

    def review(self, number: int, *args: str, code: int = 0) -> Any:
        """`starry review` of a pull request of the apps repository, with its comment."""
        where = ("--pr", f"{self.apps.page}/pulls/{number}", "--forge", "gitea", "--comment", "--render", "0")
        return self.starry("review", *where, *args, forge=self.tokens.review, code=code).json()

    def validate(self) -> int:
        """Checks the whole apps repository, which must hold every rule; how many previews there are."""
        found = self.starry("validate").json()
        assert (found["ok"], found["findings"]) == (True, [])
        return int(found["previews"])

    # What people do

    def open(self, branch: str) -> int:
        """Alice opens a pull request in the component's repository."""
        self.component.push_branch(branch, by=self.alice)
        return self.component.open_pull_request(branch, by=self.alice)

    def push(self, number: int) -> str:
        """Alice pushes to it once more; the commit."""
        branch = str(self.component.pull_request(number)["head"]["ref"])
        return self.component.push_branch(branch, {"more.txt": "more\n"}, by=self.alice)

    def say(self, number: int, body: str) -> Delivery:
        """Alice comments; what the webhook delivers of it."""
        identity = self.component.comment(number, body, by=self.alice)
        comment = self.component.call("GET", f"/issues/comments/{identity}")
        return self.receiver.wait_for("issue_comment", action="created", comment=comment)

    def clone(self, branch: str = "main") -> Path:
        """Dora's clone of the apps repository, made anew."""
        place = self.folder / f"clone-{len(list(self.folder.glob('clone-*')))}"
        known = self.apps.git_environment(self.dora)
        git(self.folder, "clone", "--quiet", "--branch", branch, self.apps.clone_url, str(place), env=known)
        return place

    # What they see

    def url(self, number: int) -> str:
        """The page of a pull request of the component's repository."""
        return f"{self.component.page}/pulls/{number}"

    def head(self, number: int) -> str:
        """Its newest commit."""
        return str(self.component.pull_request(number)["head"]["sha"])

    @property
    def files(self) -> Apps:
        """What the apps repository holds, read where Gitea keeps it."""
        return Apps(bare=_bare(self.apps))

    def sticky(self, number: int) -> tuple[int, str]:
        """Id and text of Starry's only comment below a pull request."""
        found = self.component.call("GET", f"/issues/{number}/comments")
        own = [one for one in found if _MARKER.match(one["body"])]
        assert [one["user"]["login"] for one in own] == [self.bot.name]
        return int(own[0]["id"]), str(own[0]["body"])

    def reviews(self, number: int) -> list[tuple[int, str]]:
        """Ids and texts of the bot's comments below a pull request of the apps repository."""
        found = self.apps.call("GET", f"/issues/{number}/comments")
        return [(one["id"], one["body"]) for one in found if one["user"]["login"] == self.bot.name]

    def status(self, commit: str) -> str:
        """What the newest status beside a commit says."""
        return str(self.component.call("GET", f"/commits/{commit}/statuses?sort=newest")[0]["description"])

    def everything_public(self) -> Mapping[str, bytes]:
        """All that is left behind, by where: printed, written below pull requests, stored in Git."""
        places = (self.component, self.apps)
        return {
            "output": "\n".join(self.said).encode(),
            "comments": json.dumps([one.call("GET", "/issues/comments?limit=50") for one in places]).encode(),
            "objects": b"".join(_objects(_bare(one)) for one in places),
        }


def _bare(repository: GiteaRepository) -> Path:
    return repository.server.folder / "repositories" / f"{repository.path.lower()}.git"


def _objects(bare: Path) -> bytes:
    """Every object, reachable or not; of a token no part that is not text would be missed."""
    return git(bare, "cat-file", "--batch-all-objects", "--batch", "--buffer").encode(errors="surrogateescape")
