"""From the text of starry.yaml to Settings, with every error on its line."""

from typing import Any

from starry_gitops.core.hosts import hosts_of, is_host, name_limit
from starry_gitops.core.settings import (
    Chart,
    Component,
    Destination,
    GcPolicy,
    Overlay,
    Policy,
    Quota,
    Settings,
    TtlPolicy,
)
from starry_gitops.core.yamltext import Node, line_of, parse_document
from starry_gitops.errors import InvalidRepository
from starry_gitops.settings.contradictions import contradictions
from starry_gitops.settings.sync_reader import forge_settings, sync_settings
from starry_gitops.settings.table import SETTINGS
from starry_gitops.settings.web_reader import web_settings

SETTINGS_FILE = "starry.yaml"

# A slug of a branch keeps 12 characters of hash, a dash and something to recognise it by.
_SHORTEST_NAME = 20
_DEFAULT_COMPONENTS = {
    "backend": {"app": "sample-be", "image": "us-docker.pkg.dev/myproj/sample-be", "required": True},
    "frontend1": {"app": "sample-fe-1", "image": "us-docker.pkg.dev/myproj/sample-fe-1"},
    "frontend2": {"app": "sample-fe-2", "image": "us-docker.pkg.dev/myproj/sample-fe-2"},
}
_DEFAULT_OVERLAYS: dict[str, dict[str, Any]] = {"dev": {"previews": True}, "prod": {"previews": False}}


def read_settings(data: bytes | str, *, file: str = SETTINGS_FILE) -> Settings:
    """The settings, defaults filled in.

    Raises:
        InvalidRepository: unknown key, wrong type or bad value; names file, line, key and the nearest valid key.
    """
    node = parse_document(data, file=file)
    values = SETTINGS.read(node, "", file)
    settings = _build(values)
    for message, *path in contradictions(settings, values):
        raise InvalidRepository(message, file=file, line=line_of(node, *path))
    _check_hosts(settings, node, file)
    return settings


def _build(values: dict[str, Any]) -> Settings:
    policy = values.get("policy", {})
    overlays = {
        name: _overlay(name, value, values["domain"], policy.get("quota", {}))
        for name, value in (values.get("overlays") or _DEFAULT_OVERLAYS).items()
    }
    default = "dev" if "dev" in overlays else next(iter(overlays))
    return Settings(
        project=values.get("project", "starry"),
        domain=values["domain"],
        host_template=values.get("hostTemplate", "{app}.{name}.{domain}"),
        repo_url=values.get("repoURL"),
        target_revision=values.get("targetRevision", "HEAD"),
        chart=_chart(values.get("chart", {})),
        components=_components(values.get("components", _DEFAULT_COMPONENTS)),
        overlays=overlays,
        default_overlay=values.get("defaultOverlay", default),
        policy=_policy(values.get("policy", {})),
        templates=values.get("templates", ".starry/templates"),
        mode=values.get("mode", "push"),
        auto_merge=values.get("autoMerge", False),
        forge=forge_settings(values.get("forge", {})),
        sync=sync_settings(values.get("sync", {})),
        web=web_settings(values.get("web", {})),
    )


def _chart(values: dict[str, Any]) -> Chart:
    return Chart(
        repo_url=values.get("repoURL"),
        chart=values.get("chart"),
        target_revision=values.get("targetRevision", "main"),
        path=values.get("path", "." if "repoURL" in values else "charts/environment"),
        value_files=values.get("valueFiles", ("values.yaml",)),
        describe=values.get("describe", False),
    )


def _components(values: dict[str, dict[str, Any]]) -> tuple[Component, ...]:
    first = next((name for name, value in values.items() if value.get("required")), None)
    return tuple(
        Component(
            name=name,
            app=value["app"],
            image=value["image"],
            required=value.get("required", False),
            env=value["env"] if "env" in value else _default_env(first, required=value.get("required", False)),
        )
        for name, value in values.items()
    )


def _default_env(backend: str | None, *, required: bool) -> dict[str, str]:
    """A frontend is told where the backend is, as a Vite app expects it."""
    return {} if required or backend is None else {"VITE_API_BASE_URL": f"https://{{host.{backend}}}"}


def _overlay(name: str, values: dict[str, Any], domain: str, quota: dict[str, Any]) -> Overlay:
    destination = values.get("destination", {})
    named = destination.get("name")
    server = destination.get("server", None if named else "https://kubernetes.default.svc")
    argocd_namespace = values.get("argocdNamespace", "argocd")
    return Overlay(
        name=name,
        path=values.get("path", f"overlays/{name}"),
        argocd_namespace=argocd_namespace,
        application_namespace=values.get("applicationNamespace", argocd_namespace),
        destination=Destination(server=server, name=named),
        previews=values.get("previews", False),
        domain=values.get("domain", domain),
        quota=_quota({**quota, **values.get("quota", {})}),
    )


def _quota(values: dict[str, Any]) -> Quota:
    return Quota(total=values.get("total"), per_owner=values.get("perOwner"))


def _policy(values: dict[str, Any]) -> Policy:
    ttl, quota, gc = values.get("ttl", {}), values.get("quota", {}), values.get("gc", {})
    minimum, maximum = ttl.get("min", TtlPolicy().minimum), ttl.get("max", TtlPolicy().maximum)
    return Policy(
        ttl=TtlPolicy(
            default=ttl.get("default", min(max(TtlPolicy().default, minimum), maximum)),
            minimum=minimum,
            maximum=maximum,
        ),
        quota_over_all=_quota(quota.get("overAll", {})),
        images=values.get("images"),
        gc=GcPolicy(
            grace=gc.get("grace", 0),
            max_deletes=gc.get("maxDeletes", GcPolicy().max_deletes),
            max_delete_share=gc.get("maxDeleteShare", GcPolicy().max_delete_share),
        ),
    )


def _check_hosts(settings: Settings, node: Node, file: str) -> None:
    template = settings.host_template
    line = line_of(node, "hostTemplate")
    if template.count("{name}") != 1 or not template.endswith(".{domain}"):
        raise InvalidRepository("hostTemplate must hold {name} once and end in .{domain}", file=file, line=line)
    for overlay in settings.overlays.values():
        hosts = list(hosts_of(settings, overlay, "x").values())
        if len(set(hosts)) < len(hosts):
            raise InvalidRepository("hostTemplate must hold {app}: components share a host", file=file, line=line)
        if not all(is_host(host) for host in hosts):
            raise InvalidRepository(f"hostTemplate gives no valid host: {hosts[0]}", file=file, line=line)
        limit = name_limit(settings, overlay)
        if limit < _SHORTEST_NAME:
            message = f"the hosts leave only {limit} characters for a preview's name; shorten app or domain"
            raise InvalidRepository(message, file=file, line=line)
