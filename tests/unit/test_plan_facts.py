"""What the chart is told of the preview stays what the manifest says, whatever the command."""

from datetime import timedelta

import pytest
import yaml

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.model import Source, ValueEdit
from starry_gitops.errors import UsageFault
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, context, create, empty, image, intent, problems, text

DESCRIBED = SETTINGS + "chart: {describe: true}\n"
OWNER, COMMIT = "starry.env/owner", "starry.env/commit"


def told(tree: Tree) -> dict[str, object]:
    return yaml.safe_load(text(tree, f"{PREVIEWS}/p-1/values.yaml"))["global"]


def extended(tree: Tree, minutes: int = 0, **kwargs: object) -> Tree:
    start = context(tree, NOW + timedelta(minutes=minutes))
    return tree.apply(plan_extend(Extend(source=Source(name="p-1"), **kwargs), start).changes)


def applied(tree: Tree, **kwargs: object) -> Tree:
    return tree.apply(plan_apply(intent("p-1", **kwargs), context(tree)).changes)


def test_nothing_is_told_unless_the_settings_ask_for_it() -> None:
    assert told(create(empty(), "p-1", owner="ada")) == {"ttlMinutes": 30, "labels": {"starry.env": "p-1"}}


def test_the_expiry_is_told_and_follows() -> None:
    tree = create(empty(DESCRIBED), "p-1")
    assert told(tree)["expiresAt"] == "2026-03-01T12:30:00Z"
    assert "annotations" not in told(tree)
    later = extended(tree, 4, ttl=60)
    assert told(later)["expiresAt"] == "2026-03-01T13:04:00Z"
    assert problems(later) == []


def test_a_pinned_preview_never_expires_until_it_is_unpinned() -> None:
    pinned = extended(create(empty(DESCRIBED), "p-1"), pinned=True)
    assert told(pinned)["expiresAt"] == "never"
    assert told(extended(pinned, pinned=False))["expiresAt"] == "2026-03-01T12:30:00Z"
    assert told(extended(pinned, 60, pinned=False))["expiresAt"] == "2026-03-01T13:30:00Z"


def test_owner_and_commit_are_told_and_follow() -> None:
    tree = create(empty(DESCRIBED), "p-1", owner="ada", commit="aaa1111")
    assert told(tree)["annotations"] == {OWNER: "ada", COMMIT: "aaa1111"}
    later = applied(tree, images=(image(tag="2.0.0"),), commit="bbb2222", owner="bob")
    assert told(later)["annotations"] == {OWNER: "bob", COMMIT: "bbb2222"}
    assert problems(later) == []


def test_what_becomes_known_later_is_added() -> None:
    assert told(applied(create(empty(DESCRIBED), "p-1"), owner="ada"))["annotations"] == {OWNER: "ada"}


def test_a_file_that_tells_nothing_is_left_so() -> None:
    """Its template, or the person who wrote it, had a chart in mind that takes no such keys."""
    tree = create(empty(), "p-1")
    before = text(tree, f"{PREVIEWS}/p-1/values.yaml")
    described = tree.put({"starry.yaml": DESCRIBED})
    after = extended(applied(described, owner="ada", commit="aaa1111"), pinned=True)
    assert text(after, f"{PREVIEWS}/p-1/values.yaml") == before


@pytest.mark.parametrize("path", [("global", "expiresAt"), ("global", "annotations", OWNER), ("global",)])
def test_set_leaves_them_alone(path: tuple[str, ...]) -> None:
    with pytest.raises(UsageFault, match="Starry itself writes"):
        applied(empty(DESCRIBED), images=(image(),), edits=(ValueEdit(path=path, value="x"),))


def test_further_annotations_may_be_set() -> None:
    edits = (ValueEdit(path=("global", "annotations", "team"), value="blue"),)
    tree = create(empty(DESCRIBED), "p-1", owner="ada", edits=edits)
    assert told(tree)["annotations"] == {OWNER: "ada", "team": "blue"}
