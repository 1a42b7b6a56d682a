"""What each kind of Kubernetes object says when it does not run: from its status to signs."""

from collections.abc import Callable, Iterator, Mapping

from starry_gitops.clusters.shape import Shape, one_line
from starry_gitops.core.health import Sign

Reader = Callable[[Shape], Iterator[Sign]]

_WAITING_IS_FINE = frozenset({"", "ContainerCreating", "PodInitializing"})
_STATUSES = ("initContainerStatuses", "containerStatuses")


def _name(item: Shape, kind: str) -> str:
    return f"{kind} {item.text('metadata', 'name')}"


def _pod(item: Shape) -> Iterator[Sign]:
    where = _name(item, "Pod")
    if item.text("status", "phase") == "Succeeded":
        return
    for list_name in _STATUSES:
        for status in item.each("status", list_name):
            yield from _container(status, where)
    for condition in item.each("status", "conditions"):
        is_named = condition.text("type") == "PodScheduled" or "neg-ready" in condition.text("type")
        if is_named and condition.text("status") == "False":
            yield Sign(where=where, text=f"{condition.text('reason')}: {condition.text('message')}")
    if item.text("status", "phase") == "Failed":
        yield Sign(where=where, text=_words(item.text("status", "reason"), item.text("status", "message")))


def _container(status: Shape, where: str) -> Iterator[Sign]:
    waiting = status.at("state", "waiting")
    ended = status.at("lastState", "terminated") if "lastState" in status else status.at("state", "terminated")
    if ended.text("reason") == "OOMKilled" and status.text("state", "running", "startedAt") == "":
        yield Sign(where=where, text=f"OOMKilled: container {status.text('name')}")
    if waiting.text("reason") not in _WAITING_IS_FINE:
        yield Sign(where=where, text=_words(waiting.text("reason"), waiting.text("message")))
    code = status.number("state", "terminated", "exitCode")
    if code:
        yield Sign(where=where, text=f"container {status.text('name')} failed with exit code {code}")


def _workload(kind: str) -> Reader:
    """Deployments and Jobs say in conditions what went wrong; of the good ones nothing is said."""
    bad = {("ReplicaFailure", "True"), ("Progressing", "False"), ("Failed", "True"), ("FailureTarget", "True")}

    def read(item: Shape) -> Iterator[Sign]:
        for condition in item.each("status", "conditions"):
            if (condition.text("type"), condition.text("status")) in bad:
                text = _words(condition.text("reason"), condition.text("message"))
                yield Sign(where=_name(item, kind), text=text)

    return read


def _claim(item: Shape) -> Iterator[Sign]:
    phase = item.text("status", "phase")
    if phase in {"Pending", "Lost"}:
        yield Sign(where=_name(item, "PersistentVolumeClaim"), text=f"PersistentVolumeClaim is {phase}")


def _external_secret(item: Shape) -> Iterator[Sign]:
    for condition in item.each("status", "conditions"):
        if (condition.text("type"), condition.text("status")) == ("Ready", "False"):
            text = _words(condition.text("reason"), condition.text("message"))
            yield Sign(where=_name(item, "ExternalSecret"), text=text)


def _certificate(item: Shape) -> Iterator[Sign]:
    where = _name(item, "ManagedCertificate")
    for domain in item.each("status", "domainStatus"):
        if domain.text("status") != "Active":
            yield Sign(where=where, text=f"certificate of {domain.text('domain')} is {domain.text('status')}")
    if item.text("status", "certificateStatus") != "Active":
        yield Sign(where=where, text=f"certificate is {item.text('status', 'certificateStatus') or 'Provisioning'}")


def _ingress(item: Shape) -> Iterator[Sign]:
    if not any(True for _ in item.each("status", "loadBalancer", "ingress")):
        yield Sign(where=_name(item, "Ingress"), text="the load balancer has no address yet")
    backends = item.mapping("metadata", "annotations").get("ingress.kubernetes.io/backends", "")
    if "UNHEALTHY" in backends or "Unknown" in backends:
        yield Sign(where=_name(item, "Ingress"), text="the load balancer's backends are not HEALTHY yet")


def _words(reason: str, message: str) -> str:
    return one_line(f"{reason}: {message}" if message else reason)


READERS: Mapping[str, Reader] = {
    "/api/v1/namespaces/{}/pods": _pod,
    "/apis/apps/v1/namespaces/{}/deployments": _workload("Deployment"),
    "/apis/batch/v1/namespaces/{}/jobs": _workload("Job"),
    "/api/v1/namespaces/{}/persistentvolumeclaims": _claim,
    "/apis/external-secrets.io/v1/namespaces/{}/externalsecrets": _external_secret,
    "/apis/networking.gke.io/v1/namespaces/{}/managedcertificates": _certificate,
    "/apis/networking.k8s.io/v1/namespaces/{}/ingresses": _ingress,
}
"""Where each kind is listed, with the namespace's place, and what reads one object of it."""

EVENTS = "/api/v1/namespaces/{}/events?fieldSelector=type%3DWarning"
"""Where a namespace's warnings are."""
