"""A fork's pull request gets a preview by a maintainer's label alone, and no secret ever: rendered by Helm itself."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from starry_gitops.core.model import PullRequest, Source
from starry_gitops.helm import find_engine
from tests.support.cli import ROOT
from tests.unit.sync_world import BACKEND, WORLD, Forges, pull, skipped, sync, told
from tests.unit.world import PREVIEWS, Tree, create, problems, text

FORK = "somebody/sample-be"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"
ORGANISATION = {
    "secrets": {
        "existingSecret": "ours",
        "externalSecret": {
            "enabled": True,
            "data": {"DB_PASSWORD": "db-password", "REDIS_PASSWORD": "redis-password", "API_KEY": "our-api-key"},
        },
    },
    "serviceAccount": {"gcpServiceAccount": "ours@myproj.iam.gserviceaccount.com", "automountToken": True},
    "components": {"backend": {"secrets": True}},
}
"""What a chart's own values may give every preview."""
OURS = ("gsm-store", "remoteRef", "our-api-key", "db-password", "ours@myproj", "iam.gke.io", 'name: "ours"')


def of_fork(*labels: str, **changes: object) -> Forges:
    forges = Forges()
    forges.be.put(pull(1, head_repository=FORK, labels=labels, **changes))
    return forges


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def rendered(tree: Tree, path: str = VALUES) -> str:
    """What Argo CD would apply, with the organisation's values below the preview's."""
    values = merged(ORGANISATION, yaml.safe_load(text(tree, path)))
    return find_engine()(ROOT / "charts" / "environment", json.loads(json.dumps(values)), "preview-1")


def has_secrets(manifests: str) -> bool:
    return any(word in manifests for word in OURS) or "automountServiceAccountToken: true" in manifests


@pytest.mark.parametrize("labels", [(), ("preview",), ("Preview-OK",)])
def test_without_the_label_there_is_none(labels: tuple[str, ...]) -> None:
    plan = sync(WORLD, of_fork(*labels))[0]
    assert plan.changes == ()
    assert [one.reason for one in plan.answer.repositories[0].ignored] == [
        "it is a fork's, without the label preview-ok"
    ]


def test_with_the_label_there_is_one_without_secrets() -> None:
    plan, tree = sync(WORLD, of_fork("preview-ok"))
    assert told(plan) == {"preview-1": "created"}
    assert not has_secrets(rendered(tree))
    assert "kind: Deployment" in rendered(tree)
    assert problems(tree) == []
    assert "Starry-Set: preview-1 secrets.externalSecret.enabled" in plan.message
    assert sync(tree, of_fork("preview-ok"))[0].changes == ()


def test_our_own_pull_requests_have_them() -> None:
    """The counter-proof: the words that are looked for are those that the chart would render."""
    forges = Forges()
    forges.be.put(pull(1))
    manifests = rendered(sync(WORLD, forges)[1])
    assert all(word in manifests for word in OURS if word != 'name: "ours"')
    assert "automountServiceAccountToken: true" in manifests


@pytest.mark.parametrize("by", ["sync", "a pipeline"])
def test_secrets_that_somebody_switched_on_are_switched_off(by: str) -> None:
    if by == "sync":
        tree = sync(WORLD, of_fork("preview-ok"))[1]
        tree = tree.put(
            {VALUES: text(tree, VALUES).replace("enabled: false\n  generated", "enabled: true\n  generated")}
        )
    else:
        url = PullRequest(number=1, url=f"{BACKEND}/pull/1")
        tree = create(WORLD, "preview-1", source=Source(name="preview-1", pull_request=url), owner="a", commit="1" * 40)
    assert has_secrets(rendered(tree))
    plan, tree = sync(tree, of_fork("preview-ok"))
    assert told(plan) == {"preview-1": "updated"}
    assert not has_secrets(rendered(tree))


def test_a_label_that_is_taken_away_takes_the_preview() -> None:
    tree = sync(WORLD, of_fork("preview-ok"))[1]
    assert told(sync(tree, of_fork())[0]) == {"preview-1": "removed"}


def test_a_chart_that_knows_no_secrets_refuses_a_forks_preview() -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"global": {}, "ingress": {}, "backend": {}},
    }
    tree = WORLD.put(
        {"charts/environment/Chart.yaml": "name: x", "charts/environment/values.schema.json": json.dumps(schema)}
    )
    components = "components: {backend: {app: be, image: a/b, required: true}}\nsync:\n  repositories:\n"
    entry = f"    be: {{url: '{BACKEND}', component: backend, forkLabel: preview-ok}}\n"
    tree = tree.put({"starry.yaml": f"domain: a.example\n{components}{entry}"})
    plan = sync(tree, of_fork("preview-ok"))[0]
    assert plan.changes == ()
    assert "secrets" in skipped(plan)["preview-1"]
