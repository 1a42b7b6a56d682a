"""What belongs together fits together: selectors and labels, ports and probes, references and what they name."""

from collections.abc import Iterator

from .cases import CASES, DIGEST
from .render import Object, Values, article, containers, kinds, nested, one, pod_templates, render


def selector(found: Object) -> Object:
    spec = found["spec"]["selector"]
    return spec.get("matchLabels", spec)


def test_selectors_choose_the_pods_of_one_owner(objects: list[Object]) -> None:
    pods = [(o["metadata"]["name"], t["metadata"]["labels"]) for o, t in pod_templates(objects)]
    for kind in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
        for name, found in kinds(objects, kind).items():
            wanted = selector(found).items()
            chosen = [owner for owner, labels in pods if wanted <= labels.items()]
            assert chosen == [name], (kind, name)


def test_ports_agree_from_service_to_probe(objects: list[Object]) -> None:
    owners = kinds(objects, "Deployment") | kinds(objects, "StatefulSet")
    for name, service in kinds(objects, "Service").items():
        container = owners[name]["spec"]["template"]["spec"]["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]
        policy = kinds(objects, "NetworkPolicy").get(f"{name}-flows")
        for rule in policy["spec"].get("ingress", []) if policy else []:
            assert {p["port"] for p in rule["ports"]} == set(ports.values())
    for name in kinds(objects, "StatefulSet"):
        assert owners[name]["spec"]["serviceName"] in kinds(objects, "Service")


def test_every_long_running_container_is_probed(objects: list[Object]) -> None:
    for owner, template in pod_templates(objects):
        if owner["kind"] in {"Deployment", "StatefulSet"}:
            container = template["spec"]["containers"][0]
            ports = {port["name"] for port in container["ports"]}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                ask = container[probe].get("httpGet") or container[probe].get("tcpSocket")
                assert ask["port"] in ports if ask else container[probe]["exec"]["command"]


def references(objects: list[Object]) -> Iterator[tuple[str, str, str | None]]:
    """(kind, name, key) of each ConfigMap and Secret that a pod needs."""
    for _, template in pod_templates(objects):
        for volume in template["spec"].get("volumes", []):
            if "configMap" in volume:
                yield "ConfigMap", volume["configMap"]["name"], None
        for container in containers(template):
            for source in container.get("envFrom", []):
                for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                    if key in source:
                        yield kind, source[key]["name"], None
            for variable in container.get("env", []):
                if "valueFrom" in variable:
                    reference = variable["valueFrom"]["secretKeyRef"]
                    yield "Secret", reference["name"], reference["key"]


def secrets(objects: list[Object], values: Values) -> dict[str, set[str]]:
    """Secret -> keys of what External Secrets makes."""
    made = {}
    for found in kinds(objects, "ExternalSecret").values():
        spec = found["spec"]
        keys = {entry["secretKey"] for entry in spec.get("data", [])}
        keys |= {entry["rewrite"][0]["regexp"]["target"] for entry in spec.get("dataFrom", [])}
        made[spec["target"]["name"]] = keys
    existing = values.get("secrets", {}).get("existingSecret")
    return made | ({existing: {"DB_PASSWORD", "REDIS_PASSWORD"}} if existing else {})


def test_references_resolve(objects: list[Object], values: Values) -> None:
    config_maps = kinds(objects, "ConfigMap")
    made = secrets(objects, values)
    for kind, name, key in references(objects):
        assert name in (config_maps if kind == "ConfigMap" else made)
        assert key is None or key in made[name]


def test_volume_mounts_name_volumes(objects: list[Object]) -> None:
    for _, template in pod_templates(objects):
        volumes = {volume["name"] for volume in template["spec"].get("volumes", [])}
        mounts = {mount["name"] for c in containers(template) for mount in c.get("volumeMounts", [])}
        assert mounts == volumes


def test_routes_lead_to_services(objects: list[Object]) -> None:
    services = kinds(objects, "Service")
    for ingress in kinds(objects, "Ingress").values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                assert backend["port"]["name"] in {p["name"] for p in services[backend["name"]]["spec"]["ports"]}
    for route in kinds(objects, "HTTPRoute").values():
        for reference in route["spec"]["rules"][0]["backendRefs"]:
            assert reference["port"] == services[reference["name"]]["spec"]["ports"][0]["port"]
    for policy in kinds(objects, "HealthCheckPolicy").values():
        assert policy["spec"]["targetRef"]["name"] in services


def test_autoscalers_name_deployments_that_leave_replicas_alone(objects: list[Object]) -> None:
    deployments = kinds(objects, "Deployment")
    scaled = kinds(objects, "HorizontalPodAutoscaler") | kinds(objects, "ScaledObject")
    for name, found in deployments.items():
        assert ("replicas" in found["spec"]) is (name not in scaled)
    for scaler in scaled.values():
        assert scaler["spec"]["scaleTargetRef"]["name"] in deployments


def test_budgets_stand_only_where_a_pod_may_go() -> None:
    assert set(kinds(render(article()), "PodDisruptionBudget")) == set()
    assert set(kinds(render(CASES["everything"]), "PodDisruptionBudget")) == {"backend"}
    assert set(kinds(render(CASES["other components"]), "PodDisruptionBudget")) == {"worker"}


def test_labels(objects: list[Object]) -> None:
    standard = {"name", "instance", "component", "part-of", "managed-by"}
    owned = [o["metadata"]["labels"] for o in objects] + [t["metadata"]["labels"] for _, t in pod_templates(objects)]
    for labels in owned:
        assert {f"app.kubernetes.io/{key}" for key in standard} <= set(labels)
        assert labels["starry.env"] == "preview-123"


def test_global_labels_never_break_a_selector() -> None:
    labels = {"app.kubernetes.io/name": "evil", "app.kubernetes.io/instance": "evil", "team": "blue"}
    objects = render(article(nested("global/labels", labels)))
    test_selectors_choose_the_pods_of_one_owner(objects)
    assert one(objects, "Deployment", "backend")["metadata"]["labels"]["team"] == "blue"


def test_a_change_of_settings_restarts_the_pods_that_read_them() -> None:
    def sums(values: Values) -> dict[str, str]:
        found = kinds(render(values), "Deployment")
        return {n: d["spec"]["template"]["metadata"]["annotations"]["checksum/config"] for n, d in found.items()}

    before, after = sums(article()), sums(article(nested("backend/env/MODE", "new")))
    assert {name for name in before if before[name] != after[name]} == {"backend"}


def test_a_digest_deploys_by_digest_everywhere() -> None:
    image = {"repository": "r/x", "tag": DIGEST}
    layers = [
        nested(f"{block}/image", image)
        for block in ("redis", "databaseDefaults", "waitForStores", "seed", "e2e", "cleanup")
    ]
    on = {"seed": {"enabled": True}, "e2e": {"enabled": True}, "cleanup": {"enabled": True}}
    objects = render(article(*layers, on, nested("global/expiresAt", "2026-01-31T12:00:00Z")))
    used = {c["image"] for _, t in pod_templates(objects) for c in containers(t)}
    assert {image for image in used if not image.startswith("us-docker")} == {f"r/x@{DIGEST}"}
