"""Reads many previews: who owns them, when they expire, what runs in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.manifest import (
    APPLICATION_FILE,
    OWNER,
    VALUES_FILE,
    Fields,
    annotation,
    is_preview_field,
    parse_preview,
    read_preview,
)
from starry_gitops.core.model import Image, Preview, Skipped
from starry_gitops.core.naming import is_label
from starry_gitops.core.settings import Overlay
from starry_gitops.core.skim import Skimmer
from starry_gitops.core.texts import printable
from starry_gitops.core.values import images_of, is_image_field
from starry_gitops.errors import InvalidRepository, UsageFault


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A preview and the images of its enabled components."""

    preview: Preview
    images: dict[str, Image]


def preview_names(context: Context, overlay: Overlay) -> list[str]:
    """The names of all previews of an overlay, sorted."""
    entries = context.snapshot.entries(overlay.folder)
    return sorted(name for name, entry in entries.items() if entry.kind == "folder")


def _misnamed(name: str) -> Skipped | None:
    """What is no preview's name never was one: it is reported, and never removed."""
    return None if is_label(name) else Skipped(name=printable(name), reason="not a preview's name")


def read_previews(context: Context, overlay: Overlay) -> Iterator[Preview | Skipped]:
    """Every preview of an overlay, sorted by name; one that cannot be read is skipped with the reason."""
    names = preview_names(context, overlay)
    files = context.snapshot.read_many([_application(overlay, name) for name in names])
    skimmer = Skimmer(is_preview_field)
    for name in names:
        path = _application(overlay, name)
        yield _read(skimmer, files.get(path), name, overlay, path)


def list_previews(context: Context, overlay: Overlay) -> Iterator[Listed | Skipped]:
    """As `read_previews`, with images."""
    names = preview_names(context, overlay)
    paths = [f"{folder_of(overlay, name)}/{file}" for name in names for file in (APPLICATION_FILE, VALUES_FILE)]
    files = context.snapshot.read_many(paths)
    applications, values = Skimmer(is_preview_field), Skimmer(is_image_field)
    for name in names:
        path = _application(overlay, name)
        found = _read(applications, files.get(path), name, overlay, path)
        yield found if isinstance(found, Skipped) else _with_images(found, values, files, context, overlay)


def owners_of(context: Context, overlay: Overlay) -> dict[str, str | None]:
    """The owner of each readable preview, counted once."""
    if overlay.name in context.owners:
        return context.owners[overlay.name]
    names = preview_names(context, overlay)
    files = context.snapshot.read_many([_application(overlay, name) for name in names])
    skimmer = Skimmer(is_preview_field)
    owners: dict[str, str | None] = {}
    for name in names:
        fields = _fields(skimmer, files.get(_application(overlay, name)))
        owners[name] = annotation(fields, OWNER)
    context.owners[overlay.name] = owners
    return owners


def _application(overlay: Overlay, name: str) -> str:
    return f"{folder_of(overlay, name)}/{APPLICATION_FILE}"


def _fields(skimmer: Skimmer, data: bytes | None) -> Fields:
    try:
        return skimmer.fields(data or b"", file="")
    except InvalidRepository:
        return {}


def _read(skimmer: Skimmer, data: bytes | None, name: str, overlay: Overlay, path: str) -> Preview | Skipped:
    misnamed = _misnamed(name)
    if misnamed:
        return misnamed
    if data is None:
        return Skipped(name=name, reason=f"{path}: missing, or not a regular file")
    try:
        return read_preview(skimmer.fields(data, file=path), name=name, overlay=overlay.name)
    except InvalidRepository as error:
        return Skipped(name=name, reason=error.message)
    except UsageFault:
        return Skipped(name=name, reason=_exact_reason(data, name, overlay, path))


def _exact_reason(data: bytes, name: str, overlay: Overlay, path: str) -> str:
    """The strict reading's message, which knows the line."""
    try:
        parse_preview(data, name=name, overlay=overlay.name, file=path)
    except InvalidRepository as error:
        return error.message
    return f"{path}: cannot be read"


def _with_images(
    preview: Preview, skimmer: Skimmer, files: Mapping[str, bytes], context: Context, overlay: Overlay
) -> Listed | Skipped:
    path = f"{folder_of(overlay, preview.name)}/{VALUES_FILE}"
    data = files.get(path)
    if data is None:
        return Skipped(name=preview.name, reason=f"{path}: missing, or not a regular file")
    try:
        return Listed(preview=preview, images=images_of(skimmer.fields(data, file=path), context.settings))
    except InvalidRepository as error:
        return Skipped(name=preview.name, reason=error.message)
