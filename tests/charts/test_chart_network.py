"""The flows that NetworkPolicies leave open, worked out from the rendered policies as a cluster would."""

from collections.abc import Iterator, Mapping

import pytest

from .cases import CASES, IMAGE, SHARED_INGRESS
from .render import Object, article, kinds, merged, nested, one, pod_templates, render

HEALTH_CHECKS = {"130.211.0.0/22", "35.191.0.0/16"}


def matches(selector: Object, labels: Mapping[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def rules(policies: list[Object], labels: Mapping[str, str], direction: str) -> Iterator[Object]:
    """The rules of one direction that hold for a pod."""
    for policy in policies:
        spec = policy["spec"]
        if direction.capitalize() in spec["policyTypes"] and matches(spec["podSelector"], labels):
            yield from spec.get(direction, [])


def opens(rule: Object, side: str, labels: Mapping[str, str], port: int) -> bool:
    peers = [peer for peer in rule[side] if "podSelector" in peer and "namespaceSelector" not in peer]
    return any(matches(peer["podSelector"], labels) for peer in peers) and port in {p["port"] for p in rule["ports"]}


def flows(objects: list[Object]) -> set[tuple[str, str, int]]:
    """(from, to, port) of all that pods of the preview may open to each other."""
    policies = list(kinds(objects, "NetworkPolicy").values())
    pods = {
        o["metadata"]["labels"]["app.kubernetes.io/name"]: t["metadata"]["labels"] for o, t in pod_templates(objects)
    }
    ports = {p["port"] for service in kinds(objects, "Service").values() for p in service["spec"]["ports"]} | {22, 443}
    return {
        (source, target, port)
        for source, from_labels in pods.items()
        for target, to_labels in pods.items()
        for port in ports
        if any(opens(rule, "to", to_labels, port) for rule in rules(policies, from_labels, "egress"))
        and any(opens(rule, "from", from_labels, port) for rule in rules(policies, to_labels, "ingress"))
    }


STORES = {("backend", "starry-redis-master", 6379), ("backend", "db1", 5432), ("backend", "db2", 5432)}
FRONTENDS = {("frontend1", "backend", 8080), ("frontend2", "backend", 8080)}
SEED = {("seed", "starry-redis-master", 6379), ("seed", "db1", 5432), ("seed", "db2", 5432)}
E2E = {("e2e", "backend", 8080), ("e2e", "frontend1", 8080), ("e2e", "frontend2", 8080)}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("article", STORES | FRONTENDS),
        ("created: backend", STORES),
        ("created: backend frontend1", STORES | {("frontend1", "backend", 8080)}),
        ("databases/db2/enabled: False", (STORES - {("backend", "db2", 5432)}) | FRONTENDS),
        ("backend/enabled: False", set()),
        ("no stores", FRONTENDS),
        ("jobs", STORES | FRONTENDS | SEED | E2E),
        (
            "other components",
            {
                ("api", "db1", 5432),
                ("worker", "db1", 5432),
                ("worker", "starry-redis-master", 6379),
                ("web", "api", 8080),
                ("admin-panel", "api", 8080),
            },
        ),
    ],
)
def test_flows_inside_the_preview(case: str, expected: set[tuple[str, str, int]]) -> None:
    assert flows(render(CASES[case])) == expected


def test_everything_is_denied_first(objects: list[Object]) -> None:
    if not kinds(objects, "NetworkPolicy"):
        pytest.skip("this case switches policies off")
    deny = one(objects, "NetworkPolicy", "default-deny")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def blocks(rule_list: Iterator[Object], side: str) -> set[str]:
    return {peer["ipBlock"]["cidr"] for rule in rule_list for peer in rule[side] if "ipBlock" in peer}


def outside(values: Object, component: str) -> tuple[set[str], set[str]]:
    """Address ranges that may reach a component, and that it may reach."""
    objects = render(values)
    policies = list(kinds(objects, "NetworkPolicy").values())
    labels = one(objects, "Deployment", component)["spec"]["template"]["metadata"]["labels"]
    dns = {"169.254.20.10/32", "169.254.169.254/32"}
    return blocks(rules(policies, labels, "ingress"), "from"), blocks(rules(policies, labels, "egress"), "to") - dns


@pytest.mark.parametrize("component", ["backend", "frontend1", "frontend2"])
def test_load_balancers_come_in_and_nothing_goes_out(component: str) -> None:
    assert outside(article(), component) == (HEALTH_CHECKS, set())


def test_nothing_comes_in_when_nothing_is_exposed() -> None:
    assert outside(article(nested("ingress/enabled", False)), "backend") == (set(), set())
    assert outside(CASES["other components"], "worker") == (set(), set())


def test_egress_that_is_asked_for() -> None:
    more = nested("networkPolicy/egress", [{"cidr": "10.0.0.0/8", "ports": [443]}])
    assert outside(article(more), "backend")[1] == {"10.0.0.0/8"}


def test_workload_identity_reaches_the_metadata_server() -> None:
    values = article(nested("serviceAccount/gcpServiceAccount", "p@myproj.iam.gserviceaccount.com"))
    assert "169.254.169.252/32" in outside(values, "backend")[1]


def test_stores_reach_nothing_and_are_reached_from_inside_only() -> None:
    objects = render(article())
    policies = [p for p in kinds(objects, "NetworkPolicy").values() if p["metadata"]["name"] != "dns"]
    for name, store in kinds(objects, "StatefulSet").items():
        labels = store["spec"]["template"]["metadata"]["labels"]
        assert list(rules(policies, labels, "egress")) == [], name
        assert blocks(rules(policies, labels, "ingress"), "from") == set()


def test_a_shared_controller_comes_in_by_its_namespace() -> None:
    policy = one(render(article(nested("ingress", SHARED_INGRESS))), "NetworkPolicy", "backend-flows")["spec"]
    selectors = [p["namespaceSelector"] for r in policy["ingress"] for p in r["from"] if "namespaceSelector" in p]
    assert selectors == [{"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}]
    assert blocks(iter(policy["ingress"]), "from") == set()


def test_prometheus_comes_in_when_it_is_told_to_scrape() -> None:
    values = article(nested("metrics", {"enabled": True, "namespace": "observability"}))
    objects = render(values)
    policy = one(objects, "NetworkPolicy", "frontend1-flows")["spec"]
    assert {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}} in policy[
        "ingress"
    ][0]["from"]
    pod = one(objects, "Deployment", "frontend1")["spec"]["template"]["metadata"]["annotations"]
    assert (pod["prometheus.io/scrape"], pod["prometheus.io/port"], pod["prometheus.io/path"]) == (
        "true",
        "8080",
        "/metrics",
    )


def test_names_are_resolved_by_the_cluster_alone() -> None:
    dns = one(render(article()), "NetworkPolicy", "dns")["spec"]
    assert {(p["port"], p["protocol"]) for rule in dns["egress"] for p in rule["ports"]} == {(53, "UDP"), (53, "TCP")}


def test_policies_select_pods_that_exist(objects: list[Object], values: Object) -> None:
    seeded = merged({"seed": {"enabled": False, "image": IMAGE}}, values)["seed"]["enabled"]
    names = {t["metadata"]["labels"]["app.kubernetes.io/name"] for _, t in pod_templates(objects)}
    for name, policy in kinds(objects, "NetworkPolicy").items():
        selected = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name")
        assert selected is None or selected in names, name
    assert ("seed" in names) is seeded
