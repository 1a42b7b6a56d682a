"""From a pull request to its preview and back, on a real forge, as pipelines and people live through it."""

import json
from datetime import timedelta
from pathlib import Path

from tests.story.world import SECRET, World
from tests.support.basics import git, instant
from tests.support.repos import BACKEND, PREVIEWS

_IDLE = {"created": [], "updated": [], "renewed": [], "removed": [], "skipped": [], "commit": None}


def test_from_pull_request_to_preview_and_back(world: World, isolation: Path) -> None:
    first = world.open("feat/one")
    _the_schedule_makes_a_preview(world, first)
    comment = _the_pull_request_is_told(world, first)
    _a_push_brings_the_new_image(world, first, comment)
    _a_person_asks_for_more_time(world, first, comment)
    _that_commit_is_reviewed(world, first)
    second = world.open("feat/two")
    _a_webhook_makes_the_second_preview(world, second)
    other_comment = _the_pull_request_is_told(world, second)
    _a_change_by_hand_is_reviewed_and_merged(world, first)
    world.component.merge(first)
    _the_schedule_removes_it(world, first, left=1)
    _the_last_word(world, first, comment, "The pull request was merged.")
    world.component.close(second)
    _the_schedule_removes_it(world, second, left=0)
    _the_last_word(world, second, other_comment, "The pull request was closed.")
    _nothing_happens_any_more(world)
    _no_secret_is_anywhere(world, isolation)


def _the_schedule_makes_a_preview(world: World, number: int) -> None:
    name, before = f"preview-{number}", world.files.tip()
    found = world.sync()
    files = world.files
    assert (found["created"], found["commit"]) == ([name], files.tip())
    assert found["repositories"] == [
        {"name": "sample-be", "url": world.component.page, "open": 1, "wanted": 1, "ignored": [], "error": None}
    ]
    assert files.git("rev-parse", "main^") == before
    assert files.changed() == {f"{PREVIEWS}/{name}/{kind}.yaml": "A" for kind in ("application", "values")}
    _is_made_for(world, number)
    assert instant(files.annotation(name, "expires-at") or "") == instant(found["now"]) + timedelta(minutes=30)
    assert world.validate() == 1


def _is_made_for(world: World, number: int) -> None:
    name, head = f"preview-{number}", world.head(number)
    known = {key: world.files.annotation(name, key) for key in ("pull-request", "owner", "commit")}
    assert known == {"pull-request": world.url(number), "owner": world.alice.name, "commit": head}
    assert world.files.values(name)["backend"]["image"] == {"repository": BACKEND, "tag": f"pr-{number}-{head[:7]}"}


def _the_pull_request_is_told(world: World, number: int) -> int:
    name, head = f"preview-{number}", world.head(number)
    told = world.comment(number)
    identity, text = world.sticky(number)
    assert (told["action"], told["state"], told["comment"]) == ("created", "ready", identity)
    link = f"<https://sample-be.{name}.starry.mycompany.com>"
    assert "✅ **Ready to be deployed.**" in text
    assert f"| `backend` | {link} | `{BACKEND}:pr-{number}-{head[:7]}` |" in text
    assert f"| expires | {_minute(told['expiresAt'])} (in " in text
    assert f"| owner | `{world.alice.name}` |" in text
    assert "comment `/preview extend 2h` (at most 4h)" in text
    assert world.status(head) == f"Ready to be deployed, until {told['expiresAt']}"
    return identity


def _a_push_brings_the_new_image(world: World, number: int, comment: int) -> None:
    name, pushed = f"preview-{number}", world.push(number)
    found = world.sync()
    assert (found["updated"], found["kept"], found["commit"]) == ([name], 0, world.files.tip())
    _is_made_for(world, number)
    expires = world.files.annotation(name, "expires-at")
    assert instant(expires or "") == instant(found["now"]) + timedelta(minutes=30)
    told = world.comment(number)
    assert (told["action"], told["comment"], told["expiresAt"]) == ("updated", comment, expires)
    identity, text = world.sticky(number)
    assert identity == comment
    assert f"`{BACKEND}:pr-{number}-{pushed[:7]}`" in text
    assert f"| commit | `{pushed[:12]}` |" in text
    assert world.comment(number)["action"] == "unchanged"
    assert world.validate() == 1


def _a_person_asks_for_more_time(world: World, number: int, comment: int) -> None:
    name, delivery = f"preview-{number}", world.say(number, "Still looking at it.\n\n/preview extend 2h")
    until = instant(delivery.data["comment"]["created_at"]) + timedelta(hours=2)
    found = world.command(delivery)
    assert (found["action"], found["command"], found["author"]) == ("updated", "/preview extend 2h", world.alice.name)
    assert (found["pullRequest"], found["comment"]) == (world.url(number), "updated")
    assert instant(found["preview"]["expiresAt"]) == until
    assert instant(world.files.annotation(name, "expires-at") or "") == until
    assert world.files.changed() == {f"{PREVIEWS}/{name}/{kind}.yaml": "M" for kind in ("application", "values")}
    trailers = world.files.trailers()
    assert trailers["Starry-Asked-By"] == world.alice.name
    assert trailers["Starry-Comment"] == f"{world.url(number)}#{delivery.data['comment']['id']}"
    identity, text = world.sticky(number)
    assert identity == comment
    assert f"☑️ `/preview extend 2h` of `{world.alice.name}`: done" in text
    assert f"| expires | {_minute(found['preview']['expiresAt'])} (in " in text
    tip = world.files.tip()
    again = world.command(delivery)
    assert (again["action"], again["reason"]) == ("ignored", "it was answered before")
    assert (world.files.tip(), world.sticky(number)) == (tip, (identity, text))
    assert world.sync()["commit"] is None
    assert world.validate() == 1


def _that_commit_is_reviewed(world: World, number: int) -> None:
    found = world.starry("review", "HEAD~1...HEAD", "--render", "0", cwd=world.clone()).json()
    assert (found["ok"], found["findings"], found["platform"]) == (True, [], [])
    (one,) = found["previews"]
    assert (one["name"], one["action"], one["events"], one["byHand"]) == (
        f"preview-{number}",
        "changed",
        ["renewed"],
        False,
    )
    assert one["after"]["expiresAt"] == world.files.annotation(f"preview-{number}", "expires-at")
    assert instant(one["before"]["expiresAt"]) < instant(one["after"]["expiresAt"])


def _a_webhook_makes_the_second_preview(world: World, number: int) -> None:
    opened = world.receiver.wait_for("pull_request", action="opened", number=number)
    found = world.sync("--only-pr", opened.data["pull_request"]["html_url"])
    assert (found["created"], found["commit"]) == ([f"preview-{number}"], world.files.tip())
    _is_made_for(world, number)
    assert world.validate() == 2


def _a_change_by_hand_is_reviewed_and_merged(world: World, number: int) -> None:
    """Dora breaks a rule, hears of it, mends it, and merges."""
    name, clone = f"preview-{number}", world.clone()
    git(clone, "switch", "--quiet", "--create", "more-replicas")
    application, values = (clone / PREVIEWS / name / f"{kind}.yaml" for kind in ("application", "values"))
    values.write_text(values.read_text().replace("backend:\n", "backend:\n  replicas: 3\n", 1))
    good = application.read_text()
    application.write_text(good.replace('project: "starry"', 'project: "default"'))
    _push(world, clone)
    proposal = world.apps.open_pull_request("more-replicas", by=world.dora)
    broken = world.review(proposal, code=7)
    line = good[: good.index('project: "starry"')].count("\n") + 1
    assert [(one["file"], one["line"]) for one in broken["findings"] if one["rule"] == "project"] == [
        (f"{PREVIEWS}/{name}/application.yaml", line)
    ]
    ((review, text),) = world.reviews(proposal)
    assert "project must be" in text
    application.write_text(good)
    _push(world, clone)
    mended = world.review(proposal)
    (one,) = mended["previews"]
    assert (one["name"], one["byHand"], [edit["path"] for edit in one["edits"]]) == (name, True, ["backend.replicas"])
    ((identity, text),) = world.reviews(proposal)
    assert identity == review
    assert "project must be" not in text
    assert "backend.replicas" in text
    world.review(proposal, "--fail-on", "hand-edits", code=7)
    world.apps.merge(proposal)
    assert world.files.values(name)["backend"]["replicas"] == 3
    found = world.sync()
    assert (found["commit"], found["kept"]) == (None, 2)
    assert world.validate() == 2


def _push(world: World, clone: Path) -> None:
    git(clone, "commit", "--quiet", "--all", "--message", "Three replicas")
    git(clone, "push", "--quiet", "origin", "HEAD", env=world.apps.git_environment(world.dora))


def _the_schedule_removes_it(world: World, number: int, *, left: int) -> None:
    name = f"preview-{number}"
    found = world.sync()
    assert (found["removed"], found["kept"], found["commit"]) == ([name], left, world.files.tip())
    assert len(world.files.names()) == left
    assert world.files.changed() == {f"{PREVIEWS}/{name}/{kind}.yaml": "D" for kind in ("application", "values")}
    assert world.validate() == left


def _the_last_word(world: World, number: int, comment: int, why: str) -> None:
    found = world.starry("comment", "--all", forge=world.tokens.talk).json()
    assert found["skipped"] == []
    (told,) = [one for one in found["comments"] if one["name"] == f"preview-{number}"]
    assert (told["state"], told["action"], told["comment"]) == ("gone", "updated", comment)
    identity, text = world.sticky(number)
    assert identity == comment
    assert f"🗑️ **Gone.** {why} Removed " in text
    assert "comment `/preview`" not in text
    assert world.status(world.head(number)) == "The preview is gone"


def _nothing_happens_any_more(world: World) -> None:
    tip = world.files.tip()
    assert {key: value for key, value in world.sync().items() if key in _IDLE} == _IDLE
    found = world.starry("comment", "--all", forge=world.tokens.talk).json()
    assert [one["action"] for one in found["comments"]] == ["unchanged", "unchanged"]
    assert world.starry("list").json() == []
    assert (world.files.tip(), world.files.git("fsck", "--strict")) == (tip, "")


def _no_secret_is_anywhere(world: World, isolation: Path) -> None:
    secrets = [one.encode() for one in (*world.tokens.all, world.bot.token, SECRET)]
    left = {**world.everything_public(), "home": _content(isolation / "home"), "tmp": _content(isolation / "tmp")}
    assert [where for where, content in left.items() if any(one in content for one in secrets)] == []
    assert json.dumps(world.url(1)[:-1])[1:-1].encode() in left["comments"]
    assert b"Starry-Asked-By: " in left["objects"]


def _content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def _minute(text: str) -> str:
    return f"{instant(text):%Y-%m-%d %H:%M} UTC"
