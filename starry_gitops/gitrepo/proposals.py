"""The branches of proposals: what stands on one, from which commit it began, and removing it."""

from dataclasses import dataclass

from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.clone_files import REMOTE
from starry_gitops.gitrepo.failures import read_failure
from starry_gitops.gitrepo.pushing import lease_on
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.snapshot import GitSnapshot

_REF = "refs/starry/proposal"
# More commits than these by hand, on top of Starry's last one, are not looked through.
_DEPTH = 50
_OURS = b"\nStarry-Version: "


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A proposal's branch as it stands: its head, and the commit of the base branch that it was decided on."""

    head: GitSnapshot
    began: GitSnapshot


def read_proposal(repository: AppsRepository, branch: str) -> Standing | None:
    """What stands on a proposal's branch; None when the remote has no such branch.

    Raises:
        NotFound: the branch is none of Starry's.
        StarryError: the remote did not answer.
    """
    refspec = f"+refs/heads/{branch}:{_REF}"
    done = repository.fetch([f"--depth={_DEPTH}", *(["--filter=tree:0"] if repository.filtered else []), refspec])
    if done.code:
        failure = read_failure(done.err, repository.remote.url)
        if isinstance(failure, NotFound):
            return None
        raise failure
    head = repository.snapshot_at(_REF)
    began = _beginning(repository, head.revision)
    if began is None:
        hint = "rename or delete that branch: it is in a proposal's way"
        raise NotFound(f"the branch {branch} holds no commit of Starry's", hint=hint)
    return Standing(head=head, began=repository.snapshot_at(began))


def _beginning(repository: AppsRepository, revision: str) -> str | None:
    """The last parent of the newest commit that a machine made: Starry's, or a forge's merge of the base branch."""
    following: str | None = revision
    while following is not None:
        found = repository.reader.read(following)
        if found is None:
            return None
        head, _, message = found[1].partition(b"\n\n")
        parents = [line[len(b"parent ") :].decode() for line in head.split(b"\n") if line.startswith(b"parent ")]
        if len(parents) > 1 or (parents and _OURS in b"\n" + message):
            return parents[-1]
        following = parents[0] if parents else None
    return None


def remove_branch(repository: AppsRepository, branch: str, revision: str) -> bool:
    """Removes a proposal's branch, unless it has moved on from the revision; tells whether it is gone."""
    arguments = ["push", "--porcelain", lease_on(branch, revision), REMOTE, f":refs/heads/{branch}"]
    return repository.run(arguments).code == 0
