"""upgrade leaves alone, and names, what is broken or would break a rule; the others are upgraded."""

import pytest

from tests.unit.test_plan_upgrade import story
from tests.unit.upgrade_story import Story, replaced
from tests.unit.world import PREVIEWS, SETTINGS, empty

__all__ = ["story"]


def test_a_broken_template_skips_and_says_why(story: Story) -> None:
    story.template("values", lambda _: "{{ nothing }}\n")
    plan = story.plan()
    assert plan.changes == ()
    assert [one.name for one in plan.answer.skipped] == ["preview-1"]
    assert "nothing" in plan.answer.skipped[0].reason


def test_what_would_break_a_rule_is_skipped_and_the_others_are_not(story: Story) -> None:
    story.create("preview-2")
    story.edit("values", replaced("    - ", "    - extra.starry.mycompany.com\n    - "))
    story.settings("project: other\n", SETTINGS.replace("starry.mycompany.com", "previews.example.org"))
    answer = story.upgrade()
    assert [one.name for one in answer.updated] == ["preview-2"]
    assert [one.name for one in answer.skipped] == ["preview-1"]
    assert "extra.starry.mycompany.com" in answer.skipped[0].reason


def test_hosts_that_would_meet_another_previews_are_skipped() -> None:
    part = "image: us-docker.pkg.dev/myproj/sample-be"
    components = f"components: {{backend: {{app: a, required: true, {part}}}, other: {{app: a-b, {part}}}}}\n"
    story = Story(tree=empty(SETTINGS + components))
    story.create("b-c")
    story.create("c")
    story.settings(components + "hostTemplate: '{app}-{name}.{domain}'\n")
    assert [(one.name, one.reason) for one in story.plan().answer.skipped] == [
        ("b-c", "the name b-c is taken in its host names by the preview c"),
        ("c", "the name c is taken in its host names by the preview b-c"),
    ]


def test_a_folder_that_is_no_previews_name_is_reported_without_its_control_characters(story: Story) -> None:
    source = story.text("application")
    story.tree = story.tree.put(
        {f"{PREVIEWS}/Bad\x1b[31m/application.yaml": source, f"{PREVIEWS}/Bad\x1b[31m/values.yaml": "a: 1\n"}
    )
    assert [(one.name, one.reason) for one in story.plan().answer.skipped] == [("Bad [31m", "not a preview's name")]


BROKEN: dict[str, dict[str, str | bytes | None]] = {
    "no values": {"values": None},
    "no application": {"application": None},
    "not YAML": {"values": "a: ["},
    "a list": {"values": "- a\n"},
    "an empty file": {"values": ""},
    "not UTF-8": {"values": b"\xff\xfe"},
    "no annotations": {"application": "metadata: {}\n"},
    "somebody else's": {"application": "metadata: {labels: {}, annotations: {}}\n"},
    "huge": {"values": "a: " + "x" * (1 << 20)},
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN)
def test_a_broken_preview_is_skipped_and_the_next_one_is_not(
    story: Story, files: dict[str, str | bytes | None]
) -> None:
    story.create("preview-2")
    story.person({f"{PREVIEWS}/preview-1/{file}.yaml": content for file, content in files.items()})
    story.settings("project: other\n")
    answer = story.plan().answer
    assert [one.name for one in answer.skipped] == ["preview-1"]
    assert [one.name for one in answer.updated] == ["preview-2"]
