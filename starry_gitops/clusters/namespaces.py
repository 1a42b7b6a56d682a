"""From a namespace that is being deleted to what holds it."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from starry_gitops.clusters.application import created
from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Condition, Held, Namespace

# What keeps a namespace of a preview most often, as kubectl names it, and where it is listed.
_LISTS: Mapping[str, str] = {
    "ingress.networking.k8s.io": "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
    "service": "/api/v1/namespaces/{}/services",
    "servicenetworkendpointgroup.networking.gke.io": (
        "/apis/networking.gke.io/v1beta1/namespaces/{}/servicenetworkendpointgroups"
    ),
    "managedcertificate.networking.gke.io": "/apis/networking.gke.io/v1/namespaces/{}/managedcertificates",
    "persistentvolumeclaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "externalsecret.external-secrets.io": "/apis/external-secrets.io/v1/namespaces/{}/externalsecrets",
    "job.batch": "/apis/batch/v1/namespaces/{}/jobs",
    "pod": "/api/v1/namespaces/{}/pods",
}


def holding_lists(namespace: str) -> Iterator[tuple[str, str]]:
    """Each kind that may hold a namespace, and the path of its list."""
    for resource, path in _LISTS.items():
        yield resource, path.format(quote(namespace, safe=""))


def parse_namespace(shape: Shape, held: Sequence[tuple[str, Shape]]) -> Namespace:
    """A namespace, with those of its objects that finalizers hold."""
    return Namespace(
        name=shape.text("metadata", "name"),
        created_at=created(shape),
        deleting_since=shape.instant("metadata", "deletionTimestamp"),
        conditions=tuple(
            Condition(type=item.text("type"), message=item.text("message"), since=item.instant("lastTransitionTime"))
            for item in shape.each("status", "conditions")
            if item.text("status") == "True"
        ),
        held=tuple(one for resource, item in held if (one := parse_held(resource, item))),
    )


def parse_held(resource: str, shape: Shape) -> Held | None:
    """The object, when it is being deleted and finalizers hold it."""
    since = shape.instant("metadata", "deletionTimestamp")
    finalizers = shape.texts("metadata", "finalizers")
    if since is None or not finalizers:
        return None
    return Held(
        resource=resource,
        name=shape.text("metadata", "name"),
        namespace=shape.text("metadata", "namespace"),
        since=since,
        finalizers=finalizers,
    )
