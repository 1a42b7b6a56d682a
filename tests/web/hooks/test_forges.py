"""What the events of GitHub and GitLab make of previews and comments; the forges are held to their documentation."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from starry_gitops.core.sync_settings import ForgeKind
from tests.forges.commands.stage import Stage
from tests.support import webhook_examples
from tests.support.forges import KINDS, TOKEN, running
from tests.support.repos import Apps
from tests.web.hooks.sending import Hooked, hooked

_GITLAB_ACTIONS = {
    "opened": "open",
    "synchronize": "update",
    "labeled": "update",
    "closed": "close",
    "reopened": "reopen",
}


@pytest.fixture(params=KINDS)
def stage(
    request: pytest.FixtureRequest, apps: Apps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    webhook_examples.require()
    monkeypatch.setenv("STARRY_FORGE_TOKEN", TOKEN)
    with running(request.param) as case:
        case.state.person("bob", "write")
        made = Stage(case=case, apps=apps, folder=tmp_path)
        made.set_up()
        yield made


@pytest.fixture
def hooks(stage: Stage) -> Iterator[Hooked]:
    with hooked(stage.apps) as running:
        yield running


def kind_of(stage: Stage) -> ForgeKind:
    return "gitlab" if stage.case.is_gitlab else "github"


def pull_request(stage: Stage, number: int, action: str) -> Any:
    """A recorded event, of this repository. `action` is GitHub's."""
    if stage.case.is_gitlab:
        made = json.loads(webhook_examples.gitlab("merge_request"))
        made["project"].update(path_with_namespace=stage.state.path, web_url=stage.case.server.page)
        words = {
            "opened": "open",
            "synchronize": "update",
            "labeled": "update",
            "closed": "close",
            "reopened": "reopen",
        }
        made["object_attributes"].update(iid=number, action=words[action])
        return made
    examples = webhook_examples.github()["pull_request"]
    made = copy.deepcopy(next(one for one in examples if one["action"] == action))
    made.update(number=number)
    made["repository"].update(full_name=stage.state.path, html_url=stage.case.server.page)
    return made


def test_a_pull_requests_whole_life(stage: Stage, hooks: Hooked) -> None:
    kind, number = kind_of(stage), stage.state.open("feat/one")
    name = f"preview-{number}"

    def tell(action: str, result: str, count: int = 1) -> None:
        assert hooks.send(kind, pull_request(stage, number, action)).status_code == 202
        hooks.wait_for("pull_request", result, count)

    tell("opened", "created")
    assert "**Ready to be deployed.**" in stage.sticky(number)
    assert stage.status(number)[0] == "success"
    assert [row["name"] for row in hooks.page.get("/previews").json()] == [name]
    assert stage.apps.git("log", "-1", "--format=%an <%ae>|%cn") == "Starry <starry@localhost>|Starry"
    tell("opened", "unchanged")
    pushed = stage.state.push("feat/one")
    tell("synchronize", "updated")
    assert stage.apps.annotation(name, "commit") == pushed
    event = stage.event(number, "/preview pin", by="bob").read_bytes()
    assert hooks.send(kind, event).status_code == 202
    hooks.wait_for("comment", "updated")
    assert "☑️ `/preview pin` of `bob`: done" in stage.sticky(number)
    assert "Starry-Asked-By: bob" in stage.apps.git("log", "-1", "--format=%B")
    assert hooks.send(kind, stage.event(number, "/preview unpin", by="bob").read_bytes()).status_code == 202
    hooks.wait_for("comment", "updated", 2)
    stage.state.pulls[number].state = "closed"
    tell("closed", "removed")
    assert "**Gone.** The pull request was closed." in stage.sticky(number)
    assert hooks.page.get("/previews").json() == []
    stage.state.pulls[number].state = "open"
    tell("reopened", "created", 2)
    assert "**Ready to be deployed.**" in stage.sticky(number)
    assert stage.apps.ok("validate")["ok"] is True


def test_the_same_comment_under_other_ids_is_obeyed_once(stage: Stage, hooks: Hooked) -> None:
    """As another replica would get it, or this one after a restart."""
    kind, number = kind_of(stage), stage.state.open("feat/one")
    stage.create(number)
    event = stage.event(number, "/preview extend 2h", by="bob").read_bytes()
    hooks.send(kind, event)
    hooks.wait_for("comment", "updated")
    before, comment = stage.apps.refs(), stage.sticky(number)
    with hooked(stage.apps) as other:
        for one in (hooks, other):
            assert one.send(kind, event).status_code == 202
            one.wait_for("comment", "ignored")
    assert (stage.apps.refs(), stage.sticky(number)) == (before, comment)


def test_a_name_by_the_template_and_a_label_that_comes_and_goes(stage: Stage, hooks: Hooked) -> None:
    stage.set_up(labels=["preview"], name="be-{number}")
    number = stage.state.open("feat/one")
    kind = kind_of(stage)
    hooks.send(kind, pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "unchanged")
    assert stage.stickies(number) == []
    stage.state.pulls[number].labels = ["preview"]
    hooks.send(kind, pull_request(stage, number, "labeled"))
    hooks.wait_for("pull_request", "created")
    assert stage.apps.names() == [f"be-{number}"]
    assert f"### Preview `be-{number}`" in stage.sticky(number)
    stage.state.pulls[number].labels = []
    hooks.send(kind, pull_request(stage, number, "labeled"))
    hooks.wait_for("pull_request", "removed")
    assert "**Gone.** The pull request does not ask for one any more." in stage.sticky(number)


def test_a_last_word_on_what_the_schedule_removed(stage: Stage, hooks: Hooked) -> None:
    number = stage.state.open("feat/one")
    hooks.send(kind_of(stage), pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "created")
    stage.state.pulls[number].state = "merged"
    assert stage.ok("sync")["removed"] == [f"preview-{number}"]
    hooks.send(kind_of(stage), pull_request(stage, number, "closed"))
    hooks.wait_for("pull_request", "unchanged")
    assert "**Gone.** The pull request was merged." in stage.sticky(number)


def test_what_is_skipped_is_said(stage: Stage, hooks: Hooked, caplog: pytest.LogCaptureFixture) -> None:
    stage.apps.settings(lambda settings: settings["policy"].update(quota={"perOwner": 1}))
    stage.apps.ok("create", "other", "--owner", "ada", "--image", "backend=1")
    number = stage.state.open("feat/one")
    hooks.send(kind_of(stage), pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "skipped")
    assert stage.apps.names() == ["other"]
    assert stage.stickies(number) == []
    assert any("was skipped" in one.message for one in caplog.records)


def test_a_name_that_is_anothers_is_told_nothing(stage: Stage, hooks: Hooked) -> None:
    number = stage.state.open("feat/one")
    stage.apps.ok("create", f"preview-{number}", "--pr", "https://elsewhere.example/a/b/pull/9", "--image", "backend=1")
    hooks.send(kind_of(stage), pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "skipped")
    assert stage.stickies(number) == []


def test_a_repository_named_just_now_is_known(stage: Stage, hooks: Hooked) -> None:
    stage.apps.settings(lambda settings: settings["sync"].pop("repositories"))
    hooks.page.app.state.services.reader.refresh()
    number = stage.state.open("feat/one")
    hooks.send(kind_of(stage), pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "ignored")
    stage.set_up()
    hooks.send(kind_of(stage), pull_request(stage, number, "opened"))
    hooks.wait_for("pull_request", "created")


def test_comments_of_a_repository_that_the_page_alone_knows(stage: Stage) -> None:
    stage.apps.settings(lambda settings: settings.pop("sync"))
    number = stage.state.open("feat/one")
    stage.create(number)
    event = stage.event(number, "/preview extend 2h", by="bob").read_bytes()
    with hooked(stage.apps) as hooks:
        hooks.send(kind_of(stage), event)
        hooks.wait_for("comment", "ignored")
    with hooked(stage.apps, component_repos=(stage.case.server.page,)) as hooks:
        hooks.send(kind_of(stage), event)
        hooks.wait_for("comment", "updated")
        hooks.send(kind_of(stage), pull_request(stage, number, "synchronize"))
        hooks.wait_for("pull_request", "ignored")


def test_a_forge_that_refuses_is_a_failure_and_a_redelivery_is_heard(
    stage: Stage, hooks: Hooked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STARRY_FORGE_TOKEN", "wrong-token-0123456789")
    number, kind = stage.state.open("feat/one"), kind_of(stage)
    event = pull_request(stage, number, "opened")
    assert hooks.send(kind, event, delivery="one").status_code == 202
    hooks.wait_for("pull_request", "access_denied")
    monkeypatch.setenv("STARRY_FORGE_TOKEN", TOKEN)
    assert hooks.send(kind, event, delivery="one").status_code == 202
    hooks.wait_for("pull_request", "created")
    assert hooks.send(kind, event, delivery="one").status_code == 200
    failed = next(one for one in caplog.records if getattr(one, "event", "") == "hook_job" and one.levelname == "ERROR")
    assert failed.fields["deliveries"] == [f"{kind}:one"]
    assert failed.fields["requestId"]
    assert "wrong-token" not in caplog.text
