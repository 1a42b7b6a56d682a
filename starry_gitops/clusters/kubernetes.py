"""The Kubernetes API of the cluster that Argo CD runs in, with a kubeconfig that may read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from urllib.parse import quote, urlencode

from starry_gitops.clusters.application import parse_application, parse_project
from starry_gitops.clusters.events import event_signs
from starry_gitops.clusters.kubectl import Kubectl
from starry_gitops.clusters.namespaces import holding_lists, parse_held, parse_namespace
from starry_gitops.clusters.objects import EVENTS, READERS, Reader
from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Application, Installation, Namespace, Project, Sign, Signs
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound

_WHAT = "Kubernetes"
_ARGO = "/apis/argoproj.io/v1alpha1/namespaces"
_MANAGED = "app.kubernetes.io/managed-by=starry"
_OF_PREVIEW = "starry.env"
_HEALTH_KEYS = ("resource.customizations.health.argoproj.io_Application", "resource.customizations")
_VERSION_LABEL = "app.kubernetes.io/part-of=argocd"
_SERVED = {
    "external-secrets": "/apis/external-secrets.io/v1",
    "cert-manager": "/apis/cert-manager.io/v1",
    "managed-certificates": "/apis/networking.gke.io/v1",
}


class Kubernetes:
    """Implements `Cluster` over `kubectl get --raw`."""

    what = _WHAT

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl

    def application(self, namespace: str, name: str) -> Application | None:
        """The Application itself."""
        shape = self._find(f"{_ARGO}/{quote(namespace, safe='')}/applications/{quote(name, safe='')}")
        if shape is None:
            return None
        found = parse_application(shape)
        if (found.name, found.namespace) != (name, namespace):
            raise DoubtfulAnswer(f"{_WHAT}: another Application than {namespace}/{name} came back")
        return found

    def applications(self, namespace: str) -> Sequence[Application]:
        """By label."""
        path = f"{_ARGO}/{quote(namespace, safe='')}/applications"
        return [parse_application(one) for one in self._list(f"{path}?{urlencode({'labelSelector': _MANAGED})}")]

    def signs(self, application: Application) -> Signs:
        """What the objects in the preview's namespace say, kind by kind; kinds that are not served say nothing."""
        if not application.is_local:
            server = application.destination_server or application.destination_name
            return Signs(unread=(f"its objects are in another cluster, {server}",))
        found: list[Sign] = []
        unread: list[str] = []
        readers: list[tuple[str, Callable[[list[Shape]], Iterable[Sign]]]] = [
            (path, partial(_read_each, reader)) for path, reader in READERS.items()
        ]
        for path, read in [*readers, (EVENTS, event_signs)]:
            try:
                found += read(self._list(path.format(quote(application.destination_namespace, safe=""))))
            except NotFound:
                continue
            except AccessDenied as error:
                unread.append(error.message)
        return Signs(found=tuple(dict.fromkeys(found)), unread=tuple(unread))

    def project(self, namespace: str, name: str) -> Project | None:
        """The AppProject itself."""
        shape = self._find(f"{_ARGO}/{quote(namespace, safe='')}/appprojects/{quote(name, safe='')}")
        return None if shape is None else parse_project(shape)

    def namespaces(self) -> Sequence[Namespace] | None:
        """All that carry Starry's label; of those that are being deleted, the objects that hold them."""
        found = self._list(f"/api/v1/namespaces?{urlencode({'labelSelector': _OF_PREVIEW})}")
        return [parse_namespace(one, list(self._held(one))) for one in found]

    def _held(self, namespace: Shape) -> Iterator[tuple[str, Shape]]:
        if namespace.instant("metadata", "deletionTimestamp") is None:
            return
        for resource, path in holding_lists(namespace.text("metadata", "name")):
            try:
                items = self._list(path)
            except (NotFound, AccessDenied):
                continue
            yield from ((resource, item) for item in items if parse_held(resource, item))

    def installation(self, namespace: str) -> Installation:
        """From argocd-cm, argocd-cmd-params-cm, the image that Argo CD's pods run, and the APIs that are served."""
        settings = self._config(namespace, "argocd-cm")
        found = settings or {}
        overrides = found.get(_HEALTH_KEYS[0]) or "argoproj.io/Application" in found.get(_HEALTH_KEYS[1], "")
        return Installation(
            version=self._version(namespace),
            settings=settings,
            parameters=self._config(namespace, "argocd-cmd-params-cm"),
            tracking=None if settings is None else found.get("application.resourceTrackingMethod", ""),
            has_application_health=None if settings is None else bool(overrides),
            served={name: self._is_served(path) for name, path in _SERVED.items()},
        )

    def _config(self, namespace: str, name: str) -> dict[str, str] | None:
        shape = self._find(f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps/{name}")
        return None if shape is None else dict(shape.mapping("data"))

    def _version(self, namespace: str) -> str | None:
        query = urlencode({"labelSelector": _VERSION_LABEL})
        for path in ("statefulsets", "deployments"):
            for item in self._list(f"/apis/apps/v1/namespaces/{quote(namespace, safe='')}/{path}?{query}"):
                for container in item.each("spec", "template", "spec", "containers"):
                    image, _, tag = container.text("image").partition("@")[0].rpartition(":")
                    if image.rpartition("/")[2] == "argocd":
                        return tag
        return None

    def _is_served(self, path: str) -> bool:
        return self._find(path) is not None

    def _find(self, path: str) -> Shape | None:
        try:
            return Shape(self._kubectl.get(path), f"{_WHAT}: {path}")
        except NotFound:
            return None

    def _list(self, path: str) -> list[Shape]:
        """Every item; a list that says it goes on is an error."""
        shape = Shape(self._kubectl.get(path), f"{_WHAT}: {path.partition('?')[0]}")
        if not shape.text("kind").endswith("List") or shape.text("metadata", "continue"):
            raise DoubtfulAnswer(f"{shape.where}: this is no whole list", hint="run it again")
        return list(shape.each("items"))


def _read_each(reader: Reader, items: list[Shape]) -> Iterator[Sign]:
    for item in items:
        yield from reader(item)
