"""What Starry asks of whoever knows a cluster: reads, and nothing else."""

from collections.abc import Sequence
from typing import Protocol

from starry_gitops.core.health import Application, Installation, Namespace, Project, Signs


class Cluster(Protocol):
    """Argo CD's API, or the Kubernetes API of Argo CD's own cluster.

    Every method raises `AccessDenied` (401, 403), `RemoteUnreachable` (no answer) or `DoubtfulAnswer` (not what was
    asked for). A list is complete, or an error.
    """

    what: str
    """What messages call it."""

    def application(self, namespace: str, name: str) -> Application | None:
        """One Application; None when there is none, or when it is not visible to whoever asks."""

    def applications(self, namespace: str) -> Sequence[Application]:
        """All Applications of a namespace that Starry manages."""

    def signs(self, application: Application) -> Signs:
        """What the objects of an Application say of themselves."""

    def project(self, namespace: str, name: str) -> Project | None:
        """One AppProject."""

    def namespaces(self) -> Sequence[Namespace] | None:
        """The previews' namespaces, each with what holds it; None where the source cannot know them."""

    def installation(self, namespace: str) -> Installation:
        """How the Argo CD in a namespace is set up."""
