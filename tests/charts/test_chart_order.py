"""Order of coming and going: sync waves, hooks, and nothing that outlives the Application."""

import subprocess
from itertools import pairwise

import pytest

from .cases import CASES, IMAGE
from .render import Object, article, containers, kinds, nested, one, pod_templates, render, wave

RANK = {
    "Namespace": 0,
    "ResourceQuota": 1, "LimitRange": 1, "ServiceAccount": 1, "Role": 1, "RoleBinding": 1, "NetworkPolicy": 1,
    "ConfigMap": 2, "ExternalSecret": 2, "Password": 2,
    "StatefulSet": 3,
    "Ingress": 7, "ManagedCertificate": 7, "HTTPRoute": 7, "HealthCheckPolicy": 7, "HorizontalPodAutoscaler": 7,
    "ScaledObject": 7, "PodDisruptionBudget": 7, "CronJob": 7,
}  # fmt: skip
TIERS = {"store": 3, "backend": 5, "frontend": 6}


def rank(found: Object) -> int:
    """Where in the order an object belongs, whatever number its wave has."""
    if found["kind"] == "Job":
        return 4 if found["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "Sync" else 8
    return RANK.get(found["kind"]) or TIERS.get(found["metadata"]["labels"]["app.kubernetes.io/component"], 0)


def test_waves_follow_the_order(objects: list[Object]) -> None:
    ordered = sorted((o for o in objects if rank(o) < 8), key=rank)
    for before, after in pairwise(ordered):
        same = rank(before) == rank(after)
        assert wave(before) == wave(after) if same else wave(before) < wave(after), (before["kind"], after["kind"])


def test_nothing_waits_for_the_load_balancer() -> None:
    """A ManagedCertificate is Progressing until its Ingress serves it: in an earlier wave, the sync would never end."""
    objects = render(article())
    last = max(wave(o) for o in objects)
    assert wave(one(objects, "ManagedCertificate", "preview")) == wave(one(objects, "Ingress", "preview")) == last


def test_stores_answer_before_the_backend_starts() -> None:
    waiting = one(render(article()), "Deployment", "backend")["spec"]["template"]["spec"]["initContainers"][0]
    assert waiting["env"] == [{"name": "STORES", "value": "starry-redis-master:6379 db1:5432 db2:5432"}]
    assert "initContainers" not in one(render(article()), "Deployment", "frontend1")["spec"]["template"]["spec"]


def test_nothing_outlives_the_application(objects: list[Object]) -> None:
    for found in objects:
        assert "finalizers" not in found["metadata"]
        assert not {"volumeClaimTemplates"} & set(found.get("spec", {}))
        assert "Prune=false" not in str(found["metadata"]["annotations"])
        assert "resource-policy" not in str(found["metadata"]["annotations"])
    assert {"PersistentVolumeClaim", "PersistentVolume"}.isdisjoint(o["kind"] for o in objects)
    assert {service["spec"]["type"] for service in kinds(objects, "Service").values()} == {"ClusterIP"}
    for _, template in pod_templates(objects):
        for volume in template["spec"].get("volumes", []):
            assert set(volume) - {"name"} <= {"emptyDir", "configMap"}
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": 1})


def test_the_quota_refuses_what_would_outlive_it() -> None:
    hard = one(render(article()), "ResourceQuota", "preview")["spec"]["hard"]
    for name in ("persistentvolumeclaims", "services.loadbalancers", "services.nodeports"):
        assert hard[name] == "0"


def test_the_seed_runs_once_per_content() -> None:
    def seed(size: str) -> Object:
        values = nested("seed", {"enabled": True, "image": IMAGE, "env": {"SIZE": size}})
        return next(iter(kinds(render(article(values)), "Job").values()))

    small, large = seed("small"), seed("large")
    annotations = small["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/hook"] == "Sync"
    assert annotations["argocd.argoproj.io/hook-delete-policy"] == "HookFailed"
    assert small["metadata"]["name"] == seed("small")["metadata"]["name"] != large["metadata"]["name"]
    assert small["spec"].get("ttlSecondsAfterFinished") is None  # gone, it would run again


def test_end_to_end_tests_follow_each_sync_and_fail_it() -> None:
    job = kinds(render(CASES["jobs"]), "Job")["e2e"]
    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PostSync"
    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
    assert job["spec"]["backoffLimit"] == 0
    env = {e["name"]: e.get("value") for e in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["BACKEND_URL"] == "http://backend:8080"
    assert env["FRONTEND1_PUBLIC_URL"] == "https://sample-fe-1.preview-123.starry.mycompany.com"


@pytest.mark.parametrize(("expires", "code"), [("2999-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 1)])
def test_the_watchdog_fails_once_the_preview_has_outlived_its_expiry(expires: str, code: int) -> None:
    values = article(nested("cleanup/enabled", True), nested("global/expiresAt", expires))
    job = one(render(values), "CronJob", "cleanup")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    env = {e["name"]: e["value"] for e in container["env"]}
    ran = subprocess.run(
        [*container["command"], *container["args"]], env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == code, ran.stderr
    assert expires in (ran.stderr if code else ran.stdout)
    assert env["DEADLINE"] == ("32472144600" if code == 0 else "1769861400")  # ten minutes later


def test_the_watchdog_is_off_unless_asked_for() -> None:
    assert kinds(render(article()), "CronJob") == {}


def test_a_preview_that_never_expires_has_no_watchdog() -> None:
    objects = render(article(nested("cleanup/enabled", True), nested("global/expiresAt", "never")))
    assert kinds(objects, "CronJob") == {}
    assert one(objects, "Namespace", "preview-123")["metadata"]["annotations"]["starry.env/expires-at"] == "never"


def test_fixtures_fill_fresh_stores() -> None:
    sql, commands = "CREATE TABLE t (x text);\n", "SET a 'b c'\n"
    objects = render(article(nested("databases/db1/fixtures", sql), nested("redis/fixtures", commands)))
    assert one(objects, "ConfigMap", "db1-fixtures")["data"]["10-fixtures.sql"] == sql
    assert one(objects, "ConfigMap", "starry-redis-master-fixtures")["data"]["fixtures.redis"] == commands
    mounts = {m["mountPath"] for m in store(objects, "db1")["volumeMounts"]}
    assert "/docker-entrypoint-initdb.d" in mounts
    assert "lifecycle" in store(objects, "starry-redis-master")
    assert "db2-fixtures" not in kinds(objects, "ConfigMap")


def store(objects: list[Object], name: str) -> Object:
    return one(objects, "StatefulSet", name)["spec"]["template"]["spec"]["containers"][0]


def test_scripts_are_shell(objects: list[Object]) -> None:
    """Every inline script parses."""
    for _, template in pod_templates(objects):
        for container in containers(template):
            scripts = container.get("args", []) if container.get("command") == ["sh", "-c"] else []
            scripts += container.get("lifecycle", {}).get("postStart", {}).get("exec", {}).get("command", [])[2:]
            for script in scripts:
                subprocess.run(["sh", "-n", "-c", script], check=True)


def test_working_hours_scale_to_zero() -> None:
    objects = render(article(nested("workingHours/enabled", True)))
    assert not kinds(objects, "HorizontalPodAutoscaler")
    scaled = one(objects, "ScaledObject", "backend")["spec"]
    assert scaled["minReplicaCount"] == 0
    cron, cpu = scaled["triggers"]
    assert cron["metadata"] == {
        "timezone": "Etc/UTC",
        "start": "0 7 * * 1-5",
        "end": "0 20 * * 1-5",
        "desiredReplicas": "1",
    }
    assert cpu["metadata"] == {"value": "80"}
