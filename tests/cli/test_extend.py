"""extend: changes expiry only, within the policy."""

from datetime import timedelta

import pytest

from tests.support.basics import instant, now, stamp
from tests.support.repos import Apps

CLOSE = timedelta(seconds=30)


def test_ttl_counts_from_now(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=20)
    result = apps.ok("extend", "preview-1", "--ttl", "2h")
    assert result["action"] == "updated"
    assert result["ttlMinutes"] == 120
    assert abs(instant(result["expiresAt"]) - now() - timedelta(hours=2)) < CLOSE
    assert apps.annotation("preview-1", "expires-at") == result["expiresAt"]


def test_until_is_the_exact_expiry(apps: Apps) -> None:
    apps.create("preview-1")
    until = stamp(now() + timedelta(minutes=100))
    assert apps.ok("extend", "preview-1", "--until", until)["expiresAt"] == until
    assert apps.annotation("preview-1", "expires-at") == until


def test_until_in_another_zone_is_written_in_utc(apps: Apps) -> None:
    apps.create("preview-1")
    until = now() + timedelta(minutes=100)
    local = (until + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00")
    assert apps.ok("extend", "preview-1", "--until", local)["expiresAt"] == stamp(until)


def test_extend_changes_expiry_only(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    before = apps.application("preview-1"), apps.values("preview-1")
    apps.age("preview-1", minutes=5)
    apps.ok("extend", "preview-1", "--ttl", "1h")
    after = apps.application("preview-1"), apps.values("preview-1")
    for application, values in (before, after):
        annotations = application["metadata"]["annotations"]
        for key in ("created-at", "expires-at", "ttl-minutes"):
            annotations.pop(f"starry.env/{key}")
        values["global"].pop("ttlMinutes")
        values["global"].pop("expiresAt", None)
    assert after == before


def test_ttl_in_both_files_agrees(apps: Apps) -> None:
    apps.create("preview-1")
    apps.ok("extend", "preview-1", "--ttl", "1h")
    assert apps.annotation("preview-1", "ttl-minutes") == "60"
    assert apps.values("preview-1")["global"]["ttlMinutes"] == 60
    assert apps.ok("validate")["findings"] == []


def test_an_extended_preview_still_validates_after_until(apps: Apps) -> None:
    apps.create("preview-1")
    apps.ok("extend", "preview-1", "--until", stamp(now() + timedelta(minutes=73)))
    assert apps.ok("validate")["findings"] == []


def test_pin_and_unpin(apps: Apps) -> None:
    apps.create("preview-1")
    assert apps.ok("extend", "preview-1", "--pin")["pinned"] is True
    assert apps.annotation("preview-1", "pinned") == "true"
    assert apps.ok("extend", "preview-1", "--unpin")["pinned"] is False
    assert apps.annotation("preview-1", "pinned") in {None, "false"}


def test_pinning_twice_is_unchanged(apps: Apps) -> None:
    apps.create("preview-1")
    apps.ok("extend", "preview-1", "--pin")
    assert apps.ok("extend", "preview-1", "--pin")["action"] == "unchanged"


def test_an_extension_by_seconds_is_unchanged(apps: Apps) -> None:
    apps.create("preview-1", "--ttl", "1h")
    tip = apps.tip()
    assert apps.ok("extend", "preview-1", "--ttl", "1h")["action"] == "unchanged"
    assert apps.tip() == tip


@pytest.mark.parametrize("ttl", ["4h1m", "2m", "9999h"])
def test_beyond_the_policy_is_refused(apps: Apps, ttl: str) -> None:
    apps.create("preview-1")
    error = apps.fails(5, "extend", "preview-1", "--ttl", ttl)
    assert error["code"] == "ttl"


def test_until_beyond_the_policys_maximum_from_now_is_refused(apps: Apps) -> None:
    apps.create("preview-1")
    assert apps.fails(5, "extend", "preview-1", "--until", stamp(now() + timedelta(hours=5)))["code"] == "ttl"


def test_until_in_the_past_is_refused(apps: Apps) -> None:
    apps.create("preview-1")
    done = apps.run("extend", "preview-1", "--until", stamp(now() - timedelta(hours=1)))
    assert done.code in {2, 5}
    assert apps.count() == 2


def test_repeated_extension_never_passes_the_maximum_from_now(apps: Apps) -> None:
    apps.create("preview-1", "--ttl", "4h")
    result = apps.ok("extend", "preview-1", "--ttl", "4h")
    assert instant(result["expiresAt"]) <= now() + timedelta(hours=4)


def test_an_expired_preview_may_be_extended(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=600)
    apps.ok("extend", "preview-1", "--ttl", "1h")
    assert apps.ok("gc")["removed"] == []


def test_extending_what_does_not_exist_is_not_found(apps: Apps) -> None:
    apps.fails(3, "extend", "preview-1", "--ttl", "1h")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--pin", "--unpin"],
        ["--ttl", "1h", "--until", "2030-01-01T00:00:00Z"],
        ["--ttl", "soon"],
        ["--ttl", "-5m"],
        ["--ttl", "30"],
        ["--until", "tomorrow"],
        ["--until", "2030-13-01T00:00:00Z"],
        ["--until", "2030-01-01T00:00:00"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_a_usage_error(apps: Apps, options: list[str]) -> None:
    apps.create("preview-1")
    apps.fails(2, "extend", "preview-1", *options)


def test_extend_takes_a_pull_request_or_branch_in_place_of_the_name(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", "--image", "backend=1.0.0")
    apps.ok("create", "--source-branch", "Fix/It", "--image", "backend=1.0.0")
    assert apps.ok("extend", "--pr", "7", "--ttl", "1h")["name"] == "preview-7"
    assert apps.ok("extend", "--source-branch", "Fix/It", "--ttl", "1h")["action"] == "updated"
