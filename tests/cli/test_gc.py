"""gc: one commit for all that expired, and nothing that did not."""

from datetime import timedelta

import pytest

from tests.support.basics import instant, now, stamp
from tests.support.repos import PREVIEWS, Apps

KEYS = "now checked removed kept skipped commit attempts dryRun"


@pytest.fixture
def two(apps: Apps) -> Apps:
    """One preview that expired half an hour ago, one that is fresh."""
    apps.create("preview-1", "--owner", "alice")
    apps.create("preview-2")
    apps.age("preview-1", minutes=60)
    return apps


def test_only_the_expired_go(two: Apps) -> None:
    result = two.ok("gc")
    assert set(result) == set(KEYS.split())
    assert (result["checked"], result["removed"], result["kept"], result["skipped"]) == (2, ["preview-1"], 1, [])
    assert (result["commit"], result["attempts"], result["dryRun"]) == (two.tip(), 1, False)
    assert two.names() == ["preview-2"]
    assert two.changed() == {f"{PREVIEWS}/preview-1/{kind}.yaml": "D" for kind in ("application", "values")}


def test_nothing_expired_no_commit(apps: Apps) -> None:
    apps.create("preview-1")
    tip = apps.tip()
    result = apps.ok("gc")
    assert (result["removed"], result["kept"], result["commit"]) == ([], 1, None)
    assert apps.tip() == tip


def test_an_empty_overlay_is_nothing_to_do(apps: Apps) -> None:
    result = apps.ok("gc")
    assert (result["checked"], result["commit"]) == (0, None)


def test_one_run_is_one_commit_that_names_each_preview_and_why(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    apps.age("preview-1", "preview-2", minutes=60)
    commits = apps.count()
    apps.ok("gc")
    assert apps.count() == commits + 1
    message = apps.git("log", "-1", "--format=%B")
    for name in ("preview-1", "preview-2"):
        (line,) = [line for line in message.splitlines() if name in line and "expire" in line]
        assert line


def test_a_second_run_finds_nothing(two: Apps) -> None:
    two.ok("gc")
    tip = two.tip()
    assert two.ok("gc")["commit"] is None
    assert two.tip() == tip


def test_the_boundary_is_now_at_or_past_expiry(apps: Apps) -> None:
    expiry = apps.create("preview-1")["expiresAt"]
    before = stamp(instant(expiry) - timedelta(seconds=1))
    assert apps.ok("gc", "--now", before)["removed"] == []
    assert apps.ok("gc", "--now", expiry, "--dry-run")["removed"] == ["preview-1"]


def test_now_judges_as_of_that_time(apps: Apps) -> None:
    apps.create("preview-1", "--ttl", "2h")
    at = stamp(now() + timedelta(hours=3))
    result = apps.ok("gc", "--now", at)
    assert (result["now"], result["removed"]) == (at, ["preview-1"])


@pytest.mark.parametrize(("grace", "removed"), [("10m", ["preview-1"]), ("45m", []), ("0m", ["preview-1"])])
def test_grace_keeps_for_a_while(two: Apps, grace: str, removed: list[str]) -> None:
    assert two.ok("gc", "--grace", grace)["removed"] == removed


def test_the_policys_grace_is_the_default(two: Apps) -> None:
    two.settings(lambda settings: settings["policy"]["gc"].update(grace="45m"))
    assert two.ok("gc")["removed"] == []
    assert two.ok("gc", "--grace", "0m")["removed"] == ["preview-1"]


def test_pinned_previews_never_go(two: Apps) -> None:
    two.ok("extend", "preview-1", "--pin")
    two.age("preview-1", minutes=6000)
    assert two.ok("gc")["removed"] == []
    assert two.ok("gc", "--force", "--now", "2099-01-01T00:00:00Z")["removed"] == ["preview-2"]
    assert two.names() == ["preview-1"]


def test_an_unpinned_preview_goes_again(two: Apps) -> None:
    two.ok("extend", "preview-2", "--pin")
    two.ok("extend", "preview-2", "--unpin")
    result = two.ok("gc", "--now", stamp(now() + timedelta(hours=5)))
    assert result["removed"] == ["preview-1", "preview-2"]


def test_only_what_starry_manages_goes(two: Apps) -> None:
    two.edit_application("preview-1", lambda text: text.replace("managed-by: ", "managed-by: not-"))
    result = two.ok("gc")
    assert (result["removed"], result["kept"], result["skipped"]) == ([], 2, [])
    assert two.names() == ["preview-1", "preview-2"]


def test_without_the_managed_by_label_nothing_goes(two: Apps) -> None:
    two.edit_application("preview-1", lambda text: "".join(
        line for line in text.splitlines(keepends=True) if "managed-by" not in line))  # fmt: skip
    assert two.ok("gc")["removed"] == []
    assert "preview-1" in two.names()


TTL = "    starry.env/ttl-minutes"
BROKEN = {
    "a ttl that cannot be read": ('ttl-minutes: "30"', 'ttl-minutes: "soon"'),
    "no ttl": ('    starry.env/ttl-minutes: "30"\n', ""),
    "an expiry that cannot be read": ("expires-at: ", "expires-at: x"),
    "no expiry": ("starry.env/expires-at:", "starry.env/expired-at:"),
    "an expiry without a zone": ('Z"\n    starry.env/ttl', '"\n    starry.env/ttl'),
    "broken YAML": ("spec:", "spec: [:\n  }"),
    "a duplicate annotation": (TTL, f'{TTL}: "5"\n{TTL}'),
    "a pin that cannot be read": (TTL, f'    starry.env/pinned: "maybe"\n{TTL}'),
}


@pytest.mark.parametrize(("old", "new"), BROKEN.values(), ids=BROKEN)
def test_a_broken_preview_is_skipped_with_a_reason_and_exit_9_and_stops_nobody(two: Apps, old: str, new: str) -> None:
    two.edit_application("preview-2", lambda text: text.replace(old, new, 1))
    done = two.run("gc")
    assert done.code == 9, done.err
    result = done.json()
    assert result["removed"] == ["preview-1"]
    (skipped,) = result["skipped"]
    assert skipped["name"] == "preview-2"
    assert skipped["reason"]
    assert two.names() == ["preview-2"]


@pytest.mark.parametrize(("old", "new"), [("kind: ", "kind: X"), ("  name: ", "  name: x")], ids=["kind", "name"])
def test_an_expired_manifest_that_is_not_this_previews_application_is_skipped(two: Apps, old: str, new: str) -> None:
    two.edit_application("preview-1", lambda text: text.replace(old, new, 1))
    done = two.run("gc")
    assert done.code == 9, done.out
    assert done.json()["removed"] == []
    assert "preview-1" in two.names()


@pytest.mark.parametrize("lost", ["application.yaml", "values.yaml"])
def test_a_preview_that_lost_a_file_stops_nobody(two: Apps, lost: str) -> None:
    two.commit({f"{PREVIEWS}/preview-2/{lost}": None})
    done = two.run("gc")
    assert done.json()["removed"] == ["preview-1"]
    assert two.names() == ["preview-2"]


def test_a_skip_with_nothing_to_remove_still_exits_9(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text.replace("expires-at: ", "expires-at: x"))
    tip = apps.tip()
    assert apps.run("gc").code == 9
    assert apps.tip() == tip


def test_an_unreadable_expiry_is_never_now_even_with_force(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text.replace("expires-at: ", "expires-at: x"))
    done = apps.run("gc", "--force", "--now", "2099-01-01T00:00:00Z")
    assert (done.code, apps.names()) == (9, ["preview-1"])


def test_the_last_preview_leaves_a_valid_overlay(two: Apps) -> None:
    two.ok("gc", "--now", stamp(now() + timedelta(hours=5)))
    assert two.tree(f"{PREVIEWS}/") == [f"{PREVIEWS}/keep.yaml"]
    assert two.ok("validate")["ok"] is True


@pytest.mark.parametrize("options", [["--now", "soon"], ["--grace", "x"], ["--grace", "-5m"], ["--max-deletes", "-1"]])
def test_options_that_make_no_sense_are_a_usage_error(two: Apps, options: list[str]) -> None:
    two.fails(2, "gc", *options)
