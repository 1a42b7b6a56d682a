"""Argo CD's own API, with a read token. See `/swagger-ui` of any Argo CD for it."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from starry_gitops.clusters.application import parse_application, parse_project
from starry_gitops.clusters.events import event_signs
from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Application, Installation, Namespace, Project, Sign, Signs
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound
from starry_gitops.rest.client import Api, Params

_WHAT = "Argo CD"
_MANAGED = "app.kubernetes.io/managed-by=starry"
_APPLICATION_HEALTH = "argoproj.io/Application"
# Health that needs no words, and kinds whose events tell more than their health. Each costs a request.
_FINE = frozenset({"", "Healthy", "Suspended"})
_EVENTFUL = frozenset({"Pod", "ReplicaSet", "StatefulSet", "Job", "PersistentVolumeClaim", "Ingress", "ExternalSecret"})
_MOST_ASKED = 8


class ArgoCd:
    """Implements `Cluster` over Argo CD's API."""

    what = _WHAT

    def __init__(self, api: Api) -> None:
        self._api = api

    def application(self, namespace: str, name: str) -> Application | None:
        """Asks for a list of one: of a single Application that is not there, Argo CD says "permission denied"."""
        found = self._applications({"name": name, "appNamespace": namespace})
        if any(one.name != name or one.namespace != namespace for one in found) or len(found) > 1:
            hint = "is the namespace the right one? see overlays in starry.yaml"
            raise DoubtfulAnswer(f"{_WHAT}: another Application than {namespace}/{name} came back", hint=hint)
        return found[0] if found else None

    def applications(self, namespace: str) -> Sequence[Application]:
        """By label; those of other namespaces are not asked for."""
        return self._applications({"selector": _MANAGED, "appNamespace": namespace})

    def _applications(self, params: Params) -> list[Application]:
        shape = self._get("/api/v1/applications", params)
        if "metadata" not in shape or not shape.has("items"):
            raise DoubtfulAnswer(f"{_WHAT}: the list of Applications is none", hint="check --argocd-server")
        return [parse_application(item) for item in shape.each("items")]

    def signs(self, application: Application) -> Signs:
        """The health of the whole tree of objects, and the events of those that are not fine."""
        path = f"/api/v1/applications/{quote(application.name, safe='')}"
        params = {"appNamespace": application.namespace, "project": application.project}
        try:
            nodes = list(self._get(f"{path}/resource-tree", params).each("nodes"))
        except (AccessDenied, NotFound) as error:
            return Signs(unread=(error.message,))
        found = [sign for node in nodes for sign in _node_signs(node)]
        asked = [node for node in nodes if node.text("kind") in _EVENTFUL and not _is_fine(node)]
        for node in asked[:_MOST_ASKED]:
            about = {
                "resourceNamespace": node.text("namespace"),
                "resourceName": node.text("name"),
                "resourceUID": node.text("uid"),
            }
            found += event_signs(self._get(f"{path}/events", {**params, **about}).each("items"))
        return Signs(found=tuple(found))

    def project(self, namespace: str, name: str) -> Project | None:
        """The AppProject; Argo CD's API knows those of its own namespace alone."""
        try:
            shape = self._get(f"/api/v1/projects/{quote(name, safe='')}", {})
        except NotFound:
            return None
        found = parse_project(shape)
        if found.name != name or shape.text("metadata", "namespace") not in {"", namespace}:
            raise DoubtfulAnswer(f"{_WHAT}: another AppProject than {namespace}/{name} came back")
        return found

    def namespaces(self) -> Sequence[Namespace] | None:
        """Argo CD's API does not tell."""
        return None

    def installation(self, namespace: str) -> Installation:  # noqa: ARG002 - one server has one namespace
        """The version, and what the settings that everybody may see tell."""
        version = self._get("/api/version", {}).text("Version")
        settings = self._get("/api/v1/settings", {})
        overrides = settings.mapping_of_objects("resourceOverrides")
        health = overrides.get(_APPLICATION_HEALTH)
        return Installation(
            version=version or None,
            tracking=settings.text("trackingMethod"),
            has_application_health=health is not None and bool(health.text("health.lua") or health.text("healthLua")),
        )

    def _get(self, path: str, params: Params) -> Shape:
        return Shape(self._api.get(path, params).data, f"{_WHAT}: {path}")


def _is_fine(node: Shape) -> bool:
    return node.text("kind") != "Ingress" and node.text("health", "status") in _FINE


def _node_signs(node: Shape) -> Iterator[Sign]:
    where = f"{node.text('kind')} {node.text('name')}"
    health, message = node.text("health", "status"), node.text("health", "message")
    if health not in _FINE and message:
        yield Sign(where=where, text=message)
    for info in node.each("info"):
        if info.text("name") == "Status Reason" and health not in _FINE:
            yield Sign(where=where, text=info.text("value"))
