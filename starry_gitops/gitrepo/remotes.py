"""Which repository is meant: a URL, a path, or the working copy one stands in."""

import configparser
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starry_gitops.core.secrets import secret_shape
from starry_gitops.errors import AccessDenied, NotFound, RemoteUnreachable, UsageFault
from starry_gitops.gitrepo.environment import TOKEN, without_variables

_SCHEMES = frozenset({"https", "http", "ssh", "git", "file", "git+ssh", "ssh+git"})
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!//)[^\s:-][^\s]*")
_LONGEST_BRANCH = 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Remote:
    """Where to fetch from and push to. `working_copy` is the folder whose Git configuration names the people."""

    url: str
    working_copy: Path | None = None

    @property
    def is_local(self) -> bool:
        """True for a path or a file:// URL."""
        return self.url.startswith(("/", "file://"))


def resolve_remote(repo: str | None) -> Remote:
    """The remote that `--repo` names; None is the working copy one stands in.

    Raises:
        UsageFault: a form that is not allowed (`ext::`, option-like, a password in the URL).
        RemoteUnreachable: the path does not exist.
        NotFound: not inside a working copy, or it has no remote.
    """
    if repo is None:
        return _from_working_copy(Path.cwd())
    if not repo or not repo.isprintable():
        raise UsageFault("--repo is empty or holds control characters")
    if _is_trick(repo):
        raise UsageFault(
            f"--repo {repo!r} is not a repository's URL or path", hint="use https, ssh, git, file or a path"
        )
    scheme, separator, _ = repo.partition("://")
    if separator and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return Remote(url=_check_url(scheme.lower() + repo[len(scheme) :], scheme.lower()))
    if _SCP.fullmatch(repo) and not Path(repo).exists():
        return Remote(url=repo)
    return _from_path(Path(repo))


def _is_trick(text: str) -> bool:
    """An option, a remote helper (`ext::`) or an option in the place of an scp-like path."""
    head = text.partition("/")[0]
    return text.startswith("-") or "::" in head or ":-" in head


def _check_url(url: str, scheme: str) -> str:
    if scheme not in _SCHEMES:
        raise UsageFault(f"--repo: {scheme}:// is not supported", hint="use https, ssh, git, file or a path")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise UsageFault("--repo is not a valid URL") from None
    if parts.password is not None or secret_shape(parts.username or ""):
        raise UsageFault("--repo holds a password or token", hint=f"leave it out of the URL and set {TOKEN}")
    if host.startswith("-") or (parts.username or "").startswith("-") or (scheme != "file" and not host):
        raise UsageFault("--repo names no valid host")
    if scheme == "http" and os.environ.get(TOKEN) and host not in _LOOPBACK:
        raise UsageFault(f"--repo: a token is not sent over http:// to {host}", hint="use https://")
    return url


def _from_path(path: Path) -> Remote:
    try:
        if not path.is_dir():
            raise RemoteUnreachable(f"{path}: no such folder", hint="check --repo")
        real = path.resolve(strict=True)
        if (real / "HEAD").is_file() and (real / "objects").is_dir() and real.name != ".git":
            return Remote(url=str(real))
        next(real.iterdir(), None)
    except PermissionError:
        raise AccessDenied(f"{path}: permission denied", hint="check the rights to read the folder") from None
    except (OSError, ValueError) as error:
        raise RemoteUnreachable(f"{path}: {error}", hint="check --repo") from None
    return _from_working_copy(real)


def _from_working_copy(folder: Path) -> Remote:
    """The remote of the working copy around `folder`: its branch's upstream, else origin, else the only one."""
    # GitPython passes on, and obeys, whatever GIT_* it finds.
    with without_variables("GIT_", GIT_PYTHON_REFRESH="quiet"):
        import git  # noqa: PLC0415 - costs 60 ms that a command with a URL does not need

        try:
            with git.Repo(folder, search_parent_directories=True) as repo:
                urls = {remote.name: str(remote.config_reader.get_value("url", "")) for remote in repo.remotes}
                upstream = None if repo.head.is_detached else repo.active_branch.tracking_branch()
                top = Path(repo.working_tree_dir or repo.git_dir)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError, ValueError, OSError, configparser.Error):
            raise NotFound(f"{folder} is not a Git repository", hint="name the apps repository with --repo") from None
    name = upstream.remote_name if upstream else "origin"
    url = urls.get(name) or (next(iter(urls.values())) if len(urls) == 1 else "")
    if not url:
        raise NotFound(f"the working copy {top} has no remote", hint="name the apps repository with --repo")
    return _remote_of(url, top)


def _remote_of(url: str, top: Path) -> Remote:
    if _is_trick(url):
        raise UsageFault(f"the remote {url!r} of {top} is not a repository's URL or path")
    scheme, separator, _ = url.partition("://")
    if separator:
        return Remote(url=_check_url(url, scheme.lower()), working_copy=top)
    if _SCP.fullmatch(url):
        return Remote(url=url, working_copy=top)
    return Remote(url=_from_path(top / url).url, working_copy=top)


def check_branch(branch: str, option: str = "--branch") -> None:
    """Git's rules for branch names, as far as they keep a name from being something else (git-check-ref-format)."""
    if len(branch) > _LONGEST_BRANCH:
        raise UsageFault(f"{option} has {len(branch)} characters; at most {_LONGEST_BRANCH} make a branch's name")
    bad = not branch or branch.startswith(("-", "/", ".")) or branch.endswith(("/", ".", ".lock"))
    if bad or not branch.isprintable() or any(part in branch for part in ("..", "//", "@{", "/.")):
        raise UsageFault(f"{option} {branch!r} is not a branch's name")
    if set(branch) & set(" ~^:?*[\\"):
        raise UsageFault(f"{option} {branch!r} is not a branch's name")
