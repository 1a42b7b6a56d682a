"""Whether a revision that Argo CD reports holds a preview's files as a commit left them: Git knows."""

from dataclasses import dataclass, field
from datetime import datetime

from starry_gitops.core.context import Context
from starry_gitops.core.model import Snapshot
from starry_gitops.core.settings import Overlay
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.history import last_commit
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.target import Target
from starry_gitops.service import open_repository


@dataclass(kw_only=True, slots=True)
class Revisions:
    """Answers for one preview; each revision is looked up once.

    `tree` is the id of the preview's folder as it should be: equal ids are equal files, whatever else a later commit
    changed.
    """

    target: Target
    overlay: Overlay
    name: str
    tree: str
    known: dict[str, bool] = field(default_factory=dict)

    def holds(self, revision: str) -> bool:
        """Whether the preview's files at the revision are those that are waited for."""
        if revision not in self.known:
            with open_repository(self.target) as repository:
                self.known[revision] = self._looked_up(repository, revision)
        return self.known[revision]

    def _looked_up(self, repository: AppsRepository, revision: str) -> bool:
        try:
            return tree_at(repository.snapshot_of(revision), self.overlay, self.name) == self.tree
        except NotFound:
            return False


def tree_at(snapshot: Snapshot, overlay: Overlay, name: str) -> str | None:
    """The id of the preview's folder in a snapshot; None when it has none."""
    entry = snapshot.entries(overlay.folder).get(name)
    return entry.oid if entry is not None and entry.kind == "folder" else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waited:
    """The commit that is waited for and when it was made, where that is known."""

    commit: str
    committed_at: datetime | None
    tree: str
    is_superseded: bool


def find_commit(repository: AppsRepository, context: Context, overlay: Overlay, name: str, given: str | None) -> Waited:
    """The commit that --commit names, or the last one that touched the preview.

    Raises:
        NotFound: the remote has no such commit, or the preview is not in it.
    """
    tip = context.snapshot
    now = tree_at(tip, overlay, name)
    if now is None:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    if given is not None:
        tree = tree_at(repository.snapshot_of(given), overlay, name)
        if tree is None:
            raise NotFound(f"the commit {given} has no preview {name}", hint="leave --commit out for the last one")
        last = last_commit(repository, f"{overlay.folder}/{name}")
        is_last = last is not None and last.commit == given
        when = last.date if last is not None and is_last else None
        return Waited(commit=given, committed_at=when, tree=tree, is_superseded=tree != now)
    last = last_commit(repository, f"{overlay.folder}/{name}")
    return Waited(
        commit=last.commit if last else tip.revision,
        committed_at=last.date if last else None,
        tree=now,
        is_superseded=False,
    )
