"""Decides what `delete` removes."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from starry_gitops.core.context import Context, find_existing, folder_of
from starry_gitops.core.manifest import KEEP_FILE, MANAGED_BY, PART_OF
from starry_gitops.core.message import compose, preview_message
from starry_gitops.core.model import Change, Delete, Plan, Preview, Result, Source, Write
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_other_source, refuse_unmanaged
from starry_gitops.core.settings import Overlay
from starry_gitops.errors import InvalidRepository, NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class Remove:
    """What `delete` wants."""

    sources: tuple[Source, ...]
    overlay: str | None = None
    must_exist: bool = False


def plan_remove(intent: Remove, context: Context) -> Plan[tuple[Result, ...]]:
    """Removes previews, broken ones too. One that is not there is `absent`.

    Raises:
        NotFound: one is not there and must be.
        PolicyRefusal: one is not Starry's, or was made for another pull request or branch.
    """
    overlay = context.settings.overlay(intent.overlay)
    present = set(context.snapshot.entries(overlay.folder)) - {KEEP_FILE}
    named = {resolve_name(source, context.settings, overlay): source for source in intent.sources}
    results = tuple(_remove_one(name, source, present, overlay, context) for name, source in named.items())
    absent = [result.name for result in results if result.action == "absent"]
    if absent and intent.must_exist:
        raise NotFound(
            f"no preview {absent[0]} in overlay {overlay.name}", hint="leave --must-exist out to accept that"
        )
    gone = [result.name for result in results if result.action == "deleted"]
    changes = removal_changes(context, overlay, gone)
    message = _delete_message(gone, overlay, context) if gone else ""
    return Plan(changes=changes, message=message, answer=results)


def _remove_one(name: str, source: Source, present: set[str], overlay: Overlay, context: Context) -> Result:
    if name not in present:
        return Result(name=name, overlay=overlay.name, action="absent")
    preview = _readable(name, overlay, context)
    if preview is None:
        return Result(name=name, overlay=overlay.name, action="deleted")
    refuse_unmanaged(preview)
    refuse_other_source(preview, source)
    return Result(
        name=name,
        overlay=overlay.name,
        action="deleted",
        expires_at=preview.expires_at,
        ttl_minutes=preview.ttl_minutes,
        pinned=preview.pinned,
    )


def _readable(name: str, overlay: Overlay, context: Context) -> Preview | None:
    try:
        existing = find_existing(context, overlay, name)
    except InvalidRepository:
        return None
    return existing.preview if existing else None


def removal_changes(context: Context, overlay: Overlay, names: Sequence[str]) -> tuple[Change, ...]:
    """Deletes the folders, and makes sure that the overlay's previews/ keeps a file.

    Git keeps no empty folder; without one Argo CD could not render the App of Apps, and would never prune the last
    preview.
    """
    entries = context.snapshot.entries(overlay.folder)
    deletes = tuple(Delete(path=folder_of(overlay, name)) for name in sorted(names))
    if not names or KEEP_FILE in entries or set(entries) - set(names):
        return deletes
    return (*deletes, Write(path=f"{overlay.folder}/{KEEP_FILE}", text=keep_file(overlay)))


def keep_file(overlay: Overlay) -> str:
    """A ConfigMap in Argo CD's namespace that keeps the folder, and what the Application renders, non-empty."""
    labels = {MANAGED_BY: "starry", PART_OF: "starry"}
    metadata = {"name": f"previews-{overlay.name}-keep", "namespace": overlay.argocd_namespace, "labels": labels}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"overlay": overlay.name}}
    return yaml.safe_dump(config_map, sort_keys=False)


def _delete_message(names: Sequence[str], overlay: Overlay, context: Context) -> str:
    if len(names) == 1:
        return preview_message(action="delete", name=names[0], overlay=overlay.name, version=context.version)
    trailers = [("Starry-Action", "delete"), *(("Starry-Preview", name) for name in names)]
    trailers += [("Starry-Overlay", overlay.name), ("Starry-Version", context.version)]
    return compose(f"previews({overlay.name}): delete {len(names)}", [], trailers)
