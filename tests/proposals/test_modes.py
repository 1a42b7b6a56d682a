"""What decides whether a change is proposed, who merges it, and what happens when the forge says no."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.proposals.desk import Desk, files
from tests.support.cli import finish, spawn
from tests.support.repos import Apps


def _set(desk: Desk, **settings: str) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in settings.items())
    desk.forge.push_branch("main", {"starry.yaml": desk.apps.read("starry.yaml") + lines})


def test_the_settings_make_every_command_propose(desk: Desk) -> None:
    desk.apps.create("old")
    _set(desk, mode="propose")
    before = desk.apps.tip()
    made = desk.apps.create("preview-1")
    assert made["proposal"]["state"] == "opened"
    assert desk.apps.ok("delete", "old")["proposal"]["branch"] == "starry/old"
    assert desk.apps.tip() == before


def test_one_command_may_push_all_the_same(desk: Desk) -> None:
    _set(desk, mode="propose")
    made = desk.apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--no-propose")
    assert "proposal" not in made
    assert desk.apps.names() == ["preview-1"]


def test_a_variable_makes_a_whole_pipeline_propose(desk: Desk) -> None:
    made = desk.apps.ok("create", "preview-1", "--image", "backend=1.0.0", env={"STARRY_PROPOSE": "true"})
    assert made["proposal"]["state"] == "opened"


def test_without_checks_auto_merge_merges_at_once(desk: Desk) -> None:
    done = desk.apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--propose", "--auto-merge")
    assert done["proposal"]["autoMerge"] is True
    _eventually(lambda: desk.apps.names() == ["preview-1"])


def test_with_checks_auto_merge_waits_for_them(desk: Desk) -> None:
    desk.forge.protect(status_check_contexts=["ci"], enable_push=True)
    _set(desk, mode="propose", autoMerge="true")
    made = desk.apps.create("preview-1")
    made = desk.apps.create("preview-1", tag="2.0.0")
    assert made["proposal"]["autoMerge"] is True
    assert desk.apps.names() == []
    desk.forge.set_status(made["commit"], "success")
    _eventually(lambda: desk.apps.names() == ["preview-1"])


def _eventually(is_true: Any) -> None:
    end = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_who_may_not_merge_proposes_all_the_same(desk: Desk) -> None:
    desk.forge.protect(enable_merge_whitelist=True, enable_push=True)
    done = desk.apps.run("create", "preview-1", "--image", "backend=1.0.0", "--propose", "--auto-merge")
    assert done.json()["proposal"]["autoMerge"] is False
    assert "auto-merge" in done.err
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")


def test_a_branch_that_nobody_may_push_to_takes_proposals(desk: Desk) -> None:
    desk.forge.protect(enable_push=False)
    desk.apps.fails(6, "create", "preview-1", "--image", "backend=1.0.0")
    desk.create("preview-1")
    desk.merge()
    assert desk.apps.names() == ["preview-1"]


@pytest.mark.parametrize("token", ["", "0123456789abcdef0123456789abcdef01234567"])
def test_nothing_is_pushed_before_the_forge_has_let_us_in(desk: Desk, token: str) -> None:
    args = ("create", "preview-1", "--image", "backend=1.0.0", "--propose")
    error = desk.apps.fails(6 if token else 3, *args, env={"STARRY_FORGE_TOKEN": token})
    assert "STARRY_FORGE_TOKEN" in error["message"] + error["hint"]
    assert desk.branches() == []


def test_a_repository_without_a_forge_is_told_so(apps: Apps) -> None:
    apps.settings(lambda known: known.pop("repoURL", None))
    error = apps.fails(2, "create", "preview-1", "--image", "backend=1.0.0", "--propose")
    assert "forge" in error["hint"]


def test_auto_merge_without_a_proposal_is_a_contradiction(apps: Apps) -> None:
    error = apps.fails(2, "create", "one", "--image", "backend=1.0.0", "--no-propose", "--auto-merge")
    assert "--auto-merge" in error["message"]


def test_two_runs_at_once_make_one_proposal(desk: Desk) -> None:
    args = desk.apps.args("create", "preview-1", "--propose", "--owner", "alice")
    runs = [spawn(*args, "--image", f"backend={tag}.0.0", env=desk.apps.env) for tag in (1, 2, 3)]
    done = [finish(run) for run in runs]
    assert [one.code for one in done] == [0, 0, 0], [one.err for one in done]
    assert len({one.json()["proposal"]["number"] for one in done}) == 1
    assert len(desk.pulls("all")) == 1
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")
    assert desk.pull()["head"]["sha"] == desk.head("starry/preview-1")


def test_a_pipeline_gets_the_proposal_as_an_output(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "starry.env"
    desk.create("preview-1", "--dotenv", str(file))
    assert f"STARRY_PROPOSAL={desk.pull()['html_url']}\n" in file.read_text(encoding="utf-8")
