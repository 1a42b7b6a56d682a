"""What `starry init` writes: the files of an apps repository, from the templates in `templates/scaffold`.

A path that holds `_env_` is written once for each environment. Every dynamic value is serialised by the renderer, so
neither a domain nor a URL can change the structure of a file.
"""

import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from starry_gitops.core.render import Key, render
from starry_gitops.data import data_root

UNKNOWN_REPO_URL: Final = "https://git.example.com/change-me/argocd-apps.git"
"""Stands in the files where the repository's own URL belongs, when nobody said what it is."""

_ENVIRONMENTS: Final = (
    {"key": Key("dev"), "name": "dev", "previews": True},
    {"key": Key("prod"), "name": "prod", "previews": False},
)
_PLACEHOLDER: Final = "_env_"
CLOSED_NAMESPACES: Final = (
    "argocd", "cert-manager", "default", "external-secrets", "gke-managed-*", "gmp-public", "gmp-system", "kube-*",
    "starry",
)  # fmt: skip
"""Namespaces that are somebody else's: Argo CD's, Kubernetes', GKE's, and those of base's Applications."""

# Kinds that hold pods, and where: GKE Autopilot rewrites parts of them.
_POD_SPECS: Final = (
    ("apps", "Deployment", ".spec.template.spec"),
    ("apps", "StatefulSet", ".spec.template.spec"),
    ("batch", "CronJob", ".spec.jobTemplate.spec.template.spec"),
)
_NO_LINK: Final = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaffoldOptions:
    """What the files depend on.

    Attributes:
        domain: where the previews' hosts live.
        repo_url: how Argo CD reaches the apps repository; None when that is not known yet.
        chart_repo: the Git repository of the environment chart; None to keep the chart in the apps repository.
        chart_revision: branch, tag or commit of `chart_repo`.
        chart_path: the chart's folder in `chart_repo`.
        application_namespace: where the previews' Applications are, if not in Argo CD's own namespace.
    """

    domain: str
    repo_url: str | None = None
    chart_repo: str | None = None
    chart_revision: str = "main"
    chart_path: str = "."
    application_namespace: str | None = None


EXAMPLE: Final = ScaffoldOptions(
    domain="starry.mycompany.com",
    repo_url="https://github.com/myorg/argocd-apps.git",
    chart_repo="https://github.com/myorg/environment-helm.git",
)
"""The settings of the project's own `argocd-apps/`, which is what `render_scaffold` makes of them."""


def render_scaffold(options: ScaffoldOptions) -> dict[str, str]:
    """The scaffold's files: path in the apps repository -> text, sorted by path."""
    # Imported here: no other command than init needs the JSON Schemas.
    from starry_gitops.settings.schema import schema_files  # noqa: PLC0415

    files = dict(schema_files())
    values = _values(options)
    root = data_root("templates") / "scaffold"
    for name, template in _texts(root).items():
        files |= _render_one(name.removesuffix(".j2"), template, values)
    # A template that makes nothing of these options is not for them.
    files = {path: text for path, text in files.items() if text.strip()}
    if options.chart_repo is None:
        chart = _texts(data_root("charts") / "environment")
        files |= {f"charts/environment/{name}": text for name, text in chart.items()}
    return dict(sorted(files.items()))


def _values(options: ScaffoldOptions) -> dict[str, object]:
    """What the templates know, the same for every file."""
    apps_repo = options.repo_url or UNKNOWN_REPO_URL
    starry_repo = _sibling(apps_repo, "starry.git")
    repositories = {"apps": apps_repo, "chart": options.chart_repo, "starry": starry_repo}
    chart = {"repo_url": options.chart_repo, "revision": options.chart_revision, "path": options.chart_path}
    return {
        "domain": options.domain,
        "repo_url": options.repo_url,
        "apps_repo": apps_repo,
        "apps_repo_ssh": _is_ssh(apps_repo),
        "starry_repo": starry_repo,
        "chart": chart if options.chart_repo else None,
        # The chart's repository, and this one: it holds the values, and the chart itself when that is kept here.
        "preview_sources": list(dict.fromkeys(url for url in (options.chart_repo, apps_repo) if url)),
        "repositories": [{"name": name, "url": url, "ssh": _is_ssh(url)} for name, url in repositories.items() if url],
        "environments": _ENVIRONMENTS,
        "application_namespace": options.application_namespace,
        "previews_namespace": options.application_namespace or "argocd",
        "closed_namespaces": sorted({*CLOSED_NAMESPACES, options.application_namespace or "argocd"}),
        "pod_specs": _POD_SPECS,
    }


def _is_ssh(url: str) -> bool:
    return url.startswith("ssh://") or ("://" not in url and ":" in url)


def _sibling(url: str, name: str) -> str:
    """The repository `name` of the same owner: Starry's own chart is expected beside the apps repository."""
    cut = max(url.rfind("/"), url.rfind(":")) + 1
    return url[:cut] + name


def _texts(folder: Path) -> dict[str, str]:
    """Every regular file below `folder`: relative path -> text."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _render_one(name: str, template: str, values: Mapping[str, object]) -> dict[str, str]:
    """One template's file, or one for each environment."""
    if _PLACEHOLDER not in name:
        return {name: render(template, values, file=name)}
    return {
        name.replace(_PLACEHOLDER, str(env["name"])): render(template, {**values, "env": env}, file=name)
        for env in _ENVIRONMENTS
    }


def write_scaffold(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Writes what is not there yet; what is there stays as it is.

    Each file appears whole or not at all, and no symlink below `root` is followed.

    Returns:
        The paths created, and those kept.

    Raises:
        OSError: a folder on the way is a symlink or not a folder (then nothing was written), or the disk refused.
    """
    root.mkdir(parents=True, exist_ok=True)
    created: list[str] = []
    kept: list[str] = []
    with _opened(os.open(root, os.O_DIRECTORY | os.O_CLOEXEC)) as top:
        contents = {path: _encoded(path, text) for path, text in files.items()}
        for path in contents:
            _check_folders(top, path)
        for path, content in contents.items():
            (created if _write_new(top, path, content) else kept).append(path)
    return created, kept


def _encoded(path: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "not a text that UTF-8 can hold", path) from error


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
        raise OSError(errno.EINVAL, "not a path inside the folder", path)
    return parts


def _check_folders(top: int, path: str) -> None:
    """Raises OSError when a file at `path` would have to go through a symlink or a file; makes nothing."""
    with suppress(FileNotFoundError), _folder(top, path, create=False):
        pass


@contextmanager
def _folder(top: int, path: str, *, create: bool) -> Iterator[int]:
    """The folder that holds `path`, opened step by step so that no step can be a symlink."""
    current = os.dup(top)
    try:
        for name in _parts(path)[:-1]:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=current)
            current = _step(current, name, path)
        yield current
    finally:
        os.close(current)


def _step(current: int, name: str, path: str) -> int:
    """The sub-folder `name`, in exchange for the folder `current`."""
    try:
        below = os.open(name, _NO_LINK, dir_fd=current)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise OSError(error.errno, f"{name!r} is a symlink or not a folder", path) from None
        raise
    os.close(current)
    return below


def _write_new(top: int, path: str, content: bytes) -> bool:
    """Writes one file under a temporary name, then gives it its own; False when something has that name already."""
    name = _parts(path)[-1]
    with _folder(top, path, create=True) as folder:
        if _exists(folder, name):
            return False
        temporary = f".{name}.{secrets.token_hex(6)}"
        try:
            _write(folder, temporary, content)
            # Unlike a rename, a link never replaces what another process has put there meanwhile.
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            return False
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
        return True


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write(folder: int, name: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o666, dir_fd=folder), "wb") as file:
        file.write(content)
