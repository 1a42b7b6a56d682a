"""A pull request's comment and commands, from its opening to its last word, on a real Gitea."""

from datetime import timedelta

from tests.comments.stage import Stage
from tests.support.basics import instant, now


def test_a_whole_life(stage: Stage):
    number = stage.open()
    name = f"preview-{number}"
    assert stage.comment(number)["action"] == "none"
    made = stage.say(number, "Let me see it!\n/preview", "--image", "backend=pr-1")
    assert (made["action"], made["comment"]) == ("created", "created")
    head = stage.head(number)
    assert stage.apps.annotation(name, "commit") == head
    assert stage.apps.annotation(name, "pull-request") == stage.url(number)
    assert stage.apps.trailers()["Starry-Asked-By"] == stage.writer.name
    assert "/preview` of `" in stage.sticky(number)
    url = f"https://sample-be.{name}.starry.mycompany.com"
    assert f"| `backend` | <{url}> | `us-docker.pkg.dev/myproj/sample-be:pr-1` |" in stage.sticky(number)
    expires = stage.apps.annotation(name, "expires-at")
    assert stage.statuses(head) == [("success", f"Ready to be deployed, until {expires}", url)]
    pushed = stage.push(number)
    stage.create(number, tag="pr-2")
    assert stage.comment(number)["action"] == "updated"
    assert "sample-be:pr-2`" in stage.sticky(number)
    assert f"| commit | `{pushed[:12]}` |" in stage.sticky(number)
    assert stage.comment(number)["action"] == "unchanged"
    assert stage.say(number, "/preview extend 2h")["action"] == "updated"
    left = instant(stage.apps.annotation(name, "expires-at") or "") - now()
    assert timedelta(minutes=115) < left <= timedelta(minutes=120)
    assert "(in 1 h 59 min, as of " in stage.sticky(number) or "(in 2 h, as of " in stage.sticky(number)
    stage.apps.age(name, minutes=110)
    (told,) = stage.ok("comment", "--all")["comments"]
    assert (told["state"], told["action"]) == ("expiring", "updated")
    assert "⚠️ **Expires soon.**" in stage.sticky(number)
    assert stage.ok("comment", "--all")["comments"][0]["action"] == "unchanged"
    stage.be.merge(number)
    stage.apps.ok("delete", "--pr", stage.url(number))
    (gone,) = stage.ok("comment", "--all")["comments"]
    assert (gone["state"], gone["action"]) == ("gone", "updated")
    assert "🗑️ **Gone.** The pull request was merged. Removed " in stage.sticky(number)
    assert "/preview" not in stage.sticky(number).split("\n", 2)[2]
    assert stage.ok("comment", "--all")["comments"][0]["action"] == "unchanged"
    assert stage.comment(number)["action"] == "unchanged"
    assert stage.statuses(pushed)[0][1] == "The preview is gone"
