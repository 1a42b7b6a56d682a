"""The rules for a preview's application.yaml."""

from collections.abc import Iterator
from dataclasses import replace

from starry_gitops.core.difference import difference
from starry_gitops.core.findings import Finding
from starry_gitops.core.manifest import ENV_LABEL, FINALIZER, GENERATE_PATHS, MANAGED_BY, PART_OF, VALUES_FILE
from starry_gitops.core.preview_files import generate_paths
from starry_gitops.core.settings import Chart
from starry_gitops.core.subject import Subject
from starry_gitops.core.values import LABEL_PATH
from starry_gitops.core.yamltext import Node, look_up, plain, text_at

_SPEC_KEYS = frozenset({
    "project", "source", "sources", "destination", "syncPolicy", "ignoreDifferences", "info", "revisionHistoryLimit",
})  # fmt: skip


def identity(subject: Subject) -> Iterator[Finding]:
    """Application name, folder, namespace and label are one name; the labels mark it as Starry's."""
    name = subject.preview.name
    wanted = {
        ("apiVersion",): "argoproj.io/v1alpha1",
        ("kind",): "Application",
        ("metadata", "name"): name,
        ("metadata", "namespace"): subject.overlay.application_namespace,
        ("metadata", "labels", MANAGED_BY): "starry",
        ("metadata", "labels", PART_OF): "starry",
        ("metadata", "labels", ENV_LABEL): name,
    }
    for path, value in wanted.items():
        found = text_at(subject.application, *path)
        if found != value:
            yield subject.in_application("identity", f"{'.'.join(path)} must be {value!r}, not {found!r}", *path)
    if text_at(subject.values, *LABEL_PATH) != name:
        yield subject.in_values("identity", f"global.labels['starry.env'] must be {name!r}", *LABEL_PATH)
    for key in _keys(subject.application) - {"apiVersion", "kind", "metadata", "spec"}:
        yield subject.in_application("identity", f"unknown key {key!r} in an Application", key)


def _keys(node: Node | None) -> set[str]:
    content = plain(node) if node else None
    return set(content) if isinstance(content, dict) else set()


def project(subject: Subject) -> Iterator[Finding]:
    """The AppProject is the settings': whoever chooses the project chooses what may be deployed where."""
    found = text_at(subject.application, "spec", "project")
    if found != subject.settings.project:
        message = f"project must be {subject.settings.project!r}, not {found!r}"
        yield subject.in_application("project", message, "spec", "project")


def destination(subject: Subject) -> Iterator[Finding]:
    """The overlay's cluster and the preview's own namespace."""
    destination = subject.overlay.destination
    wanted = {"server": destination.server, "name": destination.name, "namespace": subject.preview.name}
    needed = {key: value for key, value in wanted.items() if value}
    place = difference(_plain_at(subject, "destination"), needed, lambda _key, found, value: found == value)
    if place is not None:
        message = "destination must be " + ", ".join(f"{key} {value}" for key, value in needed.items())
        yield subject.in_application("destination", message, "spec", "destination", *place)


def _plain_at(subject: Subject, key: str) -> object:
    node = look_up(subject.application, "spec", key)
    return plain(node) if node else None


def expected_sources(subject: Subject) -> tuple[str, object]:
    """The key under `spec` and its content: `source` for a chart in the apps repository, else `sources`."""
    chart, name = subject.settings.chart, subject.preview.name
    values_file = f"{subject.folder}/{VALUES_FILE}"
    apps = {"repoURL": subject.repo_url, "targetRevision": subject.settings.target_revision}
    if chart.repo_url is None:
        helm = {"releaseName": name, "valueFiles": [*chart.value_files, f"/{values_file}"]}
        return "source", {**apps, "path": chart.path, "helm": helm}
    helm = {"releaseName": name, "valueFiles": [*chart.value_files, f"$values/{values_file}"]}
    return "sources", [{**_chart_source(chart), "helm": helm}, {**apps, "ref": "values"}]


def _chart_source(chart: Chart) -> dict[str, object]:
    place = {"chart": chart.chart} if chart.chart else {"path": chart.path}
    # Any revision will do here; `_lagging_chart` warns of another one than the settings'.
    return {"repoURL": chart.repo_url, "targetRevision": None, **place}


def sources(subject: Subject) -> Iterator[Finding]:
    """The settings' chart with the preview's values file, and nothing else that could change what is rendered."""
    key, wanted = expected_sources(subject)
    yield from _lagging_chart(subject)
    other = "sources" if key == "source" else "source"
    if look_up(subject.application, "spec", other):
        yield subject.in_application("sources", f"spec.{other} must not be set beside spec.{key}", "spec", other)
    place = difference(_plain_at(subject, key), wanted, _same_field)
    if place is not None:
        where = ".".join((key, *place))
        message = f"spec.{where} is not the settings' chart with this preview's values.yaml, and nothing else"
        yield subject.in_application("sources", message, "spec", key, *place)
    for unknown in _keys(look_up(subject.application, "spec")) - _SPEC_KEYS:
        yield subject.in_application("sources", f"spec.{unknown} is not allowed in a preview", "spec", unknown)


def _same_field(_key: str, found: object, wanted: object) -> bool:
    """Equal; where what is wanted is not known, any text will do."""
    return isinstance(found, str) if wanted is None else found == wanted


def _lagging_chart(subject: Subject) -> Iterator[Finding]:
    """The settings may name a newer revision of the chart than when the preview was made."""
    revision = subject.settings.chart.target_revision
    found = _chart_revision(subject)
    if subject.settings.chart.repo_url is not None and found is not None and found != revision:
        path = ("spec", "sources", "0", "targetRevision")
        message = f"the chart's revision is {found!r}, the settings' {revision!r}"
        yield replace(subject.in_application("sources", message, *path), severity="warning")


def _chart_revision(subject: Subject) -> str | None:
    found = _plain_at(subject, "sources")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    revision = first.get("targetRevision")
    return revision if isinstance(revision, str) else None


def finalizer(subject: Subject) -> Iterator[Finding]:
    """The finalizer that makes Argo CD delete the environment with its Application."""
    node = look_up(subject.application, "metadata", "finalizers")
    finalizers = plain(node) if node else None
    if finalizers not in ([FINALIZER], [f"{FINALIZER}/foreground"], [f"{FINALIZER}/background"]):
        message = f"metadata.finalizers must be {FINALIZER} alone: else the environment, or the Application, never goes"
        yield subject.in_application("finalizer", message, "metadata", "finalizers")


def annotations(subject: Subject) -> Iterator[Finding]:
    """The paths for which Argo CD renders the preview anew."""
    path = ("metadata", "annotations", GENERATE_PATHS)
    wanted = generate_paths(subject.settings.chart, subject.folder)
    if text_at(subject.application, *path) != wanted:
        yield subject.in_application("annotations", f"{GENERATE_PATHS} must be {wanted!r}", *path)


def sync_policy(subject: Subject) -> Iterator[Finding]:
    """Automated sync with prune and selfHeal, into a namespace that is created."""
    path = ("spec", "syncPolicy")
    node = look_up(subject.application, *path)
    policy = plain(node) if node else None
    policy = policy if isinstance(policy, dict) else {}
    automated = policy.get("automated")
    if not isinstance(automated, dict) or not (automated.get("prune") is True and automated.get("selfHeal") is True):
        yield subject.in_application("sync-policy", "syncPolicy.automated must set prune and selfHeal", *path)
    elif automated.get("enabled") is False:
        yield subject.in_application("sync-policy", "syncPolicy.automated is switched off", *path)
    options = policy.get("syncOptions")
    if not isinstance(options, list) or "CreateNamespace=true" not in options:
        yield subject.in_application("sync-policy", "syncPolicy.syncOptions must hold CreateNamespace=true", *path)
