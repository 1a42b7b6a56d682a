"""What pull requests go through in real life, in odd orders: `sync`, `comment` and `command` after one another."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.comments.stage import Stage
from tests.support.basics import git
from tests.support.gitea_server import GiteaServer
from tests.support.repos import Apps
from tests.support.webhooks import WebhookReceiver

_NAMES = (f"sample-be-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def people(gitea: GiteaServer) -> Iterator[Stage]:
    owner = gitea.user("owner")
    with WebhookReceiver() as receiver:
        yield Stage(
            apps=Apps(bare=Path()),
            be=gitea.new_repository("first", owner=owner),
            bot=gitea.user("starry"),
            writer=gitea.user("writer"),
            reader=gitea.user("reader"),
            stranger=gitea.user("stranger"),
            receiver=receiver,
            folder=Path(),
        )


@pytest.fixture
def stage(people: Stage, apps: Apps, tmp_path: Path) -> Stage:
    """A component's repository and an apps repository of this test's own."""
    be = people.be.server.new_repository(next(_NAMES), owner=people.be.owner)
    be.webhook(people.receiver.url, secret="s3cret")
    for user, permission in ((people.bot, "admin"), (people.writer, "write"), (people.reader, "read")):
        be.permit(user, permission)
    made = replace(people, apps=apps, be=be, folder=tmp_path)
    _settings(made)
    return made


def _settings(stage: Stage, **one: object) -> None:
    repository = {"url": stage.be.page, "component": "backend", **one}
    settings = {
        "forge": {"kind": "gitea", "apiURL": stage.be.server.api_url},
        "sync": {"repositories": {"be": repository}},
    }
    stage.apps.settings(lambda known: known.update(settings))


def _sync(stage: Stage, *args: str) -> dict[str, list[str]]:
    """What became of the previews."""
    found = stage.ok("sync", *args)
    return {key: found[key] for key in ("created", "updated", "removed") if found[key]}


def _told(stage: Stage) -> dict[str, str]:
    """The state that each pull request is told of."""
    found = stage.ok("comment", "--all")
    assert found["skipped"] == []
    return {one["name"]: one["state"] for one in found["comments"]}


def test_closed_and_reopened(stage: Stage):
    number, name = stage.open(), "preview-1"
    early = stage.event(number, "/preview extend 2h")
    assert _sync(stage) == {"created": [name]}
    comment = stage.comment(number)["comment"]
    stage.be.close(number)
    assert _sync(stage) == {"removed": [name]}
    assert _told(stage) == {name: "gone"}
    assert stage.obey(early)["reason"] == "the pull request is closed"
    assert "**Gone.** The pull request was closed." in stage.sticky(number)
    stage.be.reopen(number)
    assert _sync(stage) == {"created": [name]}
    assert _told(stage) == {name: "ready"}
    expires = stage.apps.annotation(name, "expires-at")
    assert stage.obey(early)["action"] == "ignored"
    assert stage.apps.annotation(name, "expires-at") == expires
    assert [one[0] for one in stage.stickies(number)] == [comment]


def test_merged_and_its_branch_deleted(stage: Stage):
    number, name = stage.open(), "preview-1"
    branch = stage.be.pull_request(number)["head"]["ref"]
    assert _sync(stage) == {"created": [name]}
    stage.comment(number)
    stage.be.merge(number)
    stage.be.delete_branch(branch.replace("/", "%2F"))
    assert _sync(stage, "--only-pr", stage.url(number)) == {"removed": [name]}
    assert _told(stage) == {name: "gone"}
    assert "The pull request was merged." in stage.sticky(number)


def test_its_base_is_renamed_and_then_another(stage: Stage):
    number = stage.open()
    assert _sync(stage) == {"created": ["preview-1"]}
    stage.be.call("PATCH", "/branches/main", {"name": "trunk"})
    assert _sync(stage) == {}
    _settings(stage, baseBranches=["trunk"])
    assert _sync(stage) == {}
    stage.be.push_branch("release", base="trunk")
    stage.be.call("PATCH", f"/pulls/{number}", {"base": "release"})
    assert _sync(stage) == {"removed": ["preview-1"]}


def test_force_pushed(stage: Stage, tmp_path: Path):
    number = stage.open()
    assert _sync(stage) == {"created": ["preview-1"]}
    comment, before = stage.comment(number)["comment"], stage.head(number)
    env, clone = stage.be.git_environment(), tmp_path / "clone"
    branch = stage.be.pull_request(number)["head"]["ref"]
    git(tmp_path, "clone", "--quiet", "--branch", branch, stage.be.clone_url, str(clone), env=env)
    git(clone, "commit", "--quiet", "--amend", "--message", "Another")
    git(clone, "push", "--quiet", "--force", "origin", branch, env=env)
    pushed = git(clone, "rev-parse", "HEAD")
    assert pushed != before
    assert _sync(stage) == {"updated": ["preview-1"]}
    assert stage.apps.annotation("preview-1", "commit") == pushed
    told = stage.comment(number)
    assert (told["action"], told["comment"]) == ("updated", comment)
    assert stage.statuses(pushed)[0][0] == "success"


def test_the_label_is_taken_away_and_set_again(stage: Stage):
    _settings(stage, labels=["preview"])
    number, name = stage.open(), "preview-1"
    assert _sync(stage) == {}
    stage.be.label(number, "preview")
    assert _sync(stage) == {"created": [name]}
    comment = stage.comment(number)["comment"]
    stage.be.unlabel(number, "preview")
    assert _sync(stage) == {"removed": [name]}
    assert _told(stage) == {name: "gone"}
    assert "**Gone.** The pull request does not ask for one any more." in stage.sticky(number)
    stage.be.label(number, "preview")
    assert _sync(stage) == {"created": [name]}
    assert _told(stage) == {name: "ready"}
    assert [one[0] for one in stage.stickies(number)] == [comment]


def test_of_a_fork_that_is_deleted(stage: Stage):
    _settings(stage, forkLabel="preview-ok")
    fork = stage.be.fork(stage.stranger)
    fork.push_branch("change")
    number = stage.be.open_pull_request(f"{stage.stranger.name}:change", by=stage.stranger)
    assert _sync(stage) == {}
    assert stage.say(number, "/preview", by=stage.stranger)["action"] == "refused"
    stage.be.label(number, "preview-ok")
    assert _sync(stage) == {"created": ["preview-1"]}
    assert stage.comment(number)["state"] == "ready"
    assert stage.say(number, "/preview extend 2h", by=stage.stranger)["action"] == "refused"
    fork.push_branch("change", {"more.txt": "1\n"})
    assert _sync(stage) == {"updated": ["preview-1"]}
    assert stage.apps.values("preview-1")["secrets"]["externalSecret"]["enabled"] is False
    fork.delete()
    assert _sync(stage) == {"removed": ["preview-1"]}
    assert _told(stage) == {"preview-1": "gone"}


def test_pinned_and_merged(stage: Stage):
    number, name = stage.open(), "preview-1"
    assert _sync(stage) == {"created": [name]}
    assert stage.say(number, "/preview pin")["action"] == "updated"
    stage.be.merge(number)
    assert _sync(stage) == {}
    assert _told(stage) == {name: "ready"}
    assert "It stays, because it is pinned. To remove it: comment `/preview delete`." in stage.sticky(number)
    assert stage.say(number, "/preview pin")["action"] == "refused"
    assert stage.say(number, "/preview unpin")["action"] == "updated"
    assert _sync(stage) == {"removed": [name]}
    assert _told(stage) == {name: "gone"}


def test_the_pull_request_itself_is_deleted(stage: Stage):
    """Nobody can say that it was closed: the preview stays until it expires, and is reported."""
    stage.open()
    other = stage.open()
    assert _sync(stage) == {"created": ["preview-1", "preview-2"]}
    stage.be.call("DELETE", f"/issues/{other}")
    done = stage.run("sync")
    assert (done.code, [one["name"] for one in done.json()["skipped"]]) == (9, ["preview-2"])
    stage.apps.age("preview-2", minutes=60)
    assert stage.apps.ok("gc")["removed"] == ["preview-2"]
    assert _sync(stage) == {}
