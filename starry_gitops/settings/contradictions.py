"""What each value of starry.yaml alone does not show."""

import re
from itertools import pairwise
from typing import Any

from starry_gitops.core.secrets import secret_shape
from starry_gitops.core.settings import Settings
from starry_gitops.settings.sync_contradictions import sync_contradictions

_HOST_REFERENCE = re.compile(r"\{host\.([^}]*)\}")


def contradictions(settings: Settings, values: dict[str, Any]) -> list[tuple[str, ...]]:
    """What each value alone does not show: a message and the path of keys where it stands."""
    ttl = settings.policy.ttl
    found: list[tuple[str, ...]] = []
    if not ttl.minimum <= ttl.default <= ttl.maximum:
        found.append(("policy.ttl: default must lie within min and max", "policy", "ttl"))
    if settings.default_overlay not in settings.overlays:
        known = ", ".join(settings.overlays)
        found.append((f"defaultOverlay: no overlay {settings.default_overlay!r} (overlays: {known})", "defaultOverlay"))
    for name, overlay in values.get("overlays", {}).items():
        if {"server", "name"} <= overlay.get("destination", {}).keys():
            message = f"overlays.{name}.destination: give server or name, not both"
            found.append((message, "overlays", name, "destination"))
    if settings.chart.chart and not settings.chart.repo_url:
        found.append(("chart.chart needs chart.repoURL", "chart", "chart"))
    if settings.chart.chart and "path" in values["chart"]:
        found.append(("chart: give chart (a Helm repository's) or path (a Git repository's), not both", "chart"))
    for check in (
        _overlapping_overlays,
        _inside_previews,
        _urls_with_users,
        _unknown_hosts,
        _shared_apps,
        sync_contradictions,
    ):
        found += check(settings)
    return found


def _overlapping_overlays(settings: Settings) -> list[tuple[str, ...]]:
    """Folders inside one another stand side by side when sorted; letters' case is no difference on some disks."""
    folders = sorted((f"{overlay.path}/".casefold(), name) for name, overlay in settings.overlays.items())
    return [
        (f"overlays.{name}.path lies inside overlay {above_name}'s", "overlays", name, "path")
        for (above, above_name), (folder, name) in pairwise(folders)
        if folder.startswith(above)
    ]


def _inside_previews(settings: Settings) -> list[tuple[str, ...]]:
    """Only previews stand among previews."""
    places: list[tuple[str, str, tuple[str, ...]]] = [("templates", settings.templates, ("templates",))]
    if settings.chart.repo_url is None:
        places.append(("chart.path", settings.chart.path, ("chart", "path")))
    return [
        (f"{key} lies inside the previews of overlay {overlay.name}", *path)
        for key, place, path in places
        for overlay in settings.overlays.values()
        if f"{place}/".startswith(f"{overlay.folder}/")
    ]


def _urls_with_users(settings: Settings) -> list[tuple[str, ...]]:
    """A user in an HTTP URL is a token or leads to one, and these URLs go into every manifest."""
    urls = [
        ("repoURL", settings.repo_url, ("repoURL",)),
        ("chart.repoURL", settings.chart.repo_url, ("chart", "repoURL")),
    ]
    return [
        (f"{key} holds a user or a token; Argo CD has its own credentials", *path)
        for key, url, path in urls
        if url and (secret_shape(url) or re.match(r"https?://[^/]*@", url, re.IGNORECASE))
    ]


def _unknown_hosts(settings: Settings) -> list[tuple[str, ...]]:
    return [
        (f"components.{part.name}.env.{key}: no component {name!r}", "components", part.name, "env", key)
        for part in settings.components
        for key, value in part.env.items()
        for name in _HOST_REFERENCE.findall(value)
        if settings.component(name) is None
    ]


def _shared_apps(settings: Settings) -> list[tuple[str, ...]]:
    apps: dict[str, str] = {}
    found: list[tuple[str, ...]] = []
    for part in settings.components:
        if part.app in apps:
            message = f"components.{part.name}.app: {part.app!r} is component {apps[part.app]}'s"
            found.append((message, "components", part.name, "app"))
        apps[part.app] = part.name
    return found
