"""What `starry init` writes: an apps repository from `templates/scaffold`, its pipeline from `templates/ci`.

A path that holds `_env_` is written once for each environment. Every dynamic value is serialised by the renderer, so
neither a domain nor a URL can change the structure of a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from starry_gitops import __version__
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
    "argocd", "cert-manager", "default", "external-secrets", "gke-gmp-system", "gke-managed-*", "gmp-public",
    "gmp-system", "kube-*", "starry",
)  # fmt: skip
"""Namespaces that are somebody else's: Argo CD's, Kubernetes', GKE's, and those of base's Applications."""

# Kinds that hold pods, and where: GKE Autopilot rewrites parts of them.
_POD_SPECS: Final = (
    ("apps", "Deployment", ".spec.template.spec"),
    ("apps", "StatefulSet", ".spec.template.spec"),
    ("batch", "CronJob", ".spec.jobTemplate.spec.template.spec"),
)


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

    files = dict(schema_files()) | _rendered(data_root("templates") / "scaffold", options)
    if options.chart_repo is None:
        chart = _texts(data_root("charts") / "environment")
        files |= {f"charts/environment/{name}": text for name, text in chart.items()}
    return dict(sorted(files.items()))


def render_pipeline(forge: Literal["github", "gitlab"], options: ScaffoldOptions) -> dict[str, str]:
    """The files of the apps repository's pipeline on that forge: path in the apps repository -> text."""
    return _rendered(data_root("templates") / "ci" / forge, options)


def _rendered(folder: Path, options: ScaffoldOptions) -> dict[str, str]:
    """Every template of the folder, filled in."""
    files, values = dict[str, str](), _values(options)
    for name, template in _texts(folder).items():
        files |= _render_one(name.removesuffix(".j2"), template, values)
    # A template that makes nothing of these options is not for them.
    return {path: text for path, text in files.items() if text.strip()}


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
        "package": _package(starry_repo),
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


def _package(url: str) -> str:
    """What pip installs this version of Starry from."""
    if url.startswith("/"):
        url = f"file://{url}"
    elif "://" not in url:
        url = f"ssh://{url.replace(':', '/', 1)}"
    return f"git+{url}@v{__version__}"


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
