"""What a preview's pods may do: Pod Security "restricted", no tokens, no rights, only the flows of the picture."""

import pytest

from .cases import CASES
from .render import Object, article, containers, kinds, nested, one, pod_templates, render

NAMESPACED = {
    "ConfigMap", "CronJob", "Deployment", "ExternalSecret", "HTTPRoute", "HealthCheckPolicy", "HorizontalPodAutoscaler",
    "Ingress", "Job", "LimitRange", "ManagedCertificate", "NetworkPolicy", "Password", "PodDisruptionBudget",
    "ResourceQuota", "Role", "RoleBinding", "ScaledObject", "Service", "ServiceAccount", "StatefulSet",
}  # fmt: skip
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def restricted(template: Object) -> list[str]:
    """What Pod Security "restricted" would refuse, by Kubernetes' list of controls."""
    spec = template["spec"]
    pod = spec["securityContext"]
    found = [key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    found += [f"volume {v['name']}" for v in spec.get("volumes", []) if not set(v) - {"name"} <= VOLUMES]
    for container in containers(template):
        own = container["securityContext"]
        bad = {
            "privileged": own.get("privileged"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
            "capabilities": own["capabilities"].get("drop") != ["ALL"] or own["capabilities"].get("add"),
            "runAsNonRoot": not own.get("runAsNonRoot", pod.get("runAsNonRoot")),
            "runAsUser": own.get("runAsUser", pod.get("runAsUser", 1)) == 0,
            "seccomp": own.get("seccompProfile", pod.get("seccompProfile", {})).get("type") != "RuntimeDefault",
            "procMount": "procMount" in own,
            "hostPort": any("hostPort" in port for port in container.get("ports", [])),
        }
        found += [f"{container['name']}: {control}" for control, failed in bad.items() if failed]
    return found


def test_pod_security_restricted(objects: list[Object]) -> None:
    assert [(o["metadata"]["name"], found) for o, t in pod_templates(objects) if (found := restricted(t))] == []


def test_the_namespace_enforces_it() -> None:
    labels = one(render(article()), "Namespace", "preview-123")["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}


def test_root_file_systems_are_read_only(objects: list[Object]) -> None:
    writable = [
        c["name"]
        for _, t in pod_templates(objects)
        for c in containers(t)
        if not c["securityContext"]["readOnlyRootFilesystem"]
    ]
    assert set(writable) <= {"backend"}  # where the case asks for it


def test_no_kind_but_the_namespace_is_the_clusters(objects: list[Object]) -> None:
    assert {o["kind"] for o in objects} - NAMESPACED <= {"Namespace"}
    assert all(o["metadata"]["namespace"] == "preview-123" for o in objects if o["kind"] != "Namespace")


def test_tokens_are_not_mounted_unless_asked_for(objects: list[Object], values: Object) -> None:
    asked = values.get("serviceAccount", {}).get("automountToken", False)
    assert all(
        account["automountServiceAccountToken"] is False for account in kinds(objects, "ServiceAccount").values()
    )
    for owner, template in pod_templates(objects):
        mounted = template["spec"]["automountServiceAccountToken"]
        assert mounted is (asked and owner["kind"] == "Deployment")


def test_workload_identity_is_the_components_alone(objects: list[Object]) -> None:
    stores = one(objects, "ServiceAccount", "stores")["metadata"]["annotations"]
    assert "iam.gke.io/gcp-service-account" not in stores
    for owner, template in pod_templates(objects):
        assert template["spec"]["serviceAccountName"] == ("app" if owner["kind"] == "Deployment" else "stores")


def test_workload_identity_is_annotated() -> None:
    objects = render(article(nested("serviceAccount/gcpServiceAccount", "p@myproj.iam.gserviceaccount.com")))
    annotations = one(objects, "ServiceAccount", "app")["metadata"]["annotations"]
    assert annotations["iam.gke.io/gcp-service-account"] == "p@myproj.iam.gserviceaccount.com"


def test_the_role_reads_named_objects_only(objects: list[Object]) -> None:
    config_maps = kinds(objects, "ConfigMap")
    for role in kinds(objects, "Role").values():
        for rule in role["rules"]:
            assert rule["verbs"] == ["get"]
            assert rule["resources"] == ["configmaps"]
            assert rule["resourceNames"]
            assert set(rule["resourceNames"]) <= set(config_maps)


def test_no_secret_object_and_no_password_is_rendered(objects: list[Object]) -> None:
    assert kinds(objects, "Secret") == {}
    for _, template in pod_templates(objects):
        for container in containers(template):
            literal = {e["name"] for e in container.get("env", []) if "value" in e}
            assert not {n for n in literal if n.endswith(("PASSWORD", "AUTH", "TOKEN"))}


def test_passwords_are_fetched_by_name() -> None:
    fetched = one(render(article()), "ExternalSecret", "app-secrets")
    assert fetched["apiVersion"] == "external-secrets.io/v1"
    assert fetched["spec"]["secretStoreRef"] == {"name": "gsm-store", "kind": "ClusterSecretStore"}
    keys = {entry["secretKey"]: entry["remoteRef"]["key"] for entry in fetched["spec"]["data"]}
    assert keys == {"DB_PASSWORD": "db-password", "REDIS_PASSWORD": "redis-password"}


def test_generated_passwords_are_made_once_and_one_each() -> None:
    objects = render(CASES["generated and fetched"])
    made = one(objects, "ExternalSecret", "store-passwords")["spec"]
    assert made["refreshPolicy"] == "CreatedOnce"
    assert [entry["rewrite"][0]["regexp"]["target"] for entry in made["dataFrom"]] == ["DB_PASSWORD", "REDIS_PASSWORD"]
    assert one(objects, "Password", "store-passwords")["spec"]["symbols"] == 0  # they stand in URLs
    left = one(objects, "ExternalSecret", "app-secrets")["spec"]["data"]
    assert [entry["secretKey"] for entry in left] == ["API_KEY"]
    assert {"key": "api", "version": "3"}.items() <= left[0]["remoteRef"].items()


def test_generated_passwords_alone_need_no_store() -> None:
    objects = render(article(nested("secrets/generated/enabled", True)))
    assert set(kinds(objects, "ExternalSecret")) == {"store-passwords"}


@pytest.mark.parametrize("component", ["frontend1", "frontend2"])
def test_frontends_get_no_secret(component: str) -> None:
    container = one(render(article()), "Deployment", component)["spec"]["template"]["spec"]["containers"][0]
    assert [source for source in container["envFrom"] if "secretRef" in source] == []
    assert "env" not in container
