"""gc's caps, its other overlays, and what happens when somebody else pushes while it decides."""

import pytest

from tests.support.cli import run_process
from tests.support.gitserver import GitServer, Request
from tests.support.repos import Apps
from tests.support.transport import http


def grown(apps: Apps, expired: int, fresh: int) -> Apps:
    """`expired` previews that are past their time and `fresh` ones that are not."""
    apps.create("seed-preview", "--owner", "alice")
    made = [f"old-{number:03}" for number in range(expired)] + [f"new-{number:03}" for number in range(fresh - 1)]
    apps.multiply("seed-preview", made, minutes=lambda number: 60 if number < expired else 0)
    return apps


def test_up_to_the_share_goes(apps: Apps) -> None:
    assert len(grown(apps, 5, 5).ok("gc")["removed"]) == 5


def test_more_than_the_share_is_refused_as_a_whole(apps: Apps) -> None:
    error = grown(apps, 6, 4).fails(10, "gc")
    assert error["code"] == "too_many_deletions"
    assert "6" in error["message"]
    assert "--force" in error["message"] + error["hint"]


def test_the_share_counts_only_from_ten_previews(apps: Apps) -> None:
    assert len(grown(apps, 8, 1).ok("gc")["removed"]) == 8


def test_more_than_max_deletes_is_refused_as_a_whole(apps: Apps) -> None:
    grown(apps, 51, 60).fails(10, "gc")


def test_exactly_max_deletes_goes(apps: Apps) -> None:
    assert len(grown(apps, 50, 60).ok("gc")["removed"]) == 50


def test_max_deletes_as_an_option(apps: Apps) -> None:
    grown(apps, 3, 5).fails(10, "gc", "--max-deletes", "2")
    assert len(apps.ok("gc", "--max-deletes", "3")["removed"]) == 3


def test_force_lifts_the_caps(apps: Apps) -> None:
    assert len(grown(apps, 55, 1).ok("gc", "--force")["removed"]) == 55
    assert apps.names() == ["seed-preview"]


def test_a_dry_run_is_refused_just_the_same(apps: Apps) -> None:
    grown(apps, 6, 4).fails(10, "gc", "--dry-run")


def test_the_caps_are_the_settings(apps: Apps) -> None:
    grown(apps, 6, 4).settings(lambda settings: settings["policy"]["gc"].update(maxDeleteShare=0.6))
    assert len(apps.ok("gc")["removed"]) == 6


def test_the_caps_are_on_when_the_settings_say_nothing(apps: Apps) -> None:
    grown(apps, 6, 4).settings(lambda settings: settings.pop("policy"))
    apps.fails(10, "gc")


def test_a_clock_that_is_years_ahead_empties_nothing(apps: Apps) -> None:
    grown(apps, 0, 12).fails(10, "gc", "--now", "2099-01-01T00:00:00Z")


def test_pinned_previews_count_as_present_but_not_as_deletions(apps: Apps) -> None:
    grown(apps, 5, 4)
    apps.create("pinned", "--pin")
    assert len(apps.ok("gc")["removed"]) == 5


def test_only_the_chosen_overlay_is_collected(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("preview-1")
    apps.create("preview-2", "--overlay", "prod")
    later = "2099-01-01T00:00:00Z"
    assert apps.ok("gc", "--now", later)["removed"] == ["preview-1"]
    assert apps.names("prod") == ["preview-2"]


def test_include_overlay_adds_an_overlay_in_the_same_commit(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("preview-1")
    apps.create("preview-2", "--overlay", "prod")
    commits = apps.count()
    result = apps.ok("gc", "--now", "2099-01-01T00:00:00Z", "--include-overlay", "prod")
    assert sorted(result["removed"]) == ["preview-1", "preview-2"]
    assert apps.count() == commits + 1


@pytest.mark.parametrize("change", ["extend", "pin", "delete"])
def test_what_somebody_changes_between_read_and_push_is_decided_again(
    apps: Apps, server: GitServer, change: str
) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    apps.age("preview-1", "preview-2", minutes=60)

    def interfere(request: Request) -> None:
        if request.is_push:
            server.before = lambda _: None
            options = {"extend": ["extend", "preview-1", "--ttl", "1h"], "pin": ["extend", "preview-1", "--pin"]}
            done = apps_by_process(apps, *options.get(change, ["delete", "preview-1"]))
            assert done == 0

    server.before = interfere
    result = http(apps, server).ok("gc")
    assert result["removed"] == ["preview-2"]
    assert result["attempts"] == 2
    assert apps.names() == ([] if change == "delete" else ["preview-1"])


def test_a_preview_that_expires_while_gc_runs_elsewhere_is_not_deleted_twice(apps: Apps, server: GitServer) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=60)

    def interfere(request: Request) -> None:
        if request.is_push:
            server.before = lambda _: None
            assert apps_by_process(apps, "gc") == 0

    server.before = interfere
    commits = apps.count()
    http(apps, server).ok("gc")
    assert apps.names() == []
    assert apps.count() == commits + 1


def apps_by_process(apps: Apps, *args: str) -> int:
    """Another writer, in a process of its own: this process is in the middle of a run."""
    return run_process(*apps.args(*args)).code
