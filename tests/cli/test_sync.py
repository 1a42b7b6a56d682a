"""`starry sync` against a real Gitea and a real apps repository."""

from pathlib import Path

import pytest

from tests.support.gitea_server import GiteaServer, gitea
from tests.support.repos import Apps
from tests.support.synced import Synced

__all__ = ["gitea"]


@pytest.fixture
def synced(gitea: GiteaServer, apps: Apps) -> Synced:
    made = Synced(apps=apps, be=gitea.new_repository("sample-be"))
    made.set_up()
    return made


def test_a_pull_requests_whole_life(synced: Synced) -> None:
    (number,) = synced.open("feat/one")
    name, url = f"preview-{number}", f"{synced.be.page}/pulls/{number}"
    found = synced.ok()
    assert found == {
        "now": found["now"],
        "repositories": [{"name": "be", "url": synced.be.page, "open": 1, "wanted": 1, "ignored": [], "error": None}],
        "created": [name],
        "updated": [],
        "renewed": [],
        "removed": [],
        "kept": 0,
        "skipped": [],
        "commit": synced.apps.tip(),
        "attempts": 1,
        "dryRun": False,
    }
    head = synced.be.pull_request(number)["head"]["sha"]
    assert synced.apps.annotation(name, "pull-request") == url
    assert synced.apps.annotation(name, "owner") == synced.be.owner.name
    assert synced.apps.annotation(name, "branch") == "feat/one"
    assert synced.apps.annotation(name, "commit") == head
    assert synced.apps.values(name)["backend"]["image"]["tag"] == f"pr-{number}-{head[:7]}"
    assert synced.apps.changed() == {
        f"overlays/dev/previews/{name}/application.yaml": "A",
        f"overlays/dev/previews/{name}/values.yaml": "A",
    }
    assert (synced.ok()["commit"], synced.ok()["kept"]) == (None, 1)
    pushed = synced.be.push_branch("feat/one", {"b.txt": "2\n"})
    assert synced.ok()["updated"] == [name]
    assert synced.apps.annotation(name, "commit") == pushed
    synced.apps.age(name, minutes=20)
    assert synced.ok()["renewed"] == [name]
    (other,) = synced.open("feat/two")
    synced.be.merge(number)
    after = synced.ok()
    assert (after["removed"], after["created"]) == ([name], [f"preview-{other}"])
    assert synced.apps.names() == [f"preview-{other}"]
    assert synced.apps.trailers()["Starry-Action"] == "sync"
    assert synced.apps.ok("validate")["ok"] is True


def test_the_filters(synced: Synced) -> None:
    synced.set_up(labels=["preview"], branches=["feat/**"], paths=["src/**"], forkLabel="preview-ok")
    synced.be.push_branches(
        {name: {"src/a.py": f"{name}\n"} for name in ("feat/a/b", "fix/a", "feat/draft", "feat/bare")}
    )
    synced.be.push_branch("feat/docs", {"docs/a.md": "1\n"})
    wanted = synced.be.open_pull_request("feat/a/b", labels=["preview"])
    reasons = {
        synced.be.open_pull_request("fix/a", labels=["preview"]): "its branch is none of branches",
        synced.be.open_pull_request("feat/draft", title="WIP: later", labels=["preview"]): "it is a draft",
        synced.be.open_pull_request("feat/bare"): "it lacks the label preview",
        synced.be.open_pull_request("feat/docs", labels=["preview"]): "it changes no file of paths",
    }
    eve = synced.be.server.user("eve")
    fork = synced.be.fork(eve)
    fork.push_branch("feat/fork", {"src/x.py": "1\n"})
    number = synced.be.open_pull_request(f"{eve.name}:feat/fork", by=eve)
    synced.be.label(number, "preview")
    reasons[number] = "it is a fork's, without the label preview-ok"
    found = synced.ok()
    assert found["created"] == [f"preview-{wanted}"]
    (repository,) = found["repositories"]
    assert (repository["open"], repository["wanted"]) == (6, 1)
    told = {int(one["pullRequest"].rpartition("/")[2]): one["reason"] for one in repository["ignored"]}
    assert told == reasons
    synced.be.label(number, "preview-ok")
    assert synced.ok()["created"] == [f"preview-{number}"]
    assert synced.apps.values(f"preview-{number}")["secrets"]["externalSecret"]["enabled"] is False
    synced.be.unlabel(number, "preview-ok")
    assert synced.ok()["removed"] == [f"preview-{number}"]


def test_a_dry_run_shows_the_diff_and_changes_nothing(synced: Synced) -> None:
    (number,) = synced.open("feat/one")
    before = synced.apps.tip()
    found = synced.ok("--dry-run")
    assert (found["created"], found["commit"], found["dryRun"]) == ([f"preview-{number}"], None, True)
    assert f"+++ b/overlays/dev/previews/preview-{number}/application.yaml" in found["diff"]
    assert synced.apps.tip() == before


def test_the_last_pull_request_closes(synced: Synced) -> None:
    """The list is empty then: that alone removes nothing, what the forge says of each pull request does."""
    numbers = synced.open("feat/one", "feat/two")
    synced.ok()
    synced.be.close(numbers[0])
    synced.be.merge(numbers[1])
    assert synced.ok()["removed"] == [f"preview-{number}" for number in numbers]
    assert synced.apps.names() == []


def test_an_empty_list_of_pull_requests_that_are_not_all_closed(synced: Synced) -> None:
    (number,) = synced.open("feat/one")
    synced.ok()
    synced.be.close(number)
    synced.apps.create("preview-900", "--pr", f"{synced.be.page}/pulls/900")
    before = synced.apps.tip()
    done = synced.run()
    assert done.code == 8
    assert done.error()["code"] == "doubtful_answer"
    assert "--allow-empty" in done.error()["hint"]
    assert done.json()["repositories"][0]["error"]["code"] == "doubtful_answer"
    assert synced.apps.tip() == before
    allowed = synced.run("--allow-empty")
    assert (allowed.code, allowed.json()["removed"]) == (9, [f"preview-{number}"])
    assert [one["name"] for one in allowed.json()["skipped"]] == ["preview-900"]


def test_one_pull_request_alone(synced: Synced) -> None:
    first, second = synced.open("feat/one", "feat/two")
    only = f"{synced.be.page}/pulls/{second}"
    assert synced.ok("--only-pr", only)["created"] == [f"preview-{second}"]
    synced.be.close(second)
    assert synced.ok("--only-pr", only)["removed"] == [f"preview-{second}"]
    assert synced.ok("--only-pr", only)["commit"] is None
    synced.be.reopen(second)
    assert synced.ok("--only-pr", only)["created"] == [f"preview-{second}"]
    assert synced.ok()["created"] == [f"preview-{first}"]
    assert synced.run("--only-pr", f"{synced.be.page}/pulls/999").code == 3
    assert synced.run("--only-pr", "https://gitea.com/other/repo/pulls/1").code == 3
    assert synced.run("be", "--only-pr", only).code == 2
    assert synced.run("nobody").code == 3


def test_on_push_an_expired_preview_comes_back_with_the_next_push(synced: Synced) -> None:
    synced.set_up(sync={"renew": "onPush"})
    (number,) = synced.open("feat/one")
    name = f"preview-{number}"
    assert synced.ok()["created"] == [name]
    synced.apps.age(name, minutes=40)
    assert synced.ok()["commit"] is None
    assert synced.apps.ok("gc")["removed"] == [name]
    found = synced.ok()
    assert (found["commit"], found["skipped"]) == (None, [])
    assert found["repositories"][0]["ignored"][0]["reason"] == "its preview is over until it is pushed to"
    synced.be.push_branch("feat/one", {"b.txt": "2\n"})
    assert synced.ok()["created"] == [name]


def test_more_than_the_caps_allow(synced: Synced) -> None:
    numbers = synced.open("feat/one", "feat/two", "feat/three")
    synced.ok()
    for number in numbers[:2]:
        synced.be.close(number)
    before = synced.apps.tip()
    done = synced.run("--max-deletes", "1")
    assert (done.code, done.error()["code"]) == (10, "too_many_deletions")
    assert synced.apps.tip() == before
    assert synced.ok("--max-deletes", "1", "--force")["removed"] == [f"preview-{one}" for one in numbers[:2]]


def test_a_name_that_is_taken_is_skipped(synced: Synced) -> None:
    (number,) = synced.open("feat/one")
    synced.apps.create(f"preview-{number}", "--source-branch", "something/else")
    done = synced.run()
    assert done.code == 9
    assert "taken" in done.json()["skipped"][0]["reason"]


def test_for_people(synced: Synced) -> None:
    (number,) = synced.open("feat/one")
    url = f"{synced.be.page}/pulls/{number}"
    out = synced.run("-o", "table").out.splitlines()
    assert out[0] == f"preview-{number} created: {url}"
    assert out[1] == "be: 1 open pull request, 1 wanted"
    assert out[2].startswith("1 created, 0 updated, 0 renewed, 0 removed, 0 kept, 0 skipped in ")
    assert synced.run("-o", "name").out == ""


def test_the_metrics(synced: Synced, tmp_path: Path) -> None:
    synced.open("feat/one", "feat/two")
    file = tmp_path / "sync.prom"
    synced.ok("--metrics-file", str(file))
    text = file.read_text(encoding="utf-8")
    for line in (
        "starry_sync_created_previews 2",
        'starry_sync_open_pull_requests{repository="be"} 2',
        "starry_sync_exit_code 0",
    ):
        assert line in text.splitlines()


def test_without_repositories_the_settings_say_nothing(apps: Apps) -> None:
    assert "sync.repositories is missing" in apps.fails(7, "sync")["message"]
