"""What Argo CD and Kubernetes say of previews, parsed. Every text is one line of bounded length, and hostile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LOCAL_SERVER = "https://kubernetes.default.svc"
"""The API server of the cluster that Argo CD itself runs in."""
LOCAL_NAME = "in-cluster"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition: `type`, the words beside it, and since when (UTC)."""

    type: str
    message: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """The last sync, or the one that runs.

    `phase` is Running, Succeeded, Failed, Error or Terminating; `revisions` are in the order of the sources.
    """

    phase: str
    message: str
    revisions: tuple[str, ...]
    finished_at: datetime | None
    retries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRef:
    """One source of an Application: where it is, and the name by which value files refer to it."""

    repo_url: str
    ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One object of an Application, as its status lists it; `health` is "" where the status does not hold it."""

    kind: str
    name: str
    namespace: str
    sync: str = ""
    health: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """An Argo CD Application. Times are UTC; `annotations` are those of Starry alone.

    `was_deployed`: some sync has succeeded since it was created. `is_pending`: a refresh or a sync is asked for.
    """

    name: str
    namespace: str
    project: str
    created_at: datetime
    deleting_since: datetime | None
    finalizers: tuple[str, ...]
    annotations: Mapping[str, str]
    sources: tuple[SourceRef, ...]
    destination_server: str
    destination_name: str
    destination_namespace: str
    sync: str
    revisions: tuple[str, ...]
    health: str
    health_since: datetime | None
    operation: Operation | None
    conditions: tuple[Condition, ...]
    resources: tuple[Resource, ...]
    reconciled_at: datetime | None
    is_pending: bool
    was_deployed: bool

    @property
    def is_local(self) -> bool:
        """Whether its objects are in the cluster that Argo CD runs in."""
        return self.destination_server == LOCAL_SERVER or self.destination_name == LOCAL_NAME


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """Something that is said of an object: `where` names the object, `at` is when (UTC); None: it holds now."""

    where: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Signs:
    """What a preview's objects say, and what could not be read, with the reason."""

    found: tuple[Sign, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a preview's URL answered: an HTTP status, or why there is none. `words` are what the page begins with."""

    component: str
    url: str
    status: int | None
    problem: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An object that is being deleted and that finalizers hold. `resource` is as kubectl takes it."""

    resource: str
    name: str
    namespace: str
    since: datetime
    finalizers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Namespace:
    """A namespace of a preview. `conditions` say what holds one that is being deleted."""

    name: str
    created_at: datetime
    deleting_since: datetime | None
    conditions: tuple[Condition, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """An AppProject, as far as it says what a preview may be."""

    name: str
    source_repos: tuple[str, ...]
    destinations: tuple[Mapping[str, str], ...]
    source_namespaces: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """How Argo CD is set up. None: the source cannot know it.

    `settings` are argocd-cm's keys, `parameters` those of argocd-cmd-params-cm.
    """

    version: str | None = None
    settings: Mapping[str, str] | None = None
    parameters: Mapping[str, str] | None = None
    tracking: str | None = None
    has_application_health: bool | None = None
    served: Mapping[str, bool] = field(default_factory=dict)
