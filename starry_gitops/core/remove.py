"""Decides what `delete` removes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from starry_gitops.core.context import Context, find_existing, folder_of
from starry_gitops.core.manifest import APPLICATION_FILE, KEEP_FILE, MANAGED_BY, PART_OF
from starry_gitops.core.message import compose, preview_message
from starry_gitops.core.model import Change, Delete, Plan, Preview, Result, Source, Write
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_other_source, refuse_unmanaged, unmanaged
from starry_gitops.core.settings import Overlay
from starry_gitops.core.yamltext import parse_document, text_at
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
    absent = [name for name in named if name not in present]
    if absent and intent.must_exist:
        raise NotFound(
            f"no preview {absent[0]} in overlay {overlay.name}", hint="leave --must-exist out to accept that"
        )
    gone = {name: _removable(name, named[name], overlay, context) for name in named if name in present}
    results = tuple(_result(name, overlay, gone.get(name), is_gone=name in gone) for name in named)
    changes = removal_changes(context, overlay, list(gone))
    message = _delete_message(list(gone), gone, overlay, context) if gone else ""
    return Plan(changes=changes, message=message, answer=results)


def _removable(name: str, source: Source, overlay: Overlay, context: Context) -> Preview | None:
    preview = _readable(name, overlay, context)
    if preview is not None:
        refuse_unmanaged(preview)
        refuse_other_source(preview, source)
    return preview


def _result(name: str, overlay: Overlay, preview: Preview | None, *, is_gone: bool) -> Result:
    return Result(
        name=name,
        overlay=overlay.name,
        action="deleted" if is_gone else "absent",
        expires_at=preview.expires_at if preview else None,
        ttl_minutes=preview.ttl_minutes if preview else None,
        pinned=preview is not None and preview.pinned,
    )


def _readable(name: str, overlay: Overlay, context: Context) -> Preview | None:
    """The preview, or None when it is broken. What is not Starry's need not have its annotations."""
    try:
        existing = find_existing(context, overlay, name)
    except InvalidRepository:
        _refuse_foreign(name, overlay, context)
        return None
    return existing.preview if existing else None


def _refuse_foreign(name: str, overlay: Overlay, context: Context) -> None:
    path = f"{folder_of(overlay, name)}/{APPLICATION_FILE}"
    try:
        node = parse_document(context.snapshot.read(path) or b"", file=path)
    except InvalidRepository:
        return
    if text_at(node, "metadata", "labels", MANAGED_BY) != "starry":
        raise unmanaged(name)


def removal_changes(context: Context, overlay: Overlay, names: Sequence[str]) -> tuple[Change, ...]:
    """Deletes the folders, and makes sure that the overlay's previews/ keeps a file.

    Git keeps no empty folder; without one Argo CD could not render the App of Apps, and would never prune the last
    preview.
    """
    keep = context.snapshot.entries(overlay.folder).get(KEEP_FILE)
    deletes = tuple(Delete(path=folder_of(overlay, name)) for name in sorted(names))
    if not names or (keep and keep.kind == "file"):
        return deletes
    return (*deletes, Write(path=f"{overlay.folder}/{KEEP_FILE}", text=keep_file(overlay)))


def keep_name(overlay: Overlay) -> str:
    """The ConfigMap's name."""
    return f"previews-{overlay.name}-keep"


def keep_file(overlay: Overlay) -> str:
    """A ConfigMap beside the previews' Applications: the folder, and what Argo CD renders from it, is never empty."""
    labels = {PART_OF: "starry"}
    metadata = {"name": keep_name(overlay), "namespace": overlay.application_namespace, "labels": labels}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"overlay": overlay.name}}
    return yaml.safe_dump(config_map, sort_keys=False)


def _delete_message(
    names: Sequence[str], previews: Mapping[str, Preview | None], overlay: Overlay, context: Context
) -> str:
    if len(names) == 1:
        preview = previews[names[0]]
        return preview_message(
            action="delete",
            name=names[0],
            overlay=overlay.name,
            version=context.version,
            owner=preview.owner if preview else None,
            pull_request=preview.pull_request if preview else None,
        )
    trailers = [("Starry-Action", "delete"), *(("Starry-Preview", name) for name in names)]
    trailers += [("Starry-Overlay", overlay.name), ("Starry-Version", context.version)]
    return compose(f"previews({overlay.name}): delete {len(names)}", [], trailers)
