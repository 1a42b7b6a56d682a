"""Whether a push would be let in, found out without one."""

from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.clone_files import REMOTE
from starry_gitops.gitrepo.failures import LostRace, push_failure
from starry_gitops.gitrepo.repo import AppsRepository


def check_push(repository: AppsRepository) -> None:
    """Signs in for a push of the tip to its own branch, as a dry run: nothing is sent, nothing moves.

    Rules that the server judges by the content, and hooks, are not seen.

    Raises:
        AccessDenied: this account may not push.
        RemoteUnreachable: no answer.
    """
    tip = repository.snapshot().revision
    words = ["push", "--dry-run", "--porcelain", REMOTE, f"{tip}:refs/heads/{repository.branch}"]
    done = repository.run(words)
    if not done.code:
        return
    failure = push_failure(done.out.decode(errors="replace"), done.err, repository.remote.url, repository.branch)
    if isinstance(failure, LostRace) and not failure.ambiguous:
        return  # somebody has pushed meanwhile: the sign-in was fine
    raise failure if isinstance(failure, StarryError) else StarryError(failure.reason, hint="run it again")
