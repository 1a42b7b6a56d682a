"""The article's minimal values keep their meaning, and the values that `starry create` writes come to the same."""

from itertools import combinations

import pytest

from .cases import CASES, GATEWAY, SHARED_INGRESS
from .render import APPS, EXPIRES, Object, article, created, files, kinds, nested, one, render

HOSTS = {name: f"{app}.preview-123.starry.mycompany.com" for name, app in APPS.items()}


def routes(objects: list[Object]) -> dict[str, str]:
    """Component -> host, from the Ingress."""
    rules = one(objects, "Ingress", "preview")["spec"]["rules"]
    return {rule["http"]["paths"][0]["backend"]["service"]["name"]: rule["host"] for rule in rules}


def test_two_frontends_a_backend_redis_and_two_databases() -> None:
    objects = render(article())
    assert set(kinds(objects, "Deployment")) == set(APPS)
    assert set(kinds(objects, "StatefulSet")) == {"starry-redis-master", "db1", "db2"}
    assert set(kinds(objects, "Service")) == {*APPS, "starry-redis-master", "db1", "db2"}
    assert set(kinds(objects, "HorizontalPodAutoscaler")) == set(APPS)
    for autoscaler in kinds(objects, "HorizontalPodAutoscaler").values():
        assert autoscaler["spec"]["minReplicas"] == 1


def test_images_ports_and_environment() -> None:
    objects = render(article())
    for name, app in APPS.items():
        container = one(objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]
        assert container["image"] == f"us-docker.pkg.dev/myproj/{app}:pr-123-abcd123"
        assert container["imagePullPolicy"] == "IfNotPresent"
        assert one(objects, "Service", name)["spec"]["ports"][0]["port"] == 8080
        expected = article()[name]["env"]
        assert one(objects, "ConfigMap", f"{name}-config")["data"] == expected


def test_an_ingress_of_gce_with_a_managed_certificate() -> None:
    objects = render(article())
    ingress = one(objects, "Ingress", "preview")
    annotations = ingress["metadata"]["annotations"]
    assert annotations["kubernetes.io/ingress.class"] == "gce"
    assert "ingressClassName" not in ingress["spec"]
    certificate = annotations["networking.gke.io/managed-certificates"]
    assert set(one(objects, "ManagedCertificate", certificate)["spec"]["domains"]) == set(HOSTS.values())
    assert routes(objects) == HOSTS
    for name in APPS:
        assert one(objects, "Service", name)["metadata"]["annotations"]["cloud.google.com/neg"] == '{"ingress": true}'


def test_the_namespace_tells_its_time_to_live() -> None:
    annotations = one(render(article()), "Namespace", "preview-123")["metadata"]["annotations"]
    assert annotations["starry.env/ttl-minutes"] == "30"
    assert "starry.env/expires-at" not in annotations


def test_the_namespace_and_the_notes_tell_when_it_expires() -> None:
    values = article(nested("global/expiresAt", EXPIRES))
    annotations = one(render(values), "Namespace", "preview-123")["metadata"]["annotations"]
    assert annotations["starry.env/expires-at"] == EXPIRES
    assert f"until {EXPIRES}" in files(values)["NOTES.txt"]
    assert "for good" in files(article(nested("global/expiresAt", "never")))["NOTES.txt"]
    assert "for 30 minutes" in files(article())["NOTES.txt"]


@pytest.mark.parametrize("template", ["{app}.{name}.starry.mycompany.com", "{name}.{app}.starry.mycompany.com"])
@pytest.mark.parametrize(
    "frontends", [c for n in range(3) for c in combinations(("frontend1", "frontend2"), n)], ids=str
)
def test_values_that_create_writes(frontends: tuple[str, ...], template: str) -> None:
    components = ["backend", *frontends]
    objects = render(created(components, template=template))
    assert set(kinds(objects, "Deployment")) == set(components)
    expected = {name: template.format(app=APPS[name], name="preview-123") for name in components}
    assert routes(objects) == expected
    assert set(one(objects, "ManagedCertificate", "preview")["spec"]["domains"]) == set(expected.values())


def test_values_that_create_writes_mean_what_the_article_says() -> None:
    assert render(created(APPS)) == render(article())


@pytest.mark.parametrize(
    ("apps", "hosts", "owners"),
    [
        # an app that is the beginning of another
        ({"a": "fe", "b": "fe-1"}, ["fe.x.com", "fe-1.x.com"], {"fe.x.com": "a", "fe-1.x.com": "b"}),
        ({"a": "fe", "b": "fe-1"}, ["p-fe-1.x.com", "p-fe.x.com"], {"p-fe.x.com": "a", "p-fe-1.x.com": "b"}),
        # a preview, or a domain, that is named like an app
        (
            {"a": "be", "b": "fe-1"},
            ["be.fe-1.x.com", "fe-1.fe-1.x.com"],
            {"be.fe-1.x.com": "a", "fe-1.fe-1.x.com": "b"},
        ),
        ({"a": "be"}, ["be.be.com"], {"be.be.com": "a"}),
        # several hosts for one component
        ({"a": "be"}, ["be.x.com", "be.y.org"], {"be.x.com": "a", "be.y.org": "a"}),
        # an app in the middle of a label
        ({"a": "be", "b": "fe"}, ["pr-be-7.x.com", "pr-fe-7.x.com"], {"pr-be-7.x.com": "a", "pr-fe-7.x.com": "b"}),
    ],
)
def test_whose_host_is_whose(apps: dict[str, str], hosts: list[str], owners: dict[str, str]) -> None:
    image = {"repository": "abc", "tag": "12345"}
    components = {"backend": None, "frontend1": None, "frontend2": None} | {n: {"app": a} for n, a in apps.items()}
    values = {"global": {"ttlMinutes": 30}, "ingress": {"hosts": hosts}, "components": components}
    rules = one(render(values | {name: {"image": image} for name in apps}), "Ingress", "preview")["spec"]["rules"]
    assert {rule["host"]: rule["http"]["paths"][0]["backend"]["service"]["name"] for rule in rules} == owners


def test_a_host_that_is_named_outright() -> None:
    objects = render(
        article(nested("backend/host", "api.example.com"), nested("ingress/hosts", list(HOSTS.values())[1:]))
    )
    assert routes(objects)["backend"] == "api.example.com"


def test_the_host_of_a_component_that_is_off_is_not_served() -> None:
    objects = render(article(nested("frontend2/enabled", False)))
    assert routes(objects) == {name: host for name, host in HOSTS.items() if name != "frontend2"}


def test_a_shared_gateway_takes_the_place_of_ingress_and_certificate() -> None:
    objects = render(article(nested("ingress/tls", GATEWAY)))
    assert not kinds(objects, "Ingress") | kinds(objects, "ManagedCertificate")
    for name, host in HOSTS.items():
        route = one(objects, "HTTPRoute", name)["spec"]
        assert route["hostnames"] == [host]
        parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "sectionName": "https"}
        assert route["parentRefs"] == [parent | {"name": "previews", "namespace": "gateways"}]
        config = one(objects, "HealthCheckPolicy", name)["spec"]["default"]["config"]
        assert config == {"type": "HTTP", "httpHealthCheck": {"port": 8080, "requestPath": "/"}}


def test_a_shared_controller_serves_its_own_certificate() -> None:
    objects = render(article(nested("ingress", SHARED_INGRESS)))
    ingress = one(objects, "Ingress", "preview")["spec"]
    assert ingress["ingressClassName"] == "nginx"
    assert ingress["tls"] == [{"hosts": sorted(HOSTS.values())}]
    assert not kinds(objects, "ManagedCertificate")


def test_components_are_data() -> None:
    objects = render(CASES["other components"])
    assert set(kinds(objects, "Deployment")) == {"api", "worker", "web", "admin-panel", "docs"}
    assert set(kinds(objects, "StatefulSet")) == {"starry-redis-master", "db1"}
    assert set(routes(objects)) == {"api", "web", "admin-panel", "docs"}
    assert one(objects, "ConfigMap", "worker-config")["data"] == {
        "DB1_URL": "postgres://db1:5432/app",
        "REDIS_URL": "redis://starry-redis-master:6379",
    }
