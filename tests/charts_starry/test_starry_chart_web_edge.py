"""The web service as it is rendered: how it answers and ends, what is before it, and whom it reaches."""

import math
from pathlib import Path

import pytest

from starry_gitops.web import serving
from tests.charts.render import Object, Values, kinds, merged, nested, one
from tests.support.repos import Apps
from tests.web.served import served

from .render import CASES, EVERYTHING, ON, PROXIED, SSH, render, settings, web_cases, web_pod

HOOKS = nested("web/secret/webhookSecret/key", "hooks")


# Starts, answers, ends


def test_the_probes_paths_are_routes_of_the_page(apps: Apps) -> None:
    container = web_pod(ON)["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    monitored = one(render(EVERYTHING), "PodMonitoring", "starry")["spec"]["endpoints"][0]["path"]
    checked = one(render(ON), "BackendConfig", "starry")["spec"]["healthCheck"]["requestPath"]
    with served(apps) as page:
        for path in ("/healthz", "/readyz", monitored, checked):
            assert page.http.get(path).status_code == 200


@pytest.mark.parametrize("values", web_cases())
def test_the_pods_end_outlasts_draining_and_grace(values: Values) -> None:
    pod = web_pod(values)
    hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
    grace = float(settings(values)["STARRY_GRACE"])
    assert hook[0] == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(hook[1]) + math.ceil(grace) + serving._BEYOND
    assert pod["terminationGracePeriodSeconds"] <= 600  # Autopilot's most


def test_the_load_balancer_waits_for_writes_and_listeners() -> None:
    objects = render(merged(ON, nested("config/timeoutSeconds", 3600)))
    config = one(objects, "BackendConfig", "starry")
    assert config["apiVersion"] == "cloud.google.com/v1"
    assert config["spec"] == {
        "timeoutSec": 3600,
        "connectionDraining": {"drainingTimeoutSec": 40},
        "healthCheck": {
            "type": "HTTP", "requestPath": "/readyz", "port": 8080, "checkIntervalSec": 5,
            "timeoutSec": 3, "healthyThreshold": 1, "unhealthyThreshold": 3,
        },
    }  # fmt: skip
    service = one(objects, "Service", "starry")
    assert service["metadata"]["annotations"]["cloud.google.com/backend-config"] == '{"default":"starry"}'


def test_a_backend_of_ones_own() -> None:
    objects = render(CASES["a backend of one's own"])
    annotations = one(objects, "Service", "starry")["metadata"]["annotations"]
    assert annotations["cloud.google.com/backend-config"] == '{"default": "mine"}'
    assert kinds(objects, "BackendConfig") == {}


def test_webhooks_go_around_the_proxy_and_nothing_else_does() -> None:
    objects = render(merged(PROXIED, HOOKS))
    paths = one(objects, "Ingress", "starry")["spec"]["rules"][0]["http"]["paths"]
    assert {p["path"]: p["backend"]["service"]["name"] for p in paths} == {"/hooks": "starry-hooks", "/": "starry"}
    annotations = one(objects, "Service", "starry-hooks")["metadata"]["annotations"]
    assert annotations["cloud.google.com/backend-config"] == '{"default":"starry-hooks"}'
    assert "iap" not in one(objects, "BackendConfig", "starry-hooks")["spec"]
    assert one(objects, "BackendConfig", "starry")["spec"]["iap"] == {"enabled": True}
    for without in (PROXIED, merged(ON, HOOKS)):
        assert set(kinds(render(without), "Service")) == {"starry"}


def test_metrics_are_collected_when_wanted() -> None:
    assert kinds(render(ON), "PodMonitoring") == {}
    found = one(render(EVERYTHING), "PodMonitoring", "starry")
    assert found["apiVersion"] == "monitoring.googleapis.com/v1"
    labels = one(render(EVERYTHING), "Deployment", "starry")["spec"]["selector"]["matchLabels"]
    assert found["spec"] == {
        "selector": {"matchLabels": labels},
        "endpoints": [{"port": "http", "path": "/metrics", "interval": "30s"}],
    }


# The network


def flows(values: Values, part: str = "web") -> Object:
    return one(render(values), "NetworkPolicy", f"starry-{part}-flows")["spec"]


def opened(values: Values, part: str = "web") -> set[tuple[str, int]]:
    """(range, TCP port) of all that may be reached."""
    return {
        (to["ipBlock"]["cidr"], port["port"])
        for rule in flows(values, part)["egress"]
        for to in rule["to"]
        for port in rule["ports"]
        if "ipBlock" in to and port["port"] != 53
    }


def test_it_reaches_the_git_server_and_who_signs_in() -> None:
    narrow = nested("networkPolicy", {"gitCIDRs": ["192.0.2.0/24"], "webCIDRs": ["198.51.100.0/24"]})
    issuer = nested("web/signIn/oidc/issuer", "https://id.example.com:8443/realms/main")
    assert opened(merged(ON, narrow, issuer)) == {
        ("192.0.2.0/24", 443), ("198.51.100.0/24", 443), ("198.51.100.0/24", 8443),
    }  # fmt: skip
    assert opened(merged(PROXIED, narrow)) == {("192.0.2.0/24", 443), ("198.51.100.0/24", 443)}
    assert opened(merged(ON, narrow), "gc") == {("192.0.2.0/24", 443)}


def test_everything_public_leaves_out_what_is_private() -> None:
    for rule in flows(ON)["egress"][1:]:
        (to,) = rule["to"]
        assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(to["ipBlock"]["except"])


@pytest.mark.parametrize("part", ["web", "gc"])
def test_the_forges_port_is_open_where_there_is_a_token(part: str) -> None:
    values = merged(ON, SSH, nested("networkPolicy", {"gitCIDRs": ["192.0.2.0/24"], "webCIDRs": ["10.5.0.0/16"]}))
    forge = nested("forge/secret/key", "forge")
    assert {port for cidr, port in opened(values, part) if cidr == "192.0.2.0/24"} == {22}
    assert {port for cidr, port in opened(merged(values, forge), part) if cidr == "192.0.2.0/24"} == {22, 443}


def test_collectors_get_in_when_metrics_are_wanted() -> None:
    names = [set(source) for source in flows(ON)["ingress"][0]["from"]]
    assert names == [{"ipBlock"}, {"ipBlock"}]
    inside = merged(CASES["web without its parts"], nested("web/metrics/enabled", True))
    (rule,) = flows(inside)["ingress"]
    (source,) = rule["from"]
    assert source["namespaceSelector"]["matchExpressions"][0]["values"] == ["gmp-system", "gke-gmp-system"]
    assert "ingress" not in flows(CASES["web without its parts"])


# Its files


def test_the_mirror_and_clones_fit_where_they_may_be() -> None:
    pod = web_pod(ON)
    told = settings(ON)
    assert told["TMPDIR"] == "/tmp"
    assert {"name": "tmp", "mountPath": "/tmp"} in pod["containers"][0]["volumeMounts"]
    size = int(pod["volumes"][0]["emptyDir"]["sizeLimit"].removesuffix("Mi"))
    assert size <= int(pod["containers"][0]["resources"]["limits"]["ephemeral-storage"].removesuffix("Mi"))


def test_terraform_names_its_account() -> None:
    workloads = Path(__file__).parents[2] / "terraform" / "google" / "workloads.tf"
    assert f"[starry/{web_pod(ON)['serviceAccountName']}]" in workloads.read_text(encoding="utf-8")
