"""What Git and the forges print when a push fails, as found in their issue trackers and sources."""

# ruff: noqa: E501 - as the servers print them

from dataclasses import dataclass

from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.failures import LostRace, push_failure

URL = "https://example.com/myorg/apps.git"
REF = "0123456789abcdef0123456789abcdef01234567:refs/heads/main"
HINTS = (
    "hint: Updates were rejected because the remote contains work that you do\n"
    "hint: not have locally. This is usually caused by another repository pushing\n"
    "hint: to the same ref. You may want to first integrate the remote changes\n"
)


@dataclass(frozen=True, kw_only=True)
class Push:
    """A push that failed: the reason in the porcelain line (None: there is none), and standard error."""

    reason: str | None
    err: str = ""
    kind: str = "rejected"

    def failure(self) -> StarryError | LostRace:
        line = f"!\t{REF}\t[{self.kind}] ({self.reason})\n" if self.reason else ""
        tail = "error: failed to push some refs to 'https://example.com/myorg/apps.git'\n"
        return push_failure(f"To {URL}\n{line}Done\n", f"{self.err}{tail if self.reason else ''}", URL, "main")


def remote(reason: str, err: str = "") -> Push:
    return Push(reason=reason, err=err, kind="remote rejected")


def early(err: str) -> Push:
    """Refused before any ref was looked at."""
    return Push(reason=None, err=err)


NEVER_READ = "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n"

LOST = {
    "git: fetch first": Push(reason="fetch first", err=HINTS),
    "git: non-fast-forward": Push(reason="non-fast-forward", err=HINTS),
    "git: stale info": Push(reason="stale info"),
    "git: failed to update ref": remote(
        "failed to update ref",
        "remote: error: cannot lock ref 'refs/heads/main': is at 66941e6196 but expected cdec69331c\n",
    ),
    "git: failed to lock": remote("failed to lock", "remote: error: failed to lock refs/heads/main\n"),
    "git: lock held by another push": remote(
        "failed to update ref",
        "remote: error: cannot lock ref 'refs/heads/main': Unable to create '/srv/apps.git/refs/heads/main.lock': File exists.\n"
        "remote: \nremote: Another git process seems to be running in this repository\n",
    ),
    "git 2.50: incorrect old value": remote("incorrect old value provided"),
    "GitHub: cannot lock ref": remote(
        "cannot lock ref 'refs/heads/main': is at 66941e6196d60ec8a5f14cc3cd5764037bad4e82 but expected "
        "cdec69331ca3b4565378c23c6f917d5f89426a3a"
    ),
    "GitHub: non-fast-forward": Push(reason="non-fast-forward"),
    "GitLab: reference already exists": remote("reference already exists"),
    "GitLab: failed to update ref": remote("failed to update ref"),
    "Gitee: incorrect old value": remote("incorrect old value provided"),
    "receive.denyNonFastForwards": remote("non-fast-forward", "remote: error: denying non-fast-forward refs/heads/main (you should pull first)\n"),
    "without porcelain": early("error: failed to push some refs\nremote: error: cannot lock ref 'refs/heads/main': is at 1 but expected 2\n"),
}  # fmt: skip

REFUSED = {
    "GitHub: protected branch": remote(
        "protected branch hook declined",
        "remote: error: GH006: Protected branch update failed for refs/heads/main.        \n"
        "remote: error: Changes must be made through a pull request.        \n",
    ),
    "GitHub: rules": remote(
        "push declined due to repository rule violations",
        "remote: error: GH013: Repository rule violations found for refs/heads/main.        \n"
        "remote: - Changes must be made through a pull request.        \n",
    ),
    "GitHub: no write access": early(
        f"remote: Permission to myorg/apps.git denied to ada.\nfatal: unable to access '{URL}/': The requested URL returned error: 403\n"
    ),
    "GitHub: token without write access": early(
        f"remote: Write access to repository not granted.\nfatal: unable to access '{URL}/': The requested URL returned error: 403\n"
    ),
    "GitHub: read-only deploy key": early(f"ERROR: The key you are authenticating with has been marked as read only.\n{NEVER_READ}"),
    "GitHub: archived, over HTTPS": early(
        f"remote: This repository was archived so it is read-only.\nfatal: unable to access '{URL}/': The requested URL returned error: 403\n"
    ),
    "GitHub: archived, over SSH": early(f"ERROR: This repository was archived so it is read-only.\n{NEVER_READ}"),
    "GitHub: file too large": remote("pre-receive hook declined", "remote: error: GH001: Large files detected.\n"),
    "GitLab: protected branch": remote(
        "pre-receive hook declined",
        "remote: GitLab: You are not allowed to push code to protected branches on this project.        \n",
    ),
    "GitLab: not a member": early(f"remote: You are not allowed to push code to this project.\nfatal: unable to access '{URL}/': The requested URL returned error: 403\n"),
    "GitLab: deploy key": early(
        "remote: \nremote: ========================================================================\nremote: \n"
        "remote: ERROR: This deploy key does not have write access to this project.\nremote: \n"
        f"remote: ========================================================================\n{NEVER_READ}"
    ),
    "GitLab: hook that speaks of a lost race": remote(
        "pre-receive hook declined", "remote: GitLab: Push rule: commit is non-fast-forward, fetch first\n"
    ),
    "Gitea: protected branch": remote("pre-receive hook declined", "remote: \nremote: Gitea: Not allowed to push to protected branch main\n"),
    "Gitea: no write access": remote("pre-receive hook declined", "remote: Gitea: User permission denied for writing.\n"),
    "Gitea: no write access, over SSH": early(
        f"Gitea: Unauthorized\nUser: 2:bob with Key: 3:laptop is not authorized to write to myorg/apps.\n{NEVER_READ}"
    ),
    "Bitbucket: branch restriction": remote("pre-receive hook declined", "remote: Permission denied to update branch main.\n"),
    "Bitbucket: no access": early(f"repository access denied.\n{NEVER_READ}"),
    "Bitbucket: unauthorised key": early(f"Unauthorized\n{NEVER_READ}"),
    "Bitbucket Server: 403": early(f"fatal: unable to access '{URL}/': The requested URL returned error: 403\n"),
    "Azure DevOps: branch policy": remote("TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch."),
    "Gerrit: no direct push": remote("prohibited by Gerrit: not permitted: update"),
    "gitolite: denied": remote("hook declined", "remote: FATAL: W refs/heads/main apps ada DENIED by fallthru\nremote: error: hook declined to update refs/heads/main\n"),
    "gitolite: denied before": early(f"FATAL: W any apps ada DENIED by fallthru\n(or you mis-spelled the reponame)\n{NEVER_READ}"),
    "git: a hook that speaks of a lost race": remote("hook declined", "remote: error: cannot lock ref: please fetch first\n"),
    "git: refs that cannot be written": remote(
        "failed to update ref",
        "remote: error: cannot lock ref 'refs/heads/main': Unable to create '/srv/apps.git/refs/heads/main.lock': Permission denied\n",
    ),
    "git: a read-only disk": remote(
        "failed to update ref",
        "remote: error: cannot lock ref 'refs/heads/main': Unable to create '/srv/apps.git/./refs/heads/main.lock': Read-only file system\n",
    ),
    "git: a full disk": remote("failed to update ref", "remote: error: cannot lock ref 'refs/heads/main': Unable to create '/srv/x.lock': No space left on device\n"),
    "git: objects that cannot be written": remote(
        "unpacker error", "remote: fatal: unable to create temporary object directory\nerror: remote unpack failed: unable to create temporary object directory\n"
    ),
    "git: the branch is checked out": remote("branch is currently checked out", "remote: error: refusing to update checked out branch: refs/heads/main\n"),
    "git: shallow": remote("shallow update not allowed"),
    "git: a hidden ref": remote("deny updating a hidden ref"),
    "HTTP 401": early(f"fatal: Authentication failed for '{URL}/'\n"),
    "HTTP, no token": early("fatal: could not read Username for 'https://example.com': terminal prompts disabled\n"),
    "SSH, no key": early(f"git@example.com: Permission denied (publickey).\n{NEVER_READ}"),
}  # fmt: skip

UNKNOWN = {
    "the connection broke": early("send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\n"),
    "HTTP 500": early("error: RPC failed; HTTP 500 curl 22 The requested URL returned error: 500\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\nEverything up-to-date\n"),
    "HTTP 502": early("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: the remote end hung up unexpectedly\n"),
    "SSH closed": early("Connection to example.com closed by remote host.\nfatal: the remote end hung up unexpectedly\n"),
    "no answer": early("fatal: unable to access 'https://example.com/myorg/apps.git/': Empty reply from server\n"),
}  # fmt: skip
