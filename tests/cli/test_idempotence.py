"""The same command again makes no commit; what changed nothing renews nothing."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.basics import instant, now
from tests.support.repos import Apps

ARGS = ("create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend1=2.0.0", "--owner", "alice")


def test_the_same_create_again_is_unchanged(apps: Apps) -> None:
    first, tip = apps.ok(*ARGS), apps.tip()
    again = apps.ok(*ARGS)
    assert (again["action"], again["commit"]) == ("unchanged", None)
    assert apps.tip() == tip
    assert again["expiresAt"] == first["expiresAt"]
    assert again["urls"] == first["urls"]


def test_one_that_changes_nothing_does_not_renew_the_ttl(apps: Apps) -> None:
    apps.ok(*ARGS)
    tip = apps.age("preview-1", minutes=20)
    assert apps.ok(*ARGS)["action"] == "unchanged"
    assert apps.tip() == tip


def test_a_new_image_renews_the_ttl(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=20)
    created = apps.annotation("preview-1", "created-at")
    result = apps.create("preview-1", tag="2.0.0")
    assert result["action"] == "updated"
    assert abs(instant(result["expiresAt"]) - now() - timedelta(minutes=30)) < timedelta(seconds=30)
    assert apps.annotation("preview-1", "created-at") == created


def test_an_update_touches_the_two_files_of_that_preview_at_most(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    apps.create("preview-1", tag="2.0.0")
    assert set(apps.changed().values()) == {"M"}
    assert {path.rsplit("/", 1)[0] for path in apps.changed()} == {"overlays/dev/previews/preview-1"}


def test_a_create_keeps_components_that_it_does_not_name(apps: Apps) -> None:
    apps.ok(*ARGS)
    apps.create("preview-1", tag="1.1.0")
    assert apps.ok("list")[0]["images"] == {"backend": "1.1.0", "frontend1": "2.0.0"}


def test_an_expired_preview_that_is_asked_for_again_by_the_same_command_is_not_lost(apps: Apps) -> None:
    apps.ok(*ARGS)
    apps.age("preview-1", minutes=300)
    apps.ok(*ARGS)
    assert apps.names() == ["preview-1"]


def test_create_then_delete_returns_to_the_same_tree(apps: Apps) -> None:
    before = apps.git("rev-parse", "main^{tree}")
    apps.ok(*ARGS)
    apps.ok("delete", "preview-1")
    assert apps.git("rev-parse", "main^{tree}") == before


@settings(max_examples=8)
@given(steps=st.lists(st.sampled_from(["1.0.0", "2.0.0", "pin", "unpin", "delete"]), min_size=1, max_size=5))
def test_any_command_twice_in_a_row_changes_something_at_most_once(apps: Apps, steps: list[str]) -> None:
    apps.ok("delete", "preview-1")
    apps.create("preview-1")
    for step in steps:
        match step:
            case "pin" | "unpin":
                command = ("extend", "preview-1", f"--{step}")
            case "delete":
                command = ("delete", "preview-1")
            case tag:
                command = ("create", "preview-1", "--image", f"backend={tag}")
        if step in {"pin", "unpin"} and not apps.names():
            apps.fails(3, *command)
            continue
        apps.ok(*command)
        tip = apps.tip()
        assert apps.ok(*command)["action"] in {"unchanged", "absent"}
        assert apps.tip() == tip
