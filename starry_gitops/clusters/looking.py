"""One look at a preview's Application, and at what keeps it from running."""

from collections.abc import Callable
from dataclasses import dataclass

from starry_gitops.clusters.protocol import Cluster
from starry_gitops.core.health import Signs
from starry_gitops.core.settings import Overlay
from starry_gitops.core.waiting import Goal, Observation, is_outdated, revision_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What was seen. `revision` is the commit that Argo CD compares with; `unread` what could not be read, and why."""

    seen: Observation
    revision: str | None
    unread: tuple[str, ...]


def look_at_application(
    cluster: Cluster, goal: Goal, overlay: Overlay, repo_url: str, holds: Callable[[str], bool]
) -> Look:
    """Asks for the preview's Application; for its objects where it is ill; for the App of Apps where it is not current.

    Args:
        cluster: who is asked.
        goal: the preview as it should be.
        overlay: where it is.
        repo_url: the apps repository, as Argo CD knows it.
        holds: whether the preview's files at a commit are those that it should have.

    Raises:
        StarryError: no answer, a doubtful one, or a refusal.
    """
    application = cluster.application(overlay.application_namespace, goal.name)
    revision = None if application is None else revision_of(application, repo_url)
    needs_parent = application is None or is_outdated(goal, application)
    parent = cluster.application(overlay.argocd_namespace, f"previews-{overlay.name}") if needs_parent else None
    is_ill = application is not None and application.health != "Healthy" and application.deleting_since is None
    signs = cluster.signs(application) if application is not None and is_ill else Signs()
    seen = Observation(
        application=application,
        holds=revision is not None and holds(revision),
        parent=parent,
        signs=signs.found,
    )
    return Look(seen=seen, revision=revision, unread=signs.unread)
