"""From the JSON of an Application or AppProject to Starry's types."""

from datetime import datetime

from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Application, Condition, Operation, Project, Resource, SourceRef
from starry_gitops.errors import DoubtfulAnswer

_OWN = "starry.env/"
_REFRESH = "argocd.argoproj.io/refresh"


def parse_application(shape: Shape) -> Application:
    """An Application as `kubectl get -o json` or Argo CD's API shows it.

    Raises:
        DoubtfulAnswer: it is none.
    """
    name, namespace = shape.text("metadata", "name"), shape.text("metadata", "namespace")
    if shape.text("kind") not in {"", "Application"} or not name or not namespace:
        raise DoubtfulAnswer(f"{shape.where}: this is no Application", hint="check the URL of the API")
    annotations = shape.mapping("metadata", "annotations")
    destination = shape.at("spec", "destination")
    return Application(
        name=name,
        namespace=namespace,
        project=shape.text("spec", "project"),
        created_at=created(shape),
        deleting_since=shape.instant("metadata", "deletionTimestamp"),
        finalizers=shape.texts("metadata", "finalizers"),
        annotations={key: value for key, value in annotations.items() if key.startswith(_OWN)},
        sources=_sources(shape.at("spec")),
        destination_server=destination.text("server"),
        destination_name=destination.text("name"),
        destination_namespace=destination.text("namespace"),
        sync=shape.text("status", "sync", "status") or "Unknown",
        revisions=revisions(shape.at("status", "sync")),
        health=shape.text("status", "health", "status") or "Unknown",
        health_since=shape.instant("status", "health", "lastTransitionTime"),
        operation=_operation(shape.at("status")),
        conditions=tuple(_condition(item) for item in shape.each("status", "conditions")),
        resources=tuple(_resource(item) for item in shape.each("status", "resources")),
        reconciled_at=shape.instant("status", "reconciledAt"),
        is_pending="operation" in shape or _REFRESH in annotations,
        was_deployed=any(True for _ in shape.each("status", "history")),
    )


def created(shape: Shape) -> datetime:
    """When the object was created.

    Raises:
        DoubtfulAnswer: it does not say.
    """
    instant = shape.instant("metadata", "creationTimestamp")
    if instant is None:
        raise DoubtfulAnswer(f"{shape.where}: metadata.creationTimestamp is missing", hint="check the URL of the API")
    return instant


def revisions(shape: Shape) -> tuple[str, ...]:
    """The commits of the sources, in their order; one source has `revision`, several have `revisions`."""
    several = shape.texts("revisions")
    one = shape.text("revision")
    return several or ((one,) if one else ())


def _sources(spec: Shape) -> tuple[SourceRef, ...]:
    several = [SourceRef(repo_url=item.text("repoURL"), ref=item.text("ref")) for item in spec.each("sources")]
    return tuple(several) or (SourceRef(repo_url=spec.text("source", "repoURL")),)


def _operation(status: Shape) -> Operation | None:
    if "operationState" not in status:
        return None
    state = status.at("operationState")
    result = state.at("syncResult") if "syncResult" in state else state.at("operation", "sync")
    return Operation(
        phase=state.text("phase"),
        message=state.text("message"),
        revisions=revisions(result),
        finished_at=state.instant("finishedAt"),
        retries=state.number("retryCount"),
    )


def _condition(shape: Shape) -> Condition:
    return Condition(type=shape.text("type"), message=shape.text("message"), since=shape.instant("lastTransitionTime"))


def _resource(shape: Shape) -> Resource:
    return Resource(
        kind=shape.text("kind"),
        name=shape.text("name"),
        namespace=shape.text("namespace"),
        sync=shape.text("status"),
        health=shape.text("health", "status"),
        message=shape.text("health", "message"),
    )


def parse_project(shape: Shape) -> Project:
    """An AppProject."""
    return Project(
        name=shape.text("metadata", "name"),
        source_repos=shape.texts("spec", "sourceRepos"),
        destinations=tuple(item.mapping() for item in shape.each("spec", "destinations")),
        source_namespaces=shape.texts("spec", "sourceNamespaces"),
    )
