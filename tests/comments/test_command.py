"""`starry command`: who may ask for what, and that the same event again changes nothing."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.comments.stage import Stage, rewritten
from tests.support.basics import git, instant, now, stamp


@pytest.fixture
def number(stage: Stage) -> int:
    made = stage.open()
    stage.create(made)
    return made


def test_pin_unpin_delete(stage: Stage, number: int):
    name = f"preview-{number}"
    assert stage.say(number, "/preview pin")["action"] == "updated"
    assert stage.apps.annotation(name, "pinned") == "true"
    assert "never: it is pinned" in stage.sticky(number)
    assert stage.say(number, "/preview pin")["action"] == "unchanged"
    assert stage.say(number, "/preview unpin")["action"] == "updated"
    assert stage.apps.annotation(name, "pinned") is None
    assert stage.say(number, "/preview delete")["action"] == "deleted"
    assert "🗑️ **Gone.** It was deleted." in stage.sticky(number)
    assert stage.apps.names() == []
    assert stage.say(number, "/preview delete")["action"] == "absent"
    assert stage.say(number, "/preview pin")["action"] == "refused"
    assert stage.ok("comment", "--all")["comments"][0]["action"] in {"unchanged", "updated"}


def test_extend_is_from_the_comment_on(stage: Stage, number: int):
    name, event = f"preview-{number}", stage.event(number, "/preview extend 2h")
    at = instant(json.loads(event.read_bytes())["comment"]["created_at"])
    assert stage.obey(event)["action"] == "updated"
    assert instant(stage.apps.annotation(name, "expires-at") or "") == at + timedelta(hours=2)
    assert stage.apps.annotation(name, "ttl-minutes") == "120"
    assert stage.say(number, "/preview extend 1h")["action"] == "unchanged"
    assert stage.apps.ok("validate")["ok"] is True


def test_help(stage: Stage, number: int):
    assert stage.say(number, "/preview help")["action"] == "helped"
    assert "| `/preview extend 2h` | keep it until two hours after the comment |" in stage.sticky(number)
    assert stage.ok("comment", "--all")["comments"][0]["action"] == "unchanged"


@pytest.mark.parametrize("again", ["/preview", "/preview extend 3h", "/preview pin", "/preview delete"])
def test_the_same_event_again_changes_nothing(stage: Stage, number: int, again: str):
    """Neither at once, nor after the opposite was done, nor after the preview is gone."""
    event = stage.event(number, again)
    args = ("--image", "backend=pr-2")
    assert stage.obey(event, *args)["action"] in {"updated", "deleted"}
    _changes_nothing(stage, number, event, args)
    stage.say(number, "/preview unpin")
    _changes_nothing(stage, number, event, args)
    stage.apps.ok("delete", f"preview-{number}")
    _changes_nothing(stage, number, event, args)


def _changes_nothing(stage: Stage, number: int, event: Path, args: tuple[str, ...]) -> None:
    before, comment = stage.apps.refs(), stage.sticky(number)
    assert stage.obey(event, *args)["action"] == "ignored"
    assert (stage.apps.refs(), stage.sticky(number)) == (before, comment)


def test_what_changed_nothing_is_not_done_later(stage: Stage, number: int):
    """It leaves no commit by which it is known again; neither the next command nor the round forgets it."""
    stage.say(number, "/preview pin")
    event = stage.event(number, "/preview pin")
    assert stage.obey(event)["action"] == "unchanged"
    stage.say(number, "/preview unpin")
    stage.say(number, "/preview extend 1h")
    stage.apps.age(f"preview-{number}", minutes=50)
    assert stage.ok("comment", "--all")["comments"][0]["state"] == "expiring"
    _changes_nothing(stage, number, event, ())


def test_a_delete_of_nothing_removes_nothing_later(stage: Stage):
    number = stage.open()
    event = stage.event(number, "/preview delete")
    assert stage.obey(event)["action"] == "absent"
    assert stage.say(number, "/preview")["action"] == "created"
    _changes_nothing(stage, number, event, ())


def test_it_is_known_again_by_git_alone(stage: Stage, number: int):
    """Also where the pipeline's clock is behind the forge's, and somebody deleted Starry's comment."""
    event = stage.event(number, "/preview delete")
    assert stage.obey(event)["action"] == "deleted"
    stage.be.call("DELETE", f"/issues/comments/{stage.stickies(number)[0][0]}")
    date = {"GIT_COMMITTER_DATE": stamp(now() - timedelta(minutes=10))}
    message = stage.apps.git("log", "-1", "--format=%B")
    earlier = git(stage.apps.bare, "commit-tree", "main^{tree}", "-p", "main^", "-m", message, env=date)
    stage.apps.git("update-ref", "refs/heads/main", earlier)
    stage.create(number)
    before = stage.apps.refs()
    found = stage.obey(event)
    assert (found["action"], found["reason"], stage.apps.refs()) == ("ignored", "it was done before", before)


@pytest.mark.parametrize(("first", "second"), [("pin", "unpin"), ("unpin", "pin"), ("delete", ""), ("", "delete")])
def test_what_was_said_last_counts(stage: Stage, number: int, first: str, second: str):
    """Whichever event comes first."""
    if first == "unpin":
        stage.apps.ok("extend", f"preview-{number}", "--pin")
    if not first:
        stage.apps.ok("delete", f"preview-{number}")
    events = [stage.event(number, f"/preview {verb}".strip()) for verb in (first, second)]
    assert stage.obey(events[1], "--image", "backend=1.0.0")["action"] in {"unchanged", "absent", "updated"}
    before = stage.apps.refs()
    found = stage.obey(events[0], "--image", "backend=1.0.0")
    assert (found["action"], found["reason"]) == ("ignored", "a later comment asked for the opposite")
    assert stage.apps.refs() == before


def test_a_strangers_later_comment_counts_for_nothing(stage: Stage, number: int):
    first, second = stage.event(number, "/preview pin"), stage.event(number, "/preview unpin", by=stage.stranger)
    stage.comment(number)
    assert stage.obey(second)["action"] == "refused"
    assert stage.obey(first)["action"] == "updated"


def test_a_preview_is_not_made_again_by_an_old_event(stage: Stage):
    number = stage.open()
    event = stage.event(number, "/preview")
    stage.create(number)
    stage.apps.ok("delete", f"preview-{number}")
    found = stage.obey(event, "--image", "backend=1")
    assert (found["action"], found["reason"]) == ("refused", "the preview was removed after that: comment again")
    assert stage.apps.names() == []


def test_who_may_not_write(stage: Stage, number: int):
    for person in (stage.reader, stage.stranger):
        before = stage.apps.refs()
        found = stage.say(number, "/preview delete", by=person)
        assert (found["action"], found["reason"]) == ("refused", "only who may write to the repository can do that")
        assert found["comment"] == "none"
        assert stage.apps.refs() == before
    assert stage.stickies(number) == []
    stage.comment(number)
    stage.say(number, "/preview @everyone", by=stage.stranger)
    assert f"❌ `/preview` of `{stage.stranger.name}`: `only who may write" in stage.sticky(number)
    assert "@everyone" not in stage.sticky(number)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("/preview now", "there is no such command: /preview help lists them"),
        ("/preview extend", "say for how long, e.g. /preview extend 2h"),
        ("/preview extend 9h", "a TTL of 9h is outside the policy's 5m to 4h"),
    ],
)
def test_refusals_are_said(stage: Stage, number: int, body: str, reason: str):
    found = stage.say(number, body)
    assert (found["action"], found["reason"]) == ("refused", reason)
    assert f"❌ `{body}` of `{stage.writer.name}`: `{reason}`" in stage.sticky(number)


def test_closed(stage: Stage, number: int):
    stage.be.close(number)
    found = stage.say(number, "/preview extend 2h")
    assert (found["action"], found["reason"]) == ("refused", "the pull request is closed")
    assert stage.say(number, "/preview delete")["action"] == "deleted"


def test_a_fork(stage: Stage):
    fork = stage.be.fork(stage.stranger)
    fork.push_branch("feat/theirs")
    number = stage.be.open_pull_request(f"{stage.stranger.name}:feat/theirs", by=stage.stranger)
    found = stage.say(number, "/preview", "--image", "backend=1")
    assert (found["action"], found["reason"]) == ("refused", "a fork's pull request gets no preview here")
    stage.apps.settings(lambda settings: settings["sync"]["repositories"]["be"].update(forkLabel="preview-ok"))
    assert stage.say(number, "/preview")["reason"] == "a fork's pull request needs the label preview-ok"
    stage.be.label(number, "preview-ok")
    assert stage.say(number, "/preview")["action"] == "created"
    values = stage.apps.values(f"preview-{number}")
    assert values["secrets"]["externalSecret"]["enabled"] is False


def test_images_by_sync(stage: Stage):
    number = stage.open()
    assert stage.say(number, "/preview")["action"] == "created"
    head = stage.head(number)
    assert stage.apps.values(f"preview-{number}")["backend"]["image"]["tag"] == f"pr-{number}-{head[:7]}"
    pushed = stage.push(number)
    assert stage.say(number, "/preview", "--commit", head)["reason"] == "somebody has pushed to the branch meanwhile"
    assert stage.say(number, "/preview")["action"] == "updated"
    assert stage.apps.values(f"preview-{number}")["backend"]["image"]["tag"] == f"pr-{number}-{pushed[:7]}"


def _edited(data: Any) -> None:
    data["action"] = "edited"


def _another_author(data: Any) -> None:
    data["comment"]["user"]["login"] = "root1"


def _another_text(data: Any) -> None:
    data["comment"]["body"] = "/preview pin"


def _another_comment(data: Any) -> None:
    data["comment"]["id"] = 999_999


def _an_issue(data: Any) -> None:
    data["is_pull"] = False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_edited, "the comment was edited"),
        (_another_author, "the forge knows no such comment"),
        (_another_comment, "the forge knows no such comment"),
        (_another_text, "the comment was edited"),
        (_an_issue, "it is no comment on a pull request"),
    ],
)
def test_what_the_event_says_is_not_believed(stage: Stage, number: int, change: Callable[[Any], None], reason: str):
    event = rewritten(stage.event(number, "/preview delete"), change)
    before = stage.apps.refs()
    found = stage.obey(event)
    assert (found["action"], found["reason"], stage.apps.refs()) == ("ignored", reason, before)
    assert stage.stickies(number) == []


def test_a_deleted_comment(stage: Stage, number: int):
    event = stage.event(number, "/preview delete")
    stage.be.call("DELETE", f"/issues/comments/{json.loads(event.read_bytes())['comment']['id']}")
    assert stage.obey(event)["action"] == "ignored"


def test_ours_are_ignored(stage: Stage, number: int):
    found = stage.say(number, "/preview delete", by=stage.bot)
    assert (found["action"], found["reason"]) == ("ignored", "we wrote it ourselves")
    assert stage.say(number, "LGTM")["action"] == "ignored"
    stage.comment(number)


def test_another_repository(stage: Stage, number: int, tmp_path: Path):
    """The token goes only to forges that were named to Starry."""
    evil = "https://gitea.evil.example/a/b"
    event = rewritten(stage.event(number, "/preview delete"), lambda data: data["repository"].update(html_url=evil))
    done = stage.run("command", "--event", str(event))
    assert done.code == 2
    assert done.error()["message"] == f"the event is of the repository '{evil}'"
    stage.apps.settings(lambda settings: settings.pop("sync"))
    event = stage.event(number, "/preview delete")
    assert stage.run("command", "--event", str(event)).code == 2
    assert stage.obey(event, "--component-repo", f"{stage.be.page}/")["action"] == "deleted"


def test_what_sync_makes_of_it_is_told(stage: Stage):
    """The filters of `sync` know nothing of comments."""
    number = stage.open()
    assert stage.say(number, "/preview")["action"] == "created"
    assert stage.sticky(number).endswith("`: created\n")
    assert stage.say(number, "/preview delete")["action"] == "deleted"
    assert "`: deleted; where `starry sync` runs, it makes it again, with the next push" in stage.sticky(number)
    stage.apps.settings(lambda settings: settings["sync"]["repositories"]["be"].update(labels=["preview"]))
    number = stage.open()
    stage.say(number, "/preview")
    assert "`: created; where `starry sync` runs, it removes it unless it is pinned: " in stage.sticky(number)
    stage.say(number, "/preview extend 1h")
    assert "`: done; where `starry sync` runs, it removes it unless it is pinned: its filters" in stage.sticky(number)
    stage.say(number, "/preview pin")
    assert stage.sticky(number).endswith("`: done\n")
    stage.say(number, "/preview delete")
    assert stage.sticky(number).endswith("`: deleted\n")


def test_dry_run(stage: Stage, number: int):
    before = stage.apps.refs()
    event = stage.event(number, "/preview delete")
    found = stage.obey(event, "--dry-run")
    assert found["preview"]["diff"].startswith("diff --git ")
    assert (stage.apps.refs(), stage.stickies(number)) == (before, [])
    assert stage.obey(event)["action"] == "deleted"


def test_outputs_for_later_steps(stage: Stage, number: int, tmp_path: Path):
    file = tmp_path / "starry.env"
    found = stage.say(number, "/preview extend 2h", "--dotenv", str(file))
    assert found["preview"]["urls"]["backend"] in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{}", "{" * 100_000, '{"object_kind": 7}', '{"a": NaN'])
def test_no_event(apps: Any, tmp_path: Path, content: str):
    file = tmp_path / "event.json"
    file.write_text(content, encoding="utf-8")
    done = apps.run("command", "--event", str(file))
    assert done.code == (0 if content == "{}" else 2), done.err
