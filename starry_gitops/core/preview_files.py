"""Renders the two files of a new preview from the templates."""

from collections.abc import Mapping
from dataclasses import dataclass

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.hosts import env_of, hosts_of
from starry_gitops.core.labels import label_value
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE
from starry_gitops.core.model import Image, Preview
from starry_gitops.core.scalars import Key
from starry_gitops.core.settings import Chart, Component, Overlay
from starry_gitops.core.ttl import format_instant
from starry_gitops.core.values import expiry_text

# What a chart at the root of its own repository renders from; "." would be the whole apps repository too, because
# Argo CD applies the list to the `ref` source as well (GetSourceRefreshPaths).
_ROOT_CHART = (
    "/Chart.yaml", "/values.yaml", "/values.preview.yaml", "/values.schema.json", "/templates", "/charts",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPreview:
    """A preview that has no files yet, and its images by component."""

    preview: Preview
    overlay: Overlay
    images: Mapping[str, Image]


def generate_paths(chart: Chart, folder: str) -> str:
    """The `manifest-generate-paths` that make Argo CD render a preview for its own folder and its chart alone."""
    paths = [f"/{folder}"]
    if chart.chart is None:
        path = chart.path.strip("/")
        paths += _ROOT_CHART if path in {"", "."} else [f"/{path}"]
    return ";".join(paths)


def render_application(new: NewPreview, context: Context) -> str:
    """The text of application.yaml."""
    return _render(APPLICATION_FILE, _application_values(new, context), context)


def render_values(new: NewPreview, context: Context) -> str:
    """The text of values.yaml."""
    return _render(VALUES_FILE, _chart_values(new, context), context)


def _render(name: str, values: Mapping[str, object], context: Context) -> str:
    from starry_gitops.core.render import render  # noqa: PLC0415 - costs 30 ms that an update does not need

    file, text = context.template(f"{name}.j2")
    return render(text, values, file=file)


def _application_values(new: NewPreview, context: Context) -> dict[str, object]:
    preview, overlay, chart = new.preview, new.overlay, context.settings.chart
    folder = folder_of(overlay, preview.name)
    return {
        "name": preview.name,
        "overlay": overlay.name,
        "argocd_namespace": overlay.argocd_namespace,
        "application_namespace": overlay.application_namespace,
        "instance": overlay.instance(preview.name),
        "owner": preview.owner,
        "owner_label": label_value(preview.owner) if preview.owner else None,
        "created_at": format_instant(preview.created_at),
        "expires_at": format_instant(preview.expires_at),
        "ttl_minutes": preview.ttl_minutes,
        "pinned": preview.pinned,
        "pull_request": preview.pull_request,
        "branch": preview.branch,
        "commit": preview.commit,
        "sequence": preview.sequence,
        "generate_paths": generate_paths(chart, folder),
        "project": context.settings.project,
        "repo_url": context.repo_url,
        "target_revision": context.settings.target_revision,
        "values_file": f"{folder}/{VALUES_FILE}",
        "chart": {
            "in_apps_repository": chart.repo_url is None,
            "repo_url": chart.repo_url,
            "chart": chart.chart,
            "target_revision": chart.target_revision,
            "path": chart.path,
            "value_files": list(chart.value_files),
        },
        "destination": {"server": overlay.destination.server, "name": overlay.destination.name},
    }


def _chart_values(new: NewPreview, context: Context) -> dict[str, object]:
    settings = context.settings
    hosts = hosts_of(settings, new.overlay, new.preview.name)
    return {
        "name": new.preview.name,
        "overlay": new.overlay.name,
        "ttl_minutes": new.preview.ttl_minutes,
        "describe": settings.chart.describe,
        "expires_at": expiry_text(new.preview),
        "owner": new.preview.owner,
        "pull_request": new.preview.pull_request,
        "commit": new.preview.commit,
        "hosts": [host for component, host in hosts.items() if component in new.images],
        "components": [_component(part, new.images.get(part.name), hosts) for part in settings.components],
    }


def _component(component: Component, image: Image | None, hosts: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": Key(component.name),
        "required": component.required,
        "enabled": image is not None,
        "image": {"repository": image.repository, "tag": image.tag} if image else None,
        "env": {Key(key): value for key, value in env_of(component, hosts).items()},
    }
