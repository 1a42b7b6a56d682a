"""One server on loopback that answers GETs as Argo CD's API and as Kubernetes' does, from the same objects."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.clusters.objects import Object
from tests.clusters.schemas import check

TOKEN = "argocd-token-for-tests"
_PLURALS = {
    "Application": "applications",
    "AppProject": "appprojects",
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "Event": "events",
    "ExternalSecret": "externalsecrets",
    "Ingress": "ingresses",
    "Job": "jobs",
    "ManagedCertificate": "managedcertificates",
    "Namespace": "namespaces",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "Service": "services",
    "ServiceNetworkEndpointGroup": "servicenetworkendpointgroups",
    "StatefulSet": "statefulsets",
}
_SERVED = ("argoproj.io/v1alpha1", "apps/v1", "batch/v1", "networking.k8s.io/v1")

Fault = Callable[["_Handler"], None]


class ClusterServer:
    """Holds objects; `faults` replace the answer to paths that contain a text. `asked` is every request."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.trees: dict[str, Object] = {}
        self.faults: dict[str, Fault] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        self.groups = {*_SERVED, "external-secrets.io/v1", "networking.gke.io/v1"}
        self.version = "v3.4.1+abc1234"
        self.settings: Object = {"trackingMethod": "annotation", "resourceOverrides": {}}
        self.changes: list[Callable[[], None]] = []
        handler = type("Handler", (_Handler,), {"cluster": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def add(self, *items: Object) -> None:
        for item in items:
            check(item)
            self.objects.append(item)

    def replace(self, item: Object) -> None:
        check(item)
        key = (item["kind"], item["metadata"]["name"], item["metadata"].get("namespace"))
        self.objects = [
            one
            for one in self.objects
            if (one["kind"], one["metadata"]["name"], one["metadata"].get("namespace")) != key
        ]
        self.objects.append(item)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    cluster: ClusterServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        cluster = self.cluster
        cluster.asked.append(("GET", self.path, self.headers.get("Authorization")))
        for text, fault in list(cluster.faults.items()):
            if text in self.path:
                fault(self)
                return
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.startswith(("/api/v1/applications", "/api/v1/projects", "/api/version", "/api/v1/settings")):
            self._argocd(parts.path, query)
        else:
            self._kubernetes(parts.path, query)

    def _refuse_write(self) -> None:
        self.cluster.asked.append((self.command, self.path, None))
        self.status(405, "MethodNotAllowed", "only GET")

    do_POST = do_PUT = do_PATCH = do_DELETE = _refuse_write  # noqa: N815 - the base class's names

    def _argocd(self, path: str, query: dict[str, str]) -> None:  # noqa: PLR0911 - one for each answer
        cluster = self.cluster
        if path == "/api/version":
            return self.json(200, {"Version": cluster.version})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.json(401, {"error": "no session information", "code": 16, "message": "no session information"})
        words = path.removeprefix("/api/v1/").split("/")
        if words == ["settings"]:
            return self.json(200, cluster.settings)
        if words[0] == "projects":
            found = [one for one in self._of("AppProject") if one["metadata"]["name"] == words[1]]
            return self.json(200, found[0]) if found else self.json(404, {"error": "not found", "code": 5})
        if len(words) == 3 and words[2] == "resource-tree":
            return self.json(200, cluster.trees.get(words[1], {"nodes": []}))
        if len(words) == 3 and words[2] == "events":
            events = [one for one in self._of("Event") if one["involvedObject"]["name"] == query.get("resourceName")]
            return self.json(200, {"metadata": {}, "items": events})
        found = [
            one
            for one in self._of("Application")
            if query.get("name", one["metadata"]["name"]) == one["metadata"]["name"]
            and query.get("appNamespace", "") in {"", one["metadata"]["namespace"]}
            and _selected(one, query.get("selector", ""))
        ]
        return self.json(200, {"metadata": {"resourceVersion": "1"}, "items": found or None})

    def _of(self, kind: str) -> list[Object]:
        return [one for one in self.cluster.objects if one["kind"] == kind]

    def _kubernetes(self, path: str, query: dict[str, str]) -> None:
        words = path.strip("/").split("/")
        group, rest = ("v1", words[2:]) if words[0] == "api" else ("/".join(words[1:3]), words[3:])
        if group != "v1" and group not in self.cluster.groups:
            return self.status(404, "NotFound", "the server could not find the requested resource")
        if not rest:
            return self.json(200, {"kind": "APIResourceList", "groupVersion": group, "resources": []})
        namespace = None
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        found = [
            one
            for one in self.cluster.objects
            if one["apiVersion"] == group
            and _PLURALS[one["kind"]] == rest[0]
            and one["metadata"].get("namespace") == namespace
            and _selected(one, query.get("labelSelector", ""))
        ]
        if len(rest) == 1:
            return self.json(200, {"kind": "ObjectList", "apiVersion": group, "metadata": {}, "items": found})
        named = [one for one in found if one["metadata"]["name"] == rest[1]]
        if named:
            return self.json(200, named[0])
        return self.status(404, "NotFound", f'{rest[0]} "{rest[1]}" not found')

    def status(self, code: int, reason: str, message: str) -> None:
        body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
        self.json(code, {**body, "reason": reason, "code": code})

    def json(self, code: int, body: Any) -> None:
        self.raw(code, json.dumps(body).encode(), "application/json")

    def raw(self, code: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _selected(item: Object, selector: str) -> bool:
    labels = item["metadata"].get("labels", {})
    key, equals, value = selector.partition("=")
    return not selector or (labels.get(key) == value if equals else key in labels)


def answers(code: int, body: Any, kind: str = "application/json", **headers: str) -> Fault:
    """A fault that answers this."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda handler: handler.raw(code, data, kind, **headers)


def refuses(code: int, reason: str, message: str) -> Fault:
    """A fault as Kubernetes words it."""
    return lambda handler: handler.status(code, reason, message)


def cut_off(handler: _Handler) -> None:
    """A fault that ends in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"items": [')
    handler.close_connection = True


def stalls(seconds: float) -> Fault:
    """A fault that says nothing for so long."""
    return lambda _handler: time.sleep(seconds)
