"""`starry apply`: each entry is decided on what the ones before it leave."""

import re
from typing import Any

import pytest

from tests.support.lists import applied, entry, refused, written
from tests.support.repos import Apps


def test_the_total_quota_counts_within_the_list(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 3}))
    apps.create("old")
    applied(apps, [entry("preview-1"), entry("preview-2"), entry("old", "2.0.0")])
    error = refused(apps, 5, [entry("old", "3.0.0"), entry("preview-3")])
    assert error["code"] == "quota"
    assert error["message"].startswith("entry 2 (preview-3): ")


def test_the_owners_quota_counts_within_the_list(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"perOwner": 2}))
    apps.create("old", "--owner", "alice")
    good = [entry("preview-1", owner="alice"), entry("preview-2", owner="bob"), entry("preview-3", owner="bob")]
    error = refused(apps, 5, [*good, entry("preview-4", owner="alice")])
    assert error["code"] == "quota"
    assert error["message"].startswith("entry 4 (preview-4): ")
    applied(apps, good)


def test_a_preview_that_the_list_gives_to_another_owner_counts_for_that_one(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"perOwner": 1}))
    apps.create("old", "--owner", "alice")
    given = entry("old", owner="bob")
    assert refused(apps, 5, [entry("new", owner="alice"), given])["code"] == "quota"
    applied(apps, [given, entry("new", owner="alice")])
    assert refused(apps, 5, [entry("more", owner="bob")])["code"] == "quota"


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ({"name": "preview-7"}, {"name": "preview-7"}, "preview-7"),
        ({"name": "preview-7"}, {"pr": 7}, "preview-7"),
        ({"pr": "https://github.com/o/a/pull/7"}, {"pr": "https://github.com/o/b/pull/7"}, "preview-7"),
        ({"sourceBranch": "fix"}, {"name": "fix"}, "fix"),
        ({"name": "fix"}, {"name": "fix", "overlay": "dev"}, "fix"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--keep-going"]])
def test_two_entries_for_one_preview_are_refused(
    apps: Apps, one: dict[str, Any], other: dict[str, Any], name: str, more: list[str]
) -> None:
    images = {"images": {"backend": "1.0.0"}}
    path = written(apps, [one | images, entry("between"), other | images])
    message = apps.fails(2, "apply", "-f", path, *more)["message"]
    assert "entries 1 and 3" in message
    assert name in message


def test_two_branches_with_one_name_at_first_sight_are_two_previews(apps: Apps) -> None:
    images = {"images": {"backend": "1.0.0"}}
    result = applied(apps, [{"sourceBranch": "fix/a"} | images, {"sourceBranch": "fix-a"} | images])
    assert len({one["name"] for one in result}) == 2


def test_hosts_that_collide_within_the_list(apps: Apps) -> None:
    def change(settings: Any) -> None:
        settings["hostTemplate"] = "{app}-{name}.{domain}"
        settings["components"]["frontend1"]["app"] = "sample-be-fe"

    apps.settings(change)
    both = {"images": {"backend": "1.0.0", "frontend1": "1.0.0"}}
    # sample-be-fe-x is the backend of fe-x and the frontend of x.
    error = refused(apps, 5, [{"name": "x"} | both, {"name": "fe-x"} | both])
    assert error["code"] == "name_taken"
    assert error["message"].startswith("entry 2 (fe-x): ")


def test_entries_in_several_overlays(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    before = apps.count()
    result = applied(apps, [entry("one"), entry("two", overlay="prod"), entry("three")])
    assert [(one["name"], one["overlay"]) for one in result] == [("one", "dev"), ("two", "prod"), ("three", "dev")]
    assert (apps.names(), apps.names("prod")) == (["one", "three"], ["two"])
    assert apps.count() == before + 1
    trailers = apps.git("log", "-1", "--format=%(trailers:only,unfold)").splitlines()
    assert [line for line in trailers if "Overlay" in line] == ["Starry-Overlay: dev", "Starry-Overlay: prod"]


def test_the_overlay_option_is_for_entries_that_name_none(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    applied(apps, [entry("one"), entry("two", overlay="dev")], "--overlay", "prod")
    assert (apps.names(), apps.names("prod")) == (["two"], ["one"])


def test_one_name_in_two_overlays_that_meet_is_refused(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    error = refused(apps, 5, [entry("one"), entry("one", overlay="prod")])
    assert error["code"] == "name_taken"
    assert error["message"].startswith("entry 2 (one): ")


def apart(settings: Any) -> None:
    """The two overlays share neither cluster nor Argo CD's namespace."""
    settings["overlays"]["prod"].update(
        previews=True, argocdNamespace="argocd-prod", destination={"server": "https://prod.example"}
    )


def test_one_name_in_two_overlays_that_never_meet(apps: Apps) -> None:
    apps.settings(apart)
    path = written(apps, [entry("one"), entry("one", overlay="prod")])
    dry = apps.ok("apply", "-f", path, "--dry-run")
    assert [set(re.findall(r"^diff --git a/(\S+)/one/", part["diff"], re.MULTILINE)) for part in dry] == [
        {"overlays/dev/previews"}, {"overlays/prod/previews"},
    ]  # fmt: skip
    apps.ok("apply", "-f", path)
    assert (apps.names(), apps.names("prod")) == (["one"], ["one"])
