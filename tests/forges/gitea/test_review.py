"""starry review of a pull request on a real Gitea: what it changes, and the one comment that tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.cli import Result, run
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer
from tests.support.repos import PREVIEWS, Apps

MARKER = "<!-- starry:review -->"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"


@dataclass(frozen=True, kw_only=True)
class Pull:
    """An open pull request of an apps repository that has one preview."""

    repository: GiteaRepository
    number: int
    values: str

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> Result:
        token = self.repository.owner.token
        known = {"STARRY_FORGE_TOKEN": token, "STARRY_GIT_TOKEN": token}
        url = f"{self.repository.page}/pulls/{self.number}"
        args = ("review", "--pr", url, "--forge", "gitea", "--render", "0", *args)
        return run(*args, env={**known, **(env or {})})

    def push(self, values: str) -> None:
        """A further commit of the pull request."""
        self.repository.push_branch("change", {VALUES: values})

    def comments(self) -> list[str]:
        return [body for _, body in self.repository.comments(self.number)]


@pytest.fixture
def pull(gitea: GiteaServer, apps: Apps) -> Pull:
    apps.create("preview-1")
    repository = gitea.new_repository("argocd-apps")
    files = {path: apps.read(path) for path in apps.tree()}
    repository.push_branch("main", files)
    values = apps.read(VALUES)
    repository.push_branch("change", {VALUES: values.replace("1.0.0", "2.0.0")})
    number = repository.open_pull_request("change")
    return Pull(repository=repository, number=number, values=values)


def names(found: Any) -> list[str]:
    return [one["name"] for one in found["previews"]]


def test_what_it_changes(pull: Pull) -> None:
    pull.repository.push_branch("main", {"docs/x.md": "the base moves on\n"})
    done = pull.run("-o", "json")
    assert done.code == 0, done.err
    found = done.json()
    assert (names(found), found["platform"]) == (["preview-1"], [])
    assert found["fork"] != found["base"]


def test_one_comment_that_stays_true(pull: Pull) -> None:
    somebody = pull.repository.user("mallory", "write")
    pull.repository.comment(pull.number, f"{MARKER}\nnot Starry's", by=somebody)
    assert pull.run("--comment").code == 0
    assert pull.run("--comment").code == 0
    pull.push(pull.values.replace("us-docker.pkg.dev/myproj", "evil.example"))
    done = pull.run("--comment", "--fail-on", "warnings")
    foreign, own = pull.comments()
    assert foreign.endswith("not Starry's")
    assert own.startswith(MARKER)
    assert "evil.example" in own
    assert ("Not fit" in own) == (done.code == 7)


def test_a_dry_run_writes_no_comment(pull: Pull) -> None:
    assert pull.run("--comment", "--dry-run").code == 0
    assert pull.comments() == []


def test_a_pull_request_of_a_fork(pull: Pull) -> None:
    stranger = pull.repository.user("stranger", "read")
    fork = pull.repository.fork(stranger)
    fork.push_branch("theirs", {"starry.yaml": "version: 9\n"})
    number = pull.repository.open_pull_request(f"{stranger.name}:theirs", by=stranger)
    theirs = Pull(repository=pull.repository, number=number, values="")
    done = theirs.run("-o", "json")
    assert done.code == 7, done.err
    assert [one["rule"] for one in done.json()["findings"]] == ["platform", "settings"]


def test_no_such_pull_request(pull: Pull) -> None:
    absent = Pull(repository=pull.repository, number=999, values="")
    done = absent.run("-o", "json")
    assert (done.code, done.out) == (3, "")


def test_a_token_that_may_not(pull: Pull) -> None:
    done = pull.run("--comment", env={"STARRY_FORGE_TOKEN": "0" * 40})
    assert done.code == 6
    assert pull.comments() == []
