"""list: the inventory from Git alone."""

import json

import pytest

from tests.support.repos import Apps

KEYS = "name overlay namespace images urls owner pullRequest createdAt expiresAt expired pinned"


@pytest.fixture
def three(apps: Apps) -> Apps:
    """Alice's expired preview, Bob's that has half an hour left, and a pinned one of nobody's."""
    apps.create("preview-c", "--owner", "alice", "--pr", "https://github.com/myorg/sample/pull/3")
    apps.create("preview-a", "--owner", "bob", "--pr", "4")
    apps.create("preview-b", "--pin")
    apps.age("preview-c", "preview-b", minutes=60)
    return apps


def names(found: list[dict[str, object]]) -> list[object]:
    return [entry["name"] for entry in found]


def test_no_preview_is_an_empty_list(apps: Apps) -> None:
    assert apps.ok("list") == []


def test_entries_have_exactly_the_contracts_keys(three: Apps) -> None:
    assert {frozenset(entry) for entry in three.ok("list")} == {frozenset(KEYS.split())}


def test_the_list_is_sorted_by_name(three: Apps) -> None:
    assert names(three.ok("list")) == ["preview-a", "preview-b", "preview-c"]


def test_entries_say_what_the_files_say(three: Apps) -> None:
    entry = three.ok("list")[0]
    assert entry == {
        "name": "preview-a",
        "overlay": "dev",
        "namespace": "preview-a",
        "images": {"backend": "1.0.0"},
        "urls": {"backend": "https://sample-be.preview-a.starry.mycompany.com"},
        "owner": "bob",
        "pullRequest": "4",
        "createdAt": three.annotation("preview-a", "created-at"),
        "expiresAt": three.annotation("preview-a", "expires-at"),
        "expired": False,
        "pinned": False,
    }


def test_what_is_not_known_is_null(three: Apps) -> None:
    entry = three.ok("list")[1]
    assert (entry["owner"], entry["pullRequest"]) == (None, None)


def test_the_pull_request_is_as_it_was_given(three: Apps) -> None:
    assert three.ok("list")[2]["pullRequest"] == "https://github.com/myorg/sample/pull/3"


def test_expired_shows_only_what_expired(three: Apps) -> None:
    assert names(three.ok("list", "--expired")) == ["preview-c"]


def test_a_pinned_preview_never_counts_as_expired(three: Apps) -> None:
    assert three.ok("list")[1]["expired"] is False


def test_owner_filters(three: Apps) -> None:
    assert names(three.ok("list", "--owner", "bob")) == ["preview-a"]
    assert three.ok("list", "--owner", "nobody") == []


@pytest.mark.parametrize(("within", "found"), [("31m", True), ("20m", False)])
def test_expires_within_filters(three: Apps, within: str, found: bool) -> None:
    assert ("preview-a" in names(three.ok("list", "--expires-within", within))) is found


def test_a_pinned_preview_does_not_expire_within_anything(three: Apps) -> None:
    assert "preview-b" not in names(three.ok("list", "--expires-within", "4h"))


def test_filters_combine(three: Apps) -> None:
    assert three.ok("list", "--owner", "bob", "--expired") == []


def test_list_makes_no_commit(three: Apps) -> None:
    before = three.refs()
    three.ok("list")
    assert three.refs() == before


def test_the_grace_period_of_the_policy_counts(three: Apps) -> None:
    three.settings(lambda settings: settings["policy"]["gc"].update(grace="2h"))
    assert three.ok("list", "--expired") == []


def test_another_overlay_has_its_own_list(three: Apps) -> None:
    assert three.ok("list", "--overlay", "prod") == []


def test_an_unknown_overlay_is_an_error_that_names_the_known_ones(apps: Apps) -> None:
    done = apps.run("list", "--overlay", "stage")
    assert done.code in {2, 3}
    assert "dev" in done.error()["message"] + done.error()["hint"]


def test_output_name_prints_names_only(three: Apps) -> None:
    assert three.run("list", "-o", "name").out.split() == ["preview-a", "preview-b", "preview-c"]


def test_a_broken_preview_does_not_hide_the_others(three: Apps) -> None:
    three.edit_application("preview-a", lambda text: text + "\n : : [broken\n")
    done = three.run("list")
    assert {"preview-b", "preview-c"} <= {entry["name"] for entry in json.loads(done.out)}
    assert "preview-a" in done.err


def test_many_previews_are_all_listed(apps: Apps) -> None:
    apps.create("seed-preview", "--owner", "alice")
    made = [f"many-{number:03}" for number in range(300)]
    apps.multiply("seed-preview", made, minutes=lambda number: number)
    listed = apps.ok("list")
    assert names(listed) == [*made, "seed-preview"]
    assert sum(entry["expired"] for entry in listed) == len([n for n in range(300) if n >= 30])
    assert len(json.dumps(listed)) > 0


def test_images_of_disabled_components_are_not_listed(apps: Apps) -> None:
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend2=2.0.0")
    assert apps.ok("list")[0]["images"] == {"backend": "1.0.0", "frontend2": "2.0.0"}
