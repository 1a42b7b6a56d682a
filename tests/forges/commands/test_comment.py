"""`starry comment` as users run it, on each forge: one comment, kept true, and a status."""

from tests.forges.commands.stage import Stage
from tests.support import forge_faults as faults
from tests.support.repos import DOMAIN


def test_a_comments_whole_life(stage: Stage):
    number = stage.state.open("feat/one")
    name = f"preview-{number}"
    assert stage.comment(number)["action"] == "none"
    stage.create(number)
    made = stage.comment(number)
    (note,) = stage.stickies(number)
    assert (made["action"], made["comment"], made["state"], note.author) == ("created", note.id, "ready", "ada")
    url = f"https://sample-be.{name}.{DOMAIN}"
    expires = stage.apps.annotation(name, "expires-at")
    assert url in note.body
    assert stage.status(number) == ("success", f"Ready to be deployed, until {expires}", url)
    assert stage.comment(number)["action"] == "unchanged"
    stage.apps.ok("update", name, "--image", "backend=2.0.0")
    changed = stage.comment(number)
    assert (changed["action"], changed["comment"]) == ("updated", note.id)
    assert ":2.0.0`" in stage.sticky(number)
    stage.state.pulls[number].state = "merged"
    stage.apps.ok("delete", name)
    (gone,) = stage.ok("comment", "--all")["comments"]
    assert (gone["state"], gone["action"], gone["comment"]) == ("gone", "updated", note.id)
    assert "The pull request was merged." in stage.sticky(number)
    assert stage.ok("comment", "--all")["comments"][0]["action"] == "unchanged"


def test_somebody_elses_comment_with_the_marker_is_left_alone(stage: Stage):
    number = stage.state.open("feat/one")
    stage.create(number)
    forged = f"<!-- starry:preview v1 dev/preview-{number} -->\nClick here"
    stage.state.note(number, forged, author="mallory")
    assert stage.comment(number)["action"] == "created"
    assert stage.comment(number)["action"] == "unchanged"
    theirs, ours = stage.stickies(number)
    assert (theirs.author, theirs.body, ours.author) == ("mallory", forged, "ada")


def test_two_that_were_made_at_once_become_one(stage: Stage):
    number = stage.state.open("feat/one")
    stage.create(number)
    rival = f"<!-- starry:preview v1 dev/preview-{number} -->\nof another pipeline"
    stage.case.server.meanwhile(r"^GET .*(comments|notes)\?", lambda: stage.state.note(number, rival, author="ada"))
    stage.comment(number)
    assert "Ready to be deployed" in stage.sticky(number)


def test_a_comment_below_many_others_is_found_again(stage: Stage):
    number = stage.state.open("feat/one")
    stage.create(number)
    for index in range(130):
        stage.state.note(number, f"comment {index}", author="bob")
    stage.comment(number)
    stage.apps.ok("update", f"preview-{number}", "--image", "backend=2.0.0")
    assert stage.comment(number)["action"] == "updated"
    assert ":2.0.0`" in stage.sticky(number)


def test_with_a_pipelines_own_token(stage: Stage):
    """It cannot ask who it is. On GitHub its comments end in [bot]; on GitLab they do not, and a second one is made."""
    stage.state.tokens["of-a-job"] = ""
    number = stage.state.open("feat/one")
    stage.create(number)
    assert stage.comment(number, token="of-a-job")["action"] == "created"
    if not stage.case.is_gitlab:
        assert stage.comment(number, token="of-a-job")["action"] == "unchanged"
        assert [one.author for one in stage.stickies(number)] == ["app[bot]"]


def test_a_comment_whose_answer_is_lost_is_not_written_twice(stage: Stage):
    number = stage.state.open("feat/one")
    stage.create(number)
    stage.case.server.spoil(r"^POST .*(comments|notes)", faults.says(502, "Bad Gateway"), times=1)
    assert stage.run("comment", "--pr", stage.url(number)).code == 8
    assert stage.comment(number)["action"] in {"unchanged", "updated"}
    assert len(stage.stickies(number)) == 1


def test_who_may_not_set_a_status_writes_nothing(stage: Stage):
    stage.state.person("carol", "read", token="token-of-carol")
    number = stage.state.open("feat/one")
    stage.create(number)
    assert stage.run("comment", "--pr", stage.url(number), token="token-of-carol").code == 6
    assert stage.stickies(number) == []
    assert stage.comment(number, "--no-status", token="token-of-carol")["action"] == "created"


def test_all_of_them(stage: Stage):
    numbers = [stage.state.open(f"feat/{number}") for number in range(3)]
    for number in numbers:
        stage.create(number)
    stage.apps.create("preview-900", "--pr", stage.url(900))
    done = stage.run("comment", "--all")
    assert done.code == 9
    found = done.json()
    assert [(one["name"], one["action"]) for one in found["comments"]] == [
        (f"preview-{number}", "created") for number in numbers
    ]
    assert [one["name"] for one in found["skipped"]] == ["preview-900"]
    assert [len(stage.stickies(number)) for number in numbers] == [1, 1, 1]
