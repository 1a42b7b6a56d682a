"""Objects as a cluster holds them."""

from datetime import timedelta
from typing import Any

from tests.support.basics import now, stamp
from tests.support.repos import REPO_URL

Object = dict[str, Any]


def ago(**parts: float) -> str:
    return stamp(now() - timedelta(**parts))


def meta(name: str, namespace: str | None = None, **more: Any) -> Object:
    place = {} if namespace is None else {"namespace": namespace}
    return {"name": name, **place, "uid": f"uid-{name}", "creationTimestamp": ago(minutes=1), **more}


def application(
    name: str,
    revision: str | None,
    *,
    sync: str = "Synced",
    health: str = "Healthy",
    annotations: dict[str, str] | None = None,
    conditions: list[tuple[str, str]] = (),
    operation: Object | None = None,
    namespace: str = "argocd",
    spec: Object | None = None,
    status: Object | None = None,
    **metadata: Any,
) -> Object:
    """An Application with one source, as Argo CD leaves it after a sync."""
    compared: Object = {"status": sync} if revision is None else {"status": sync, "revision": revision}
    labels = {"app.kubernetes.io/managed-by": "starry", "app.kubernetes.io/part-of": "starry", "starry.env": name}
    finished = {
        "phase": "Succeeded",
        "message": "successfully synced (all tasks run)",
        "startedAt": ago(seconds=50),
        "finishedAt": ago(seconds=40),
        "operation": {"sync": {}},
        "syncResult": {
            "revision": revision or "",
            "source": {"repoURL": REPO_URL, "path": "charts/environment"},
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": meta(
            name,
            namespace,
            labels=labels,
            annotations=annotations or {},
            finalizers=["resources-finalizer.argocd.argoproj.io"],
            **metadata,
        ),
        "spec": spec
        or {
            "project": "starry",
            "source": {"repoURL": REPO_URL, "path": "charts/environment", "targetRevision": "HEAD"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
        },
        "status": {
            "sync": {**compared, "comparedTo": {"destination": {}, "source": {"repoURL": REPO_URL}}},
            "health": {"status": health, "lastTransitionTime": ago(seconds=30)},
            "reconciledAt": ago(seconds=20),
            "operationState": {**finished, **(operation or {})},
            "conditions": [
                {"type": kind, "message": message, "lastTransitionTime": ago(seconds=30)}
                for kind, message in conditions
            ],
            **(status or {}),
        },
    }


def pod(name: str, namespace: str, **status: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(name, namespace),
        "spec": {"containers": [{"name": "backend", "image": "us-docker.pkg.dev/myproj/sample-be:1.0.0"}]},
        "status": {"phase": "Pending", **status},
    }


def waiting_pod(name: str, namespace: str, reason: str, message: str = "") -> Object:
    state: Object = {"reason": reason, **({"message": message} if message else {})}
    container = {
        "name": "backend",
        "image": "sample-be",
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"waiting": state},
    }
    return pod(name, namespace, containerStatuses=[container])


def event(about: str, name: str, namespace: str, reason: str, message: str, *, at: str | None = None) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": meta(f"{name}.{reason.lower()}", namespace),
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": at or ago(seconds=5),
        "involvedObject": {"kind": about, "name": name, "namespace": namespace},
    }


def namespace(name: str, *, deleting: str | None = None, conditions: list[tuple[str, str]] = ()) -> Object:
    more = {"deletionTimestamp": deleting} if deleting else {}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": meta(name, labels={"starry.env": name}, **more),
        "spec": {"finalizers": ["kubernetes"]},
        "status": {
            "phase": "Terminating" if deleting else "Active",
            "conditions": [
                {"type": kind, "status": "True", "message": message, "lastTransitionTime": ago(minutes=20)}
                for kind, message in conditions
            ],
        },
    }


def config_map(name: str, data: dict[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(name, "argocd"), "data": data}


def project(name: str = "starry", **spec: Any) -> Object:
    base = {
        "sourceRepos": [REPO_URL],
        "destinations": [{"server": "https://kubernetes.default.svc", "namespace": "*"}],
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": meta(name, "argocd"),
        "spec": {**base, **spec},
    }
