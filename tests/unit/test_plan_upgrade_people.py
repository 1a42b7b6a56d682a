"""upgrade and people: what a person changed stays as it was written, and is reported where the template moves on."""

import re

import pytest

from starry_gitops.core.model import ValueEdit
from tests.unit.upgrade_story import Story, replaced
from tests.unit.world import PREVIEWS, SETTINGS, image

ELSEWHERE = SETTINGS.replace("starry.mycompany.com", "previews.example.org")
VALUES = f"{PREVIEWS}/preview-1/values.yaml"


@pytest.fixture
def story() -> Story:
    """One preview of two components, from a template that sizes it."""
    story = Story()
    size(story, "1Gi")
    story.create(images=(image(), image("frontend1")))
    return story


def size(story: Story, memory: str, *more: str) -> None:
    """A template that gives the quota, and further lines."""
    lines = "".join(f"{line}\n" for line in more)
    story.template("values", lambda old: old.split("quota:")[0] + f"quota:\n  memory: {memory}\n  cpu: 1\n{lines}")


def kept(story: Story) -> list[str]:
    return [path for one in story.upgrade().kept for path in one.paths]


def test_a_persons_value_stands_and_is_reported_while_the_template_has_another(story: Story) -> None:
    story.edit("values", replaced("memory: 1Gi", "memory: 8Gi  # the importer needs it"))
    assert kept(story) == []
    size(story, "2Gi")
    assert kept(story) == ["values.yaml: quota.memory"]
    assert "memory: 8Gi  # the importer needs it\n" in story.text("values")
    assert kept(story) == ["values.yaml: quota.memory"]


def test_a_person_who_takes_the_change_back_gives_the_place_back(story: Story) -> None:
    story.edit("values", replaced("1Gi", "8Gi"))
    size(story, "2Gi")
    story.upgrade()
    story.edit("values", replaced("8Gi", "1Gi"))
    assert kept(story) == []
    assert story.values()["quota"]["memory"] == "2Gi"


def test_a_key_that_a_person_removed_does_not_come_back(story: Story) -> None:
    story.edit("values", replaced("  cpu: 1\n", ""))
    size(story, "2Gi")
    assert kept(story) == []
    assert story.values()["quota"] == {"memory": "2Gi"}


def test_a_key_that_a_person_added_stays(story: Story) -> None:
    story.edit("values", lambda old: "mine:\n  # why\n  a: 1\n" + old)
    size(story, "2Gi", "more: 1")
    story.upgrade()
    assert story.text("values").startswith("mine:\n  # why\n  a: 1\n")
    assert story.values()["more"] == 1


def test_a_key_that_a_person_added_and_the_template_learns_stays_the_persons(story: Story) -> None:
    story.edit("values", lambda old: old + "more: mine\n")
    size(story, "1Gi", "more: 1")
    assert kept(story) == ["values.yaml: more"]
    assert story.values()["more"] == "mine"


def test_a_block_that_the_template_no_longer_has_goes_but_for_what_people_wrote(story: Story) -> None:
    story.edit("values", replaced("memory: 1Gi", "memory: 8Gi"))
    story.template("values", lambda old: old.split("quota:")[0])
    story.upgrade()
    assert story.values()["quota"] == {"memory": "8Gi"}


def test_a_host_that_a_person_added_outlives_an_update_of_the_same_list(story: Story) -> None:
    own = "shop.preview-1.starry.mycompany.com"
    story.edit("values", replaced("hosts:\n", f"hosts:\n    - {own}  # shop\n"))
    story.create(images=(image(), image("frontend2")))
    assert own in story.values()["ingress"]["hosts"]
    story.settings("hostTemplate: '{name}.{app}.{domain}'\n")
    assert "values.yaml: ingress.hosts" in kept(story)
    assert f"    - {own}  # shop\n" in story.text("values")


def test_an_update_that_enables_a_component_leaves_the_list_starrys(story: Story) -> None:
    story.create(images=(image(), image("frontend2")))
    story.settings("", ELSEWHERE)
    assert kept(story) == []
    hosts = story.values()["ingress"]["hosts"]
    assert hosts == [f"{app}.preview-1.previews.example.org" for app in ("sample-be", "sample-fe-1", "sample-fe-2")]
    assert "preview-1.starry.mycompany.com" not in story.text("values")


def test_comments_in_a_list_stay_with_their_items(story: Story) -> None:
    story.edit("values", lambda old: re.sub(r"(hosts:)\n( +- \S+)\n", r"\1  # all\n    # the API\n\2  # one\n", old))
    story.settings("", ELSEWHERE)
    assert kept(story) == []
    assert '  hosts:  # all\n    # the API\n    - "sample-be.preview-1.previews.example.org"  # one\n' in story.text(
        "values"
    )


def test_an_expiry_that_a_person_moved_stays(story: Story) -> None:
    story.edit("application", replaced("2026-03-01T12:30:00Z", "2026-03-01T12:31:00Z"))
    size(story, "2Gi")
    story.upgrade()
    assert story.application()["metadata"]["annotations"]["starry.env/expires-at"] == "2026-03-01T12:31:00Z"


def test_a_tag_that_a_person_wrote_stays(story: Story) -> None:
    story.edit("values", replaced('tag: "1.0.0"', "tag: hotfix"))
    story.settings("", ELSEWHERE)
    assert kept(story) == []
    assert story.values()["backend"]["image"]["tag"] == "hotfix"


def test_set_at_create_and_at_update_counts_as_a_persons() -> None:
    story = Story()
    size(story, "1Gi")
    story.create(edits=(ValueEdit(path=("quota", "memory"), value="8Gi"),))
    story.create(
        edits=(ValueEdit(path=("quota", "cpu"), value=4), ValueEdit(path=("global", "labels", "a.b/c"), value="x"))
    )
    size(story, "2Gi", "global2: {}")
    story.template("values", replaced("cpu: 1", "cpu: 2"))
    story.template("values", replaced("  labels:\n", "  labels:\n    a.b/c: y\n"))
    assert kept(story) == [f"values.yaml: {path}" for path in ("global.labels.a\\.b/c", "quota.memory", "quota.cpu")]
    assert story.values()["quota"] == {"memory": "8Gi", "cpu": 4}


def test_set_to_what_the_template_says_keeps_it_when_the_template_moves_on() -> None:
    story = Story()
    size(story, "1Gi")
    story.create(edits=(ValueEdit(path=("quota", "memory"), value="1Gi"),))
    size(story, "2Gi")
    assert kept(story) == ["values.yaml: quota.memory"]


def test_a_set_of_an_earlier_life_is_forgotten() -> None:
    story = Story()
    size(story, "1Gi")
    story.create(edits=(ValueEdit(path=("quota", "memory"), value="8Gi"),))
    story.person({f"{PREVIEWS}/preview-1/{file}.yaml": None for file in ("application", "values")})
    story.create()
    size(story, "2Gi")
    assert kept(story) == []
    assert story.values()["quota"]["memory"] == "2Gi"


def test_a_preview_made_by_hand_gets_what_it_lacks_and_keeps_what_it_has(story: Story) -> None:
    story.revisions.clear()
    size(story, "2Gi", "more: 1")
    assert kept(story) == ["values.yaml: quota.memory"]
    assert (story.values()["quota"]["memory"], story.values()["more"]) == ("1Gi", 1)


def test_an_update_of_a_preview_made_by_hand_makes_its_own_places_starrys(story: Story) -> None:
    story.revisions.clear()
    story.create(images=(image("frontend2", "2.0.0"),))
    before = story.values()
    size(story, "2Gi")
    story.upgrade()
    assert story.values() == before


def test_a_person_who_split_the_source_keeps_it_and_the_preview_is_skipped(story: Story) -> None:
    story.edit("application", replaced('targetRevision: "HEAD"', "targetRevision: feature"))
    story.settings("chart: {repoURL: 'https://charts.example.com', chart: environment, targetRevision: 1.2.3}\n")
    (skipped,) = story.plan().answer.skipped
    assert "spec.source must not be set beside spec.sources" in skipped.reason
