"""Which previews `sync` made before, and for which head commits: what the branch's commit messages say."""

from starry_gitops.core.sync_message import COMMIT_TRAILER
from starry_gitops.core.sync_work import Made
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.clone_files import clone_options
from starry_gitops.gitrepo.failures import is_filter_refused, read_failure, server_words
from starry_gitops.gitrepo.repo import AppsRepository

_FOLDER = "messages.git"
# Whatever the user's own configuration says of `git log`.
_CONFIG = ("-c", "trailer.separators=:", "-c", "log.showSignature=false")
_PARTS = 2


def made_before(repository: AppsRepository) -> Made:
    """From the whole history, without its files and folders where the server leaves them out.

    Raises:
        StarryError: the history cannot be had.
    """
    for filter_name in ("tree:0", ""):
        options = clone_options(repository.branch, filter_name, None)
        done = repository.run(["clone", *options, "--", repository.remote.url, _FOLDER])
        if not done.code or not is_filter_refused(done.err):
            break
    if done.code:
        raise read_failure(done.err, repository.remote.url)
    folder = repository.git_dir.parent / _FOLDER
    trailers = f"--format=%(trailers:key={COMMIT_TRAILER},valueonly)"
    done = repository.run([*_CONFIG, "log", trailers, f"refs/heads/{repository.branch}"], folder=folder)
    if done.code:
        raise StarryError(f"git log failed: {server_words(done.err)}")
    words = (line.split() for line in done.out.decode(errors="replace").splitlines())
    return frozenset((parts[0], parts[1]) for parts in words if len(parts) == _PARTS)
