"""What Argo CD, or Kubernetes, says of a preview: asked in the background, for all people at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starry_gitops.clusters.looking import look_at_application
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.core.context import find_existing
from starry_gitops.core.health import Application
from starry_gitops.core.naming import check_name
from starry_gitops.core.settings import Overlay
from starry_gitops.core.ttl import parse_instant
from starry_gitops.core.waiting import Memory, Verdict, goal_of, judge
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.mirror import Mirror
from starry_gitops.service import current_time
from starry_gitops.shapes import instant, verdict_data
from starry_gitops.web.asking import Asking
from starry_gitops.web.view import View

SECONDS = 5.0
"""How long one waits for an answer; also each single request to Argo CD or Kubernetes."""
_FRESH = 5.0
_AT_ONCE = 4
# Who looks again later than this cannot say that a cause has lasted since.
_GAP = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A look at a preview: the verdict on it, and what Argo CD shows. `revision` is the commit that it compares with.

    `memory` is for the next look. `unread` says what could not be looked at.
    """

    seen_at: datetime
    verdict: Verdict
    application: Application | None
    revision: str | None
    unread: tuple[str, ...]
    memory: Memory


class Statuses:
    """Looks at previews in the cluster. Threads may share it."""

    def __init__(self, cluster: Cluster, mirror: Mirror) -> None:
        self.what = cluster.what
        self._cluster = cluster
        self._mirror = mirror
        self._asking: Asking[Status] = Asking(cluster.what, fresh=_FRESH, seconds=SECONDS, at_once=_AT_ONCE)

    def status(self, view: View, overlay: Overlay, name: str) -> Status:
        """The last look, when it is some seconds old at most, or a new one.

        Raises:
            NotFound: Git has no such preview.
            StarryError: no answer in time, or a refusal.
        """
        tree = view.tree(check_name(name, view.settings, overlay), overlay)
        if tree is None:
            raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
        # Another commit of the preview is another question.
        key = (overlay.name, name, tree)
        return self._asking.answer(key, lambda before: self._look(view, overlay, name, tree, before))

    def _look(self, view: View, overlay: Overlay, name: str, tree: str, before: Status | None) -> Status:
        context = view.context()
        existing = find_existing(context, overlay, name)
        if existing is None:
            raise NotFound(f"no preview {name} in overlay {overlay.name}")
        last = view.details(name, overlay.name)["lastCommit"]
        goal = goal_of(existing, parse_instant(last["date"]) if last else None)

        def holds(revision: str) -> bool:
            there = self._mirror.snapshot_of(revision)
            entry = there.entries(overlay.folder).get(name) if there else None
            return entry is not None and entry.oid == tree

        look = look_at_application(self._cluster, goal, overlay, context.repo_url, holds)
        now = current_time()
        memory = before.memory if before and now - before.seen_at <= _GAP else {}
        verdict, memory = judge(goal, look.seen, memory, now)
        return Status(
            seen_at=now,
            verdict=verdict,
            application=look.seen.application,
            revision=look.revision,
            unread=look.unread,
            memory=memory,
        )


def status_data(view: View, overlay: Overlay, name: str, status: Status) -> dict[str, Any]:
    """As `starry wait -o json` says it, and what Argo CD shows, with the time of the look."""
    details, application = view.details(name, overlay.name), status.application
    commit = (details["lastCommit"] or {"commit": view.revision})["commit"]
    data = verdict_data(name, overlay.name, status.verdict, commit=commit, urls=details["urls"], unread=status.unread)
    return {
        **data,
        "sync": application.sync if application else None,
        "health": application.health if application else None,
        "revision": status.revision,
        "seenAt": instant(status.seen_at),
    }
