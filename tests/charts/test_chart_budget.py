"""What a preview may cost: every pod fits the quota and the limit range, also while it is rolled out."""

from decimal import Decimal

import pytest
import yaml

from .cases import CASES
from .render import CHART, Object, Values, article, containers, kinds, merged, nested, one, pod_templates, render

UNITS = {"m": Decimal("0.001"), "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def amount(quantity: object) -> Decimal:
    text = str(quantity)
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            return Decimal(text.removesuffix(unit)) * factor
    return Decimal(text)


def pods(objects: list[Object], owner: Object) -> int:
    """The most pods that an owner has at one time."""
    if owner["kind"] != "Deployment":
        return 1
    scaled = kinds(objects, "HorizontalPodAutoscaler") | kinds(objects, "ScaledObject")
    found = scaled.get(owner["metadata"]["name"])
    spec = found["spec"] if found else {"maxReplicas": owner["spec"]["replicas"]}
    return spec.get("maxReplicas", spec.get("maxReplicaCount")) + 1  # maxSurge


def total(objects: list[Object], bound: str, resource: str) -> Decimal:
    found = Decimal(0)
    for owner, template in pod_templates(objects):
        running = sum(amount(c["resources"][bound][resource]) for c in template["spec"]["containers"])
        first = max(
            [amount(c["resources"][bound][resource]) for c in template["spec"].get("initContainers", [])], default=0
        )
        found += pods(objects, owner) * max(running, first)
    return found


PREVIEW: Values = yaml.safe_load((CHART / "values.preview.yaml").read_text(encoding="utf-8"))
JOBS = {"e2e": CASES["jobs"]["e2e"], "cleanup": {"enabled": True}, "global": {"expiresAt": "2026-01-31T12:00:00Z"}}


@pytest.mark.parametrize(
    "values", [article(JOBS), merged(PREVIEW, article(JOBS)), CASES["jobs"], CASES["other components"]]
)
def test_everything_at_its_most_fits_the_quota(values: Values) -> None:
    objects = render(values)
    hard = one(objects, "ResourceQuota", "preview")["spec"]["hard"]
    for name, most in hard.items():
        bound, _, resource = name.partition(".")
        if bound in {"requests", "limits"}:
            assert total(objects, bound, resource) <= amount(most), name
    assert sum(pods(objects, owner) for owner, _ in pod_templates(objects)) <= int(hard["pods"])


def test_every_container_names_requests_and_limits_within_the_range(objects: list[Object]) -> None:
    for _, template in pod_templates(objects):
        for container in containers(template):
            for resource, most in {"cpu": "2", "memory": "2Gi", "ephemeral-storage": "2Gi"}.items():
                request = amount(container["resources"]["requests"][resource])
                limit = amount(container["resources"]["limits"][resource])
                assert 0 < request <= limit <= amount(most), (container["name"], resource)


def test_scratch_space_fits_the_limit(objects: list[Object]) -> None:
    """A pod whose emptyDirs grow past its ephemeral-storage limit is evicted: a volume's own limit must come first."""
    for _, template in pod_templates(objects):
        volumes = [v["emptyDir"]["sizeLimit"] for v in template["spec"].get("volumes", []) if "emptyDir" in v]
        limit = sum(amount(c["resources"]["limits"]["ephemeral-storage"]) for c in template["spec"]["containers"])
        assert sum(map(amount, volumes)) <= limit


def test_spot_is_for_what_may_go() -> None:
    objects = render(article(nested("scheduling/spot", True)))
    for owner, template in pod_templates(objects):
        selector = template["spec"].get("nodeSelector", {})
        assert (selector.get("cloud.google.com/gke-spot") == "true") is (owner["kind"] == "Deployment")
    assert all(t["spec"]["terminationGracePeriodSeconds"] <= 15 for _, t in pod_templates(objects))  # what Spot gives


def test_the_preview_layer_keeps_previews_small() -> None:
    objects = render(merged(PREVIEW, article()))
    assert {h["spec"]["maxReplicas"] for h in kinds(objects, "HorizontalPodAutoscaler").values()} == {1}
    assert set(kinds(objects, "ExternalSecret")) == {"store-passwords"}
