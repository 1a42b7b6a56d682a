"""upgrade: a live preview gets what today's template and settings make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.upgrade_story import BUILT_IN, Story, replaced
from tests.unit.world import SETTINGS, empty, image

FACTS = ("created-at", "expires-at", "ttl-minutes", "owner", "pull-request", "branch", "commit", "sequence", "pinned")


@pytest.fixture
def story() -> Story:
    """One preview of the backend alone."""
    story = Story()
    story.create()
    return story


def test_what_is_up_to_date_stays_as_it_is(story: Story) -> None:
    plan = story.plan()
    assert (plan.changes, plan.message) == ((), "")
    assert (plan.answer.checked, plan.answer.outdated, plan.answer.kept) == (1, 0, ())


SETTINGS_CHANGES = {
    "another domain": "",
    "another host template": "hostTemplate: '{name}.{app}.{domain}'\n",
    "another project": "project: other\n",
    "another namespace of Argo CD": "overlays: {dev: {path: overlays/dev, previews: true, argocdNamespace: gitops}}\n",
    "another cluster": "overlays: {dev: {path: overlays/dev, previews: true, destination: {name: far}}}\n",
    "a chart elsewhere in the repository": "chart: {path: charts/other}\n",
    "a Git chart": "chart: {repoURL: 'https://github.com/myorg/chart.git', targetRevision: v2, path: .}\n",
    "a Helm chart": "chart: {repoURL: 'https://charts.example.com', chart: environment, targetRevision: 1.2.3}\n",
    "other value files": "chart: {valueFiles: [values.yaml, more.yaml]}\n",
    "a described chart": "chart: {describe: true}\n",
    "another env": "components: {backend: {app: sample-be, image: us-docker.pkg.dev/myproj/sample-be, required: true,"
    " env: {SELF: 'https://{host.backend}'}}}\n",
    "a renamed app": "components: {backend: {app: api, image: us-docker.pkg.dev/myproj/sample-be, required: true}}\n",
}


@pytest.mark.parametrize("extra", SETTINGS_CHANGES.values(), ids=SETTINGS_CHANGES)
def test_other_settings_make_what_a_new_preview_would_get(story: Story, extra: str) -> None:
    base = SETTINGS.replace("starry.mycompany.com", "previews.example.org") if not extra else SETTINGS
    story.settings(extra, base)
    fresh = Story(tree=empty(base + extra))
    fresh.create()
    answer = story.upgrade()
    assert (answer.outdated, answer.skipped, answer.kept) == (1, (), ())
    assert story.application() == fresh.application()
    assert story.values() == fresh.values() | {
        key: value for key, value in story.values().items() if key not in fresh.values()
    }


@pytest.mark.parametrize("extra", SETTINGS_CHANGES.values(), ids=SETTINGS_CHANGES)
def test_there_and_back_again(story: Story, extra: str) -> None:
    before = story.application(), story.values()
    base = SETTINGS.replace("starry.mycompany.com", "previews.example.org") if not extra else SETTINGS
    story.settings(extra, base)
    story.upgrade()
    story.settings("")
    story.upgrade()
    assert (story.application(), story.values()) == before


def test_a_component_that_is_new_in_the_settings_is_off(story: Story) -> None:
    part = "{app: sample-be, image: us-docker.pkg.dev/myproj/sample-be, required: true}"
    story.settings(f"components: {{backend: {part}, worker: {{app: wk, image: us-docker.pkg.dev/myproj/wk}}}}\n")
    assert story.upgrade().outdated == 1
    assert story.values()["worker"] == {"enabled": False}
    assert "frontend1" not in story.values()


def test_a_revision_of_a_chart_elsewhere_follows_the_settings(story: Story) -> None:
    chart = "chart: {{repoURL: 'https://github.com/myorg/chart.git', targetRevision: {}, path: .}}\n"
    story.settings(chart.format("v1"))
    story.upgrade()
    story.settings(chart.format("v2"))
    assert story.upgrade().outdated == 1
    assert [one["targetRevision"] for one in story.application()["spec"]["sources"]] == ["v2", "HEAD"]


def test_the_repositorys_url_stays_when_the_chart_moves_and_the_settings_name_none() -> None:
    story = Story(tree=empty("domain: starry.mycompany.com\n"))
    story.create()
    story.edit("application", replaced("https://github.com/myorg/argocd-apps.git", "ssh://git@inside/argocd-apps.git"))
    story.person({"starry.yaml": "domain: starry.mycompany.com\nchart: {repoURL: 'https://c.example/x', chart: x}\n"})
    plan = story.plan()
    assert plan.answer.outdated + len(plan.answer.skipped) == 1
    new = "".join(change.text for change in plan.changes if hasattr(change, "text"))
    assert "https://github.com/myorg/argocd-apps.git" not in new


def test_the_template_may_change_twice_with_an_upgrade_between(story: Story) -> None:
    for size in ("1Gi", "2Gi", "3Gi"):
        story.template("values", lambda old, size=size: old.split("quota:")[0] + f"quota:\n  memory: {size}\n")
        assert story.upgrade().outdated == 1
        assert story.values()["quota"] == {"memory": size}
    story.template("values", lambda old: old.split("quota:")[0])
    story.upgrade()
    assert "quota" not in story.values()


def test_a_template_that_is_taken_away_again_leaves_the_built_in_one(story: Story) -> None:
    before = story.values()
    story.template("values", lambda old: old.replace("ttlMinutes", "team: blue\n  ttlMinutes"))
    story.upgrade()
    assert story.values()["global"]["team"] == "blue"
    story.person({f"{BUILT_IN}/values.yaml.j2": None})
    story.upgrade()
    assert story.values() == before


def test_expiry_owner_and_all_other_facts_stay(story: Story) -> None:
    story.create("preview-2", owner="Alice B.", commit="abc1234", sequence=7, ttl=45)
    story.extend("preview-2", pinned=True)
    story.now += timedelta(minutes=20)
    before = story.application("preview-2")["metadata"]["annotations"]
    story.settings("project: other\n")
    assert story.upgrade().outdated == 2
    after = story.application("preview-2")["metadata"]["annotations"]
    assert after == before
    assert {f"starry.env/{key}" for key in FACTS} & set(before) >= {"starry.env/pinned", "starry.env/owner"}


def test_an_update_between_keeps_its_image(story: Story) -> None:
    story.create(images=(image(tag="2.0.0"), image("frontend1", "3.0.0")))
    story.settings("", SETTINGS.replace("starry.mycompany.com", "previews.example.org"))
    answer = story.upgrade()
    assert (answer.outdated, answer.kept) == (1, ())
    values = story.values()
    assert (values["backend"]["image"]["tag"], values["frontend1"]["image"]["tag"]) == ("2.0.0", "3.0.0")
    assert values["ingress"]["hosts"] == [
        f"{app}.preview-1.previews.example.org" for app in ("sample-be", "sample-fe-1")
    ]


def test_the_oldest_come_first_in_a_batch(story: Story) -> None:
    for number in (2, 3):
        story.now += timedelta(minutes=1)
        story.create(f"preview-{number}")
    story.settings("project: other\n")
    answer = story.upgrade(batch=2)
    assert ([one.name for one in answer.updated], answer.remaining) == (["preview-1", "preview-2"], 1)
    answer = story.upgrade(batch=2)
    assert ([one.name for one in answer.updated], answer.remaining) == (["preview-3"], 0)


def test_names_that_begin_with_one_another_are_not_mixed_up() -> None:
    story = Story()
    for name in ("a", "a-b", "a-b-c"):
        story.create(name)
    story.edit("values", replaced("global:", "team: mine\nglobal:"), name="a-b")
    story.settings("project: other\n")
    answer = story.upgrade(names=("a-b",))
    assert [one.name for one in answer.updated] == ["a-b"]
    assert story.application("a")["spec"]["project"] == "starry"


def test_the_message_names_every_preview_and_what_was_kept(story: Story) -> None:
    story.create("preview-2")
    story.edit("values", replaced("sample-be.preview-1", "own.preview-1"))
    story.settings("hostTemplate: '{app}.{name}.x.{domain}'\nproject: other\n")
    message = story.plan().message
    assert message.startswith("previews(dev): upgrade 2 previews\n\npreview-1: kept values.yaml: ingress.hosts\n")
    assert message.endswith(
        "Starry-Action: upgrade\nStarry-Preview: preview-1\nStarry-Preview: preview-2\n"
        "Starry-Overlay: dev\nStarry-Version: 0.0.0\n"
    )


def test_the_decision_is_the_same_in_every_process(story: Story) -> None:
    story.template("values", lambda old: old + "new1: 1\nnew2: 2\nnew3: 3\nnew4: {b: 1, a: 2}\n")
    assert story.upgrade().outdated == 1
    assert list(story.values())[-4:] == ["new1", "new2", "new3", "new4"]
    assert list(story.values()["new4"]) == ["b", "a"]


def test_intent_of_one_owner_or_label_means_only_those(story: Story) -> None:
    story.create("preview-2", owner="alice")
    story.settings("project: other\n")
    assert [one.name for one in story.plan(owner="alice").answer.updated] == ["preview-2"]
    labels = {"starry.env": "preview-1"}
    assert [one.name for one in story.plan(labels=labels).answer.updated] == ["preview-1"]
    assert story.plan(owner="alice", labels=labels).answer == replace(
        story.plan(owner="alice", labels=labels).answer, checked=0, updated=()
    )
