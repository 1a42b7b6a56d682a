"""Judges how Argo CD is set up, for the settings of an apps repository."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from starry_gitops.core.doctor import Outcome, State
from starry_gitops.core.health import LOCAL_NAME, LOCAL_SERVER, Application, Installation, Project
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.waiting import condition_causes, same_repository

NEEDED = (3, 4)
"""The version of Argo CD whose manifest-generate-paths holds for value files in another repository."""
_LEAST = (3, 3)
_ONE_SOURCE = (2, 11)
_TRACKING = frozenset({"annotation", "annotation+label"})
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})", re.ASCII)
_SECONDS = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)
_SLOW = 600
_UNSEEN = "Argo CD's API does not tell; ask Kubernetes"


def judge_installation(found: Installation, settings: Settings, overlay: Overlay) -> Iterator[Outcome]:
    """All that the installation's own settings say."""
    version = version_of(found.version)
    yield _version(found, version)
    yield _tracking(found, version)
    yield _health(found)
    yield _reconciliation(found.settings)
    yield _generate_paths(version, settings)
    yield _namespaces(found.parameters, overlay)
    for name in ("external-secrets", "cert-manager"):
        yield _served(found.served, name)


def version_of(text: str | None) -> tuple[int, int] | None:
    """Major and minor number of `v3.4.1+abc`; None when it is no version."""
    match = _VERSION.match(text or "")
    return (int(match[1]), int(match[2])) if match else None


def _version(found: Installation, version: tuple[int, int] | None) -> Outcome:
    if version is None:
        return Outcome(check="argocd-version", state="skipped", detail="no version was found")
    state: State = "ok" if version >= NEEDED else "warn" if version >= _LEAST else "fail"
    return Outcome(check="argocd-version", state=state, detail=f"Argo CD {found.version}")


def _tracking(found: Installation, version: tuple[int, int] | None) -> Outcome:
    if found.tracking is None:
        return Outcome(check="tracking", state="skipped", detail="argocd-cm was not found")
    usual = "annotation" if version is None or version >= (3, 0) else "label"
    method = found.tracking or usual
    return Outcome(check="tracking", state="ok" if method in _TRACKING else "fail", detail=f"by {method}")


def _health(found: Installation) -> Outcome:
    if found.has_application_health is None:
        return Outcome(check="application-health", state="skipped", detail="argocd-cm was not found")
    if found.has_application_health:
        return Outcome(check="application-health", state="ok", detail="a health check of Applications is set")
    return Outcome(check="application-health", state="fail", detail="no health check of Applications is set")


def _reconciliation(settings: Mapping[str, str] | None) -> Outcome:
    if settings is None:
        return Outcome(check="reconciliation", state="skipped", detail=_UNSEEN)
    text = settings.get("timeout.reconciliation", "")
    if not text:
        return Outcome(check="reconciliation", state="ok", detail="not set: Argo CD's default, some minutes")
    match = _SECONDS.fullmatch(text)
    if match is None:
        return Outcome(check="reconciliation", state="warn", detail=f"{text!r} is no duration that is known here")
    seconds = sum(int(part or 0) * size for part, size in zip(match.groups(), (3600, 60, 1), strict=True))
    state: State = "ok" if 0 < seconds <= _SLOW else "warn"
    detail = "0: it never looks by itself, only a webhook makes it" if seconds == 0 else f"every {text}"
    return Outcome(check="reconciliation", state=state, detail=detail)


def _generate_paths(version: tuple[int, int] | None, settings: Settings) -> Outcome:
    if version is None:
        return Outcome(check="generate-paths", state="skipped", detail="no version was found")
    needed = _ONE_SOURCE if settings.chart.repo_url is None else NEEDED
    where = "in the apps repository" if settings.chart.repo_url is None else "elsewhere"
    detail = f"the chart is {where}: needs {needed[0]}.{needed[1]}"
    return Outcome(check="generate-paths", state="ok" if version >= needed else "warn", detail=detail)


def _namespaces(parameters: Mapping[str, str] | None, overlay: Overlay) -> Outcome:
    check = "application-namespaces"
    wanted = overlay.application_namespace
    if wanted == overlay.argocd_namespace:
        return Outcome(check=check, state="ok", detail="Applications are in Argo CD's own namespace")
    if parameters is None:
        return Outcome(check=check, state="skipped", detail=_UNSEEN)
    patterns = [part.strip() for part in parameters.get("application.namespaces", "").split(",")]
    is_in = any(part and fnmatchcase(wanted, part) for part in patterns)
    return Outcome(check=check, state="ok" if is_in else "fail", detail=f"{wanted} is {'' if is_in else 'not '}in it")


def _served(served: Mapping[str, bool], name: str) -> Outcome:
    if name not in served:
        return Outcome(check=name, state="skipped", detail=_UNSEEN)
    missing: State = "warn" if name == "cert-manager" else "fail"
    detail = "its API is served" if served[name] else "its API is not served"
    return Outcome(check=name, state="ok" if served[name] else missing, detail=detail)


def judge_projects(found: Mapping[str, Project | None], settings: Settings, overlay: Overlay, own: str) -> Outcome:
    """Whether the AppProjects are there, and allow the overlay's cluster and the settings' repositories.

    `own` is the apps repository's URL.
    """
    problems = [f"no AppProject {name}" for name, project in found.items() if project is None]
    project = found.get(settings.project)
    if project is not None:
        problems += _denied(project, settings, overlay, own)
    if problems:
        return Outcome(check="projects", state="fail", detail="; ".join(problems))
    return Outcome(check="projects", state="ok", detail=", ".join(found))


def _denied(project: Project, settings: Settings, overlay: Overlay, own: str) -> Iterator[str]:
    needed = {own, settings.chart.repo_url or own}
    for url in sorted(needed):
        if not any(same_repository(url, allowed) or fnmatchcase(url, allowed) for allowed in project.source_repos):
            yield f"{project.name} does not allow the repository {url}"
    if not any(_is_destination(one, overlay) for one in project.destinations):
        place = overlay.destination.server or overlay.destination.name
        yield f"{project.name} does not allow the cluster {place}"
    is_own = overlay.application_namespace == overlay.argocd_namespace
    if not is_own and not _matches(overlay.application_namespace, project.source_namespaces):
        yield f"{project.name} does not allow Applications in {overlay.application_namespace} (sourceNamespaces)"


def _is_destination(rule: Mapping[str, str], overlay: Overlay) -> bool:
    if rule.get("namespace", "").startswith("!"):
        return False
    server, name = overlay.destination.server, overlay.destination.name
    servers = [server] if server else [LOCAL_SERVER] if name == LOCAL_NAME else []
    return any(fnmatchcase(one, rule.get("server", "")) for one in servers) or (
        name is not None and fnmatchcase(name, rule.get("name", ""))
    )


def _matches(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def judge_app_of_apps(overlay: Overlay, found: Application | None) -> Outcome:
    """Whether the overlay's App of Apps is there and in order."""
    check, name = "app-of-apps", f"previews-{overlay.name}"
    if found is None:
        return Outcome(check=check, state="fail", detail=f"there is no Application {name}, or it cannot be seen")
    reason = next(condition_causes(found), None)
    if reason is not None:
        return Outcome(check=check, state="fail", detail=f"{name}: {reason.cause.cause} {reason.words}")
    state: State = "ok" if found.sync == "Synced" else "warn"
    return Outcome(check=check, state=state, detail=f"{name} is {found.sync}")
