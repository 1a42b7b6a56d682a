"""`starry comment`: the one comment, its status, and the round over all of them."""

import re
from datetime import timedelta

from tests.comments.stage import Stage
from tests.support.basics import git, now, stamp
from tests.support.repos import Apps


def test_result(stage: Stage):
    number = stage.open()
    stage.create(number)
    before = stage.apps.refs()
    told = stage.comment(number)
    assert told == {
        "name": f"preview-{number}",
        "overlay": "dev",
        "pullRequest": stage.url(number),
        "state": "ready",
        "action": "created",
        "comment": stage.stickies(number)[0][0],
        "expiresAt": stage.apps.annotation(f"preview-{number}", "expires-at"),
        "dryRun": False,
    }
    assert stage.apps.refs() == before


def test_dry_run_prints_it(stage: Stage):
    number = stage.open()
    stage.create(number)
    done = stage.run("comment", "--pr", stage.url(number), "--dry-run", "-o", "table")
    assert done.code == 0
    assert done.out.startswith(f"<!-- starry:preview v1 dev/preview-{number} -->\n### Preview")
    assert stage.stickies(number) == []
    assert stage.statuses(stage.head(number)) == []


def test_no_status(stage: Stage):
    number = stage.open()
    stage.create(number)
    stage.comment(number, "--no-status")
    assert stage.statuses(stage.head(number)) == []


def test_without_the_right_to_set_a_status_nothing_is_written(stage: Stage):
    number = stage.open()
    stage.create(number)
    done = stage.run("comment", "--pr", stage.url(number), by=stage.reader)
    assert done.code == 6
    assert stage.stickies(number) == []
    assert stage.comment(number, "--no-status", by=stage.reader)["action"] == "created"


def test_a_commit_that_the_forge_does_not_know(stage: Stage):
    """A forced push and a collection of garbage later, or another repository's."""
    number = stage.open()
    stage.apps.create(f"preview-{number}", "--pr", stage.url(number), "--commit", "1" * 40)
    assert stage.comment(number)["action"] == "created"
    assert stage.statuses(stage.head(number))[0][1].startswith("Ready to be deployed")
    stage.apps.ok("delete", f"preview-{number}")
    assert stage.comment(number)["state"] == "gone"


def test_only_our_own_comment_is_touched(stage: Stage):
    """Anybody can write the marker."""
    number = stage.open()
    stage.create(number)
    forged = stage.be.comment(number, f"<!-- starry:preview v1 dev/preview-{number} -->\nClick here", by=stage.writer)
    assert stage.comment(number)["action"] == "created"
    (first, text), (second, _) = stage.stickies(number)
    assert (first, text.endswith("Click here")) == (forged, True)
    assert second != forged


def test_doubles_become_one(stage: Stage):
    number = stage.open()
    stage.create(number)
    marker = f"<!-- starry:preview v1 dev/preview-{number} -->"
    first = stage.be.comment(number, f"{marker}\none", by=stage.bot)
    stage.be.comment(number, f"{marker}\ntwo", by=stage.bot)
    assert stage.comment(number)["comment"] == first
    assert [one[0] for one in stage.stickies(number)] == [first]
    assert "Ready to be deployed" in stage.sticky(number)


def test_a_comment_that_somebody_edited_is_put_right(stage: Stage):
    number = stage.open()
    stage.create(number)
    identity = stage.comment(number)["comment"]
    text = stage.sticky(number)
    stage.be.call("PATCH", f"/issues/comments/{identity}", {"body": text.replace("https://", "https://evil.")})
    assert stage.comment(number)["action"] == "updated"
    as_of = re.compile(r" \(in .*? UTC\)")
    assert as_of.sub("", stage.sticky(number)) == as_of.sub("", text)


def test_gone_why(stage: Stage):
    number = stage.open()
    name = f"preview-{number}"
    stage.create(number)
    stage.comment(number)
    stage.apps.age(name, minutes=60)
    assert stage.comment(number)["state"] == "expired"
    assert "(30 min ago, as of " in stage.sticky(number)
    stage.apps.ok("gc")
    assert stage.comment(number)["state"] == "gone"
    assert "**Gone.** It had expired. Removed " in stage.sticky(number)
    assert "comment `/preview`" in stage.sticky(number)
    stage.create(number)
    assert stage.comment(number)["state"] == "ready"
    assert len(stage.stickies(number)) == 1


def test_a_broken_preview(stage: Stage):
    number = stage.open()
    stage.create(number)
    stage.apps.edit_application(f"preview-{number}", lambda text: text.replace("expires-at: ", "expires-at: @all "))
    assert stage.comment(number)["state"] == "broken"
    assert "❌ **Broken.** `overlays/dev/previews/" in stage.sticky(number)
    assert stage.statuses(stage.head(number))[0][0] == "failure"


def test_another_pull_requests_preview_is_not_told_of(stage: Stage):
    number = stage.open()
    stage.apps.create(f"preview-{number}", "--pr", f"https://github.com/other/repo/pull/{number}")
    done = stage.run("comment", "--pr", stage.url(number))
    assert done.code == 5
    assert done.error()["code"] == "name_taken"
    assert stage.stickies(number) == []


def test_all(stage: Stage):
    """One that fails stops none of the others; what is not of a known repository is left alone."""
    first, second, third = (stage.open() for _ in range(3))
    for number in (first, second, third):
        stage.create(number)
    stage.apps.create("preview-900", "--pr", f"{stage.be.page}/pulls/900")
    stage.apps.create("elsewhere", "--pr", "https://github.evil.example/owner/name/pull/1")
    stage.apps.create("nobodys")
    stage.apps.edit_application(f"preview-{third}", lambda text: text.replace("expires-at: ", "expires-at: x"))
    stage.comment(second)
    done = stage.run("comment", "--all")
    assert done.code == 9
    found = done.json()
    assert [(one["name"], one["action"]) for one in found["comments"]] == [
        (f"preview-{first}", "created"),
        (f"preview-{second}", "unchanged"),
    ]
    assert [one["name"] for one in found["skipped"]] == [f"preview-{third}", "preview-900"]


def test_all_dry_run(stage: Stage):
    number = stage.open()
    stage.create(number)
    (told,) = stage.ok("comment", "--all", "--dry-run")["comments"]
    assert (told["action"], told["dryRun"]) == ("created", True)
    assert told["text"].startswith("<!-- starry:preview v1 ")
    assert stage.stickies(number) == []


def test_last_words_only_to_whom_was_told_before(stage: Stage):
    told, untold = stage.open(), stage.open()
    for number in (told, untold):
        stage.create(number)
    stage.comment(told)
    stage.apps.ok("delete", f"preview-{told}", f"preview-{untold}")
    assert [one["name"] for one in stage.ok("comment", "--all")["comments"]] == [f"preview-{told}"]
    assert stage.stickies(untold) == []


def test_look_back(stage: Stage):
    number = stage.open()
    stage.create(number)
    stage.comment(number)
    stage.apps.ok("delete", f"preview-{number}")
    tip = stage.apps.tip()
    date = {"GIT_COMMITTER_DATE": stamp(now() - timedelta(hours=7))}
    earlier = git(stage.apps.bare, "commit-tree", f"{tip}^{{tree}}", "-p", f"{tip}^", "-m", "by hand", env=date)
    stage.apps.git("update-ref", "refs/heads/main", earlier)
    assert stage.ok("comment", "--all")["comments"] == []
    (told,) = stage.ok("comment", "--all", "--look-back", "8h")["comments"]
    assert (told["state"], told["action"]) == ("gone", "updated")
    assert "**Gone.** It was removed. Removed " in stage.sticky(number)


def test_a_silent_forge_is_asked_once(stage: Stage):
    for _ in range(2):
        stage.create(stage.open())
    stage.apps.settings(lambda settings: settings["forge"].update(apiURL="http://127.0.0.1:9/api/v1"))
    done = stage.run("comment", "--all", "--timeout", "1")
    assert done.code == 9
    assert len(done.json()["skipped"]) == 2


def test_usage(apps: Apps):
    for args in (
        (),
        ("--pr", "7"),
        ("--all", "--pr", "https://github.com/a/b/pull/1"),
        ("preview-1", "--all"),
        ("--all", "--look-back", "soon"),
        ("--all", "--warn-before", "15"),
    ):
        assert apps.run("comment", *args).code == 2


def test_warning_is_what_was_asked_for(stage: Stage):
    number = stage.open()
    stage.create(number)
    assert stage.comment(number, "--warn-before", "40m")["state"] == "expiring"
    assert stage.comment(number, "--warn-before", "20m")["state"] == "ready"
    stage.apps.ok("extend", f"preview-{number}", "--pin")
    told = stage.comment(number, "--warn-before", "40m")
    assert told["state"] == "ready"
    assert "| expires | never: it is pinned |" in stage.sticky(number)
