"""The Gitea of the tests itself: that it does what other tests rely on."""

import hashlib
import hmac
from pathlib import Path

import pytest

from tests.support import gitea_build
from tests.support.gitea_server import GiteaServer
from tests.support.webhooks import WebhookReceiver


def test_a_pull_request_from_push_to_merge(gitea: GiteaServer):
    repository = gitea.new_repository("backend", private=True)
    bob = repository.user("bob", "write")
    commit = repository.push_branch("feature", {"a.txt": "1\n", "README.md": None}, by=bob)
    number = repository.open_pull_request("feature", title="Add a", by=bob, labels=["preview", "other"])
    repository.unlabel(number, "other")
    repository.comment(number, "Hello", by=bob)
    told = repository.pull_request(number)
    assert (told["head"]["sha"], told["user"]["login"]) == (commit, bob.name)
    assert [label["name"] for label in told["labels"]] == ["preview"]
    assert repository.comments(number) == [(bob.name, "Hello")]
    repository.merge(number)
    assert repository.read("a.txt") == "1\n"


def test_webhooks(gitea: GiteaServer):
    repository = gitea.new_repository("backend")
    repository.push_branch("feature")
    with WebhookReceiver() as receiver:
        repository.webhook(receiver.url, secret="s3cret")
        number = repository.open_pull_request("feature")
        repository.comment(number, "/preview")
        opened = receiver.wait_for("pull_request", action="opened")
        said = receiver.wait_for("issue_comment", action="created")
    assert opened.data["number"] == number
    assert said.data["comment"]["body"] == "/preview"
    assert said.data["is_pull"] is True
    expected = hmac.new(b"s3cret", said.body, hashlib.sha256).hexdigest()
    assert said.headers["x-gitea-signature"] == expected


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A place where Gitea is not built yet."""
    if gitea_build.missing_program():
        pytest.skip(gitea_build.missing_program())
    folder = tmp_path / "tools" / "gitea"
    monkeypatch.setattr(gitea_build, "FOLDER", folder)
    monkeypatch.setattr(gitea_build, "BINARY", folder / "gitea")
    return folder


def test_another_module_is_not_built(gitea: GiteaServer, unbuilt: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gitea_build, "_SUM", "h1:another")
    with pytest.raises(gitea_build.BuildFailed, match="is not what it was"):
        gitea_build.build()
    assert [path.name for path in unbuilt.parent.iterdir()] == ["gitea.lock"]


def test_what_is_missing(unbuilt: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(gitea_build._ENVIRONMENT, "PATH", str(tmp_path))
    assert gitea_build.missing_program() == "go and gcc not installed, so that Gitea cannot be built"
    unbuilt.mkdir(parents=True)
    (unbuilt / "gitea").touch()
    assert gitea_build.missing_program() == ""
