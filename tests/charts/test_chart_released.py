"""Objects of operators whose definitions stand in released Go modules."""

from pathlib import Path
from typing import Any

import pytest

from .cases import CASES, GATEWAY
from .released import RELEASED, definition
from .render import APPS, Object, article, created, kinds, merged, nested, render
from .schemas import crd, told

LONG = "preview-" + "x" * 45
ALL_ON = merged(
    nested("ingress/tls", GATEWAY), nested("workingHours/enabled", True), nested("secrets/generated/enabled", True)
)
TCP = nested("componentDefaults/probes/type", "tcp")
BROKEN: dict[str, list[tuple[str, Any]]] = {
    "Password": [("spec/lenght", 32), ("spec/length", "32"), ("spec/encoding", "rot13"), ("spce", {})],
    "ScaledObject": [
        ("spec/minReplicas", 0),
        ("spec/maxReplicaCount", "2"),
        ("spec/scaleTargetRef/name", 5),
        ("spec/triggers", [{"type": "cron", "metadata": {"desiredReplicas": 1}}]),
    ],
    "HTTPRoute": [
        ("spec/hosts", ["a.example.com"]),
        ("spec/hostnames", ["https://a.example.com"]),
        ("spec/parentRefs", [{"namespace": "gateways"}]),
        ("spec/rules", [{"backendRefs": [{"name": "backend", "port": "http"}]}]),
    ],
}


def everything(kind: str) -> list[Object]:
    """All objects of one kind in all cases, with long names, and with what `starry create` writes."""
    layers = [CASES, {"on": article(ALL_ON), "tcp": article(ALL_ON, TCP)}]
    rendered = [render(values) for cases in layers for values in cases.values()]
    rendered.append(render(merged(created(APPS, name=LONG), ALL_ON), LONG))
    return [found for objects in rendered for found in kinds(objects, kind).values()]


@pytest.fixture
def file(kind: str) -> Path:
    """The kind's definition."""
    found = definition(kind)
    if found is None:
        pytest.skip(f"{RELEASED[kind][0]} is not at hand: it takes Go, and a module proxy or a filled module cache")
    return found


@pytest.mark.parametrize("kind", RELEASED)
def test_objects_are_valid(kind: str, file: Path) -> None:
    objects = everything(kind)
    assert len(objects) > 3
    assert [problem for o in objects for problem in told(o, crd(file, o["apiVersion"]))] == []


@pytest.mark.parametrize(("kind", "path", "value"), [(kind, p, v) for kind, all_ in BROKEN.items() for p, v in all_])
def test_broken_objects_are_not(kind: str, path: str, value: Any, file: Path) -> None:
    found = next(iter(kinds(render(article(ALL_ON)), kind).values()))
    assert told(merged(found, nested(path, value)), crd(file, found["apiVersion"]))


@pytest.mark.parametrize(
    ("probes", "config"),
    [
        ({}, {"type": "HTTP", "httpHealthCheck": {"port": 8080, "requestPath": "/"}}),
        ({"path": "/healthz"}, {"type": "HTTP", "httpHealthCheck": {"port": 8080, "requestPath": "/healthz"}}),
        ({"type": "tcp"}, {"type": "TCP", "tcpHealthCheck": {"port": 8080}}),
    ],
)
def test_health_checks(probes: Object, config: Object) -> None:
    """GKE's HealthCheckPolicy by hand: its definition stands in no module that is served."""
    policies = kinds(render(article(ALL_ON, nested("componentDefaults/probes", probes))), "HealthCheckPolicy")
    assert set(policies) == set(APPS)
    for name, found in policies.items():
        assert found["apiVersion"] == "networking.gke.io/v1"
        target = {"group": "", "kind": "Service", "name": name}
        assert found["spec"] == {"default": {"config": config}, "targetRef": target}
