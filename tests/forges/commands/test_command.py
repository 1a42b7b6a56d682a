"""`starry command` as users run it, on each forge, with the payloads that the forges document."""

import json
from datetime import timedelta

import pytest

from tests.forges.commands.stage import Stage
from tests.support.basics import instant, now


@pytest.fixture
def number(stage: Stage) -> int:
    made: int = stage.state.open("feat/one")
    stage.create(made)
    return made


def test_extend(stage: Stage, number: int):
    name = f"preview-{number}"
    event = stage.event(number, "Longer, please.\n\n/preview extend 2h", by="bob")
    found = stage.obey(event)
    assert (found["action"], found["author"], found["comment"]) == ("updated", "bob", "created")
    left = instant(stage.apps.annotation(name, "expires-at") or "") - now()
    assert timedelta(minutes=118) < left <= timedelta(minutes=120)
    assert stage.apps.trailers()["Starry-Asked-By"] == "bob"
    assert "☑️ `/preview extend 2h` of `bob`: done" in stage.sticky(number)
    before = (stage.apps.refs(), stage.sticky(number))
    assert stage.obey(event)["action"] == "ignored"
    assert (stage.apps.refs(), stage.sticky(number)) == before
    assert stage.apps.ok("validate")["ok"] is True


def test_create_pin_delete(stage: Stage):
    number = stage.state.open("feat/one")
    name = f"preview-{number}"
    assert stage.say(number, "/preview")["action"] == "created"
    assert stage.apps.values(name)["backend"]["image"]["tag"] == f"pr-{number}-{stage.head(number)[:7]}"
    stage.state.push("feat/one")
    assert stage.say(number, "/preview")["action"] == "updated"
    assert stage.apps.annotation(name, "commit") == stage.head(number)
    assert stage.say(number, "/preview pin")["action"] == "updated"
    assert stage.say(number, "/preview help")["action"] == "helped"
    assert stage.say(number, "/preview delete")["action"] == "deleted"
    assert stage.apps.names() == []
    assert len(stage.stickies(number)) == 1


@pytest.mark.parametrize("person", ["carol", "mallory"])
def test_who_may_not_write(stage: Stage, number: int, person: str):
    before = stage.apps.refs()
    found = stage.say(number, "/preview delete", by=person)
    assert (found["action"], found["reason"]) == ("refused", "only who may write to the repository can do that")
    assert (found["comment"], stage.stickies(number)) == ("none", [])
    assert stage.apps.refs() == before


@pytest.mark.parametrize(("level", "action"), [("triage", "refused"), ("maintain", "updated"), ("admin", "updated")])
def test_roles(stage: Stage, number: int, level: str, action: str):
    stage.state.person("dan", level)
    assert stage.say(number, "/preview pin", by="dan")["action"] == action


def test_who_may_no_longer_write(stage: Stage, number: int):
    """The forge is asked now, whatever it was when the event was sent."""
    event = stage.event(number, "/preview delete", by="bob")
    stage.state.grants["bob"] = "none"
    assert stage.obey(event)["action"] == "refused"
    assert stage.apps.names() == [f"preview-{number}"]


def test_a_fork(stage: Stage):
    stage.set_up(forkLabel="preview-ok")
    number = stage.state.open("feat/theirs", fork="eve/backend", author="eve")
    assert stage.say(number, "/preview", by="eve")["action"] == "refused"
    assert stage.say(number, "/preview")["reason"] == "a fork's pull request needs the label preview-ok"
    stage.state.pulls[number].labels.append("preview-ok")
    assert stage.say(number, "/preview")["action"] == "created"
    assert stage.apps.values(f"preview-{number}")["secrets"]["externalSecret"]["enabled"] is False


def test_a_closed_one(stage: Stage, number: int):
    stage.state.pulls[number].state = "closed"
    assert stage.say(number, "/preview extend 2h")["reason"] == "the pull request is closed"
    assert stage.say(number, "/preview delete")["action"] == "deleted"


def test_what_the_event_says_is_not_believed(stage: Stage, number: int):
    event = stage.event(number, "/preview delete", by="mallory")
    before = stage.apps.refs()
    text = event.read_text(encoding="utf-8")
    event.write_text(text.replace('"mallory"', '"bob"'), encoding="utf-8")
    assert stage.obey(event)["reason"] == "the forge knows no such comment"
    event.write_text(text.replace("/preview delete", "/preview pin"), encoding="utf-8")
    assert stage.obey(event)["reason"] == "the comment was edited"
    event.write_text(text.replace(stage.case.server.page, "https://git.evil.example/a/b"), encoding="utf-8")
    assert stage.run("command", "--event", str(event)).code == 2
    assert stage.apps.refs() == before


def test_ours_and_a_bots_are_ignored(stage: Stage, number: int):
    assert stage.say(number, "/preview delete", by="ada")["reason"] == "we wrote it ourselves"
    if not stage.case.is_gitlab:
        event = stage.event(number, "/preview delete", by="bob")
        told = json.loads(event.read_bytes())
        told["comment"]["user"]["type"] = "Bot"
        event.write_text(json.dumps(told), encoding="utf-8")
        assert stage.obey(event)["reason"] == "a bot wrote it"
    assert stage.apps.names() == [f"preview-{number}"]
