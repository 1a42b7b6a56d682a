"""Pushes one commit to one branch, and tells what became of it."""

from collections.abc import Callable, Sequence

from starry_gitops.errors import RemoteUnreachable
from starry_gitops.gitrepo.clone_files import REMOTE
from starry_gitops.gitrepo.failures import LostRace, push_failure
from starry_gitops.gitrepo.process import Completed


def push_commit(
    run: Callable[[list[str]], Completed], url: str, commit: str, branch: str, *, options: Sequence[str] = ()
) -> None:
    """Moves a branch of the remote to the commit.

    Raises:
        LostRace: another writer was first, or it cannot be known whether the push landed.
        StarryError: refused for good.
    """
    try:
        done = run(["push", "--porcelain", *options, REMOTE, f"{commit}:refs/heads/{branch}"])
    except RemoteUnreachable as error:
        raise LostRace(error.message, ambiguous=True) from None
    out = done.out.decode(errors="replace")
    if done.code:
        raise push_failure(out, done.err, url, branch)
    if "\n=\t" in out:
        raise LostRace("another writer pushed the very same commit", is_twin=True)


def lease_on(branch: str, revision: str) -> str:
    """The option of a push that replaces what a branch holds, as long as that is the revision."""
    return f"--force-with-lease=refs/heads/{branch}:{revision}"
