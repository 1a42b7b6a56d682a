"""Makes a local apps repository out of a folder, for the demonstration."""

from pathlib import Path

from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.failures import server_words
from starry_gitops.gitrepo.identity import find_identity
from starry_gitops.gitrepo.process import run_git


def publish_folder(folder: Path, bare: Path) -> None:
    """Commits all of `folder` to the branch main of a new bare repository, which becomes the folder's origin.

    Raises:
        StarryError: Git refused.
    """
    identity = find_identity(author=None, committer=None, sign=False, working_copy=None)
    env = {**git_environment(), **identity.variables}
    for arguments in (
        ["init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(bare)],
        ["init", "--quiet", "--initial-branch=main", "--template="],
        ["add", "--all"],
        ["commit", "--quiet", "--no-gpg-sign", "--message=Set up the apps repository with starry init"],
        ["remote", "add", "origin", str(bare)],
        ["push", "--quiet", "--set-upstream", "origin", "main"],
    ):
        done = run_git(arguments, env=env, cwd=folder, timeout=60)
        if done.code:
            raise StarryError(f"git {arguments[0]} failed: {server_words(done.err)}")
