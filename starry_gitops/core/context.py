"""What every decision starts from, and reading one preview out of a snapshot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starry_gitops.core.manifest import APPLICATION_FILE, FILES, VALUES_FILE, parse_preview
from starry_gitops.core.model import Entry, Preview, Snapshot
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.yamltext import Node, parse_document
from starry_gitops.errors import InvalidRepository

Template = Callable[[str], tuple[str, str]]
"""From a template's file name to where it stands and its text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """One commit of the apps repository, its settings, the time (UTC) and where the repository is cloned from."""

    snapshot: Snapshot
    settings: Settings
    now: datetime
    apps_url: str
    template: Template
    version: str
    # Who owns what, by overlay and name, once it was counted.
    owners: dict[str, dict[str, str | None]] = field(default_factory=dict)

    @property
    def repo_url(self) -> str:
        """The URL by which Argo CD reaches the apps repository."""
        return self.settings.repo_url or self.apps_url


@dataclass(frozen=True, kw_only=True, slots=True)
class Existing:
    """A preview's two files, read strictly."""

    preview: Preview
    overlay: Overlay
    application: str
    values: str
    application_node: Node
    values_node: Node


def folder_of(overlay: Overlay, name: str) -> str:
    """The preview's folder in the apps repository."""
    return f"{overlay.folder}/{name}"


def check_folder(context: Context, overlay: Overlay) -> None:
    """Folders, or nothing, lead to the overlay's previews.

    Raises:
        InvalidRepository: a file or something else stands in the way.
    """
    folder = ""
    for name in overlay.folder.split("/"):
        entry = context.snapshot.entries(folder).get(name)
        folder = f"{folder}/{name}" if folder else name
        if entry is None:
            return
        if entry.kind != "folder":
            raise InvalidRepository(f"a {entry.kind}, not a folder", file=folder, hint="previews have their place here")


def find_existing(context: Context, overlay: Overlay, name: str) -> Existing | None:
    """The preview as it stands, or None when its folder does not exist.

    Raises:
        InvalidRepository: the folder does not hold exactly two regular, strict YAML files.
    """
    folder = folder_of(overlay, name)
    if name not in context.snapshot.entries(overlay.folder):
        return None
    check_layout(context.snapshot.entries(folder), folder)
    application_path, values_path = f"{folder}/{APPLICATION_FILE}", f"{folder}/{VALUES_FILE}"
    files = context.snapshot.read_many([application_path, values_path])
    node, preview = parse_preview(files[application_path], name=name, overlay=overlay.name, file=application_path)
    return Existing(
        preview=preview,
        overlay=overlay,
        application=files[application_path].decode(),
        values=files[values_path].decode(errors="replace"),
        application_node=node,
        values_node=parse_document(files[values_path], file=values_path),
    )


def layout_problem(name: str, entry: Entry | None) -> str | None:
    """What is wrong with one expected entry of a preview's folder, or None."""
    if entry is None:
        return f"{name} is missing"
    return None if entry.kind == "file" else f"{name} is a {entry.kind}, not a regular file"


def check_layout(entries: Mapping[str, Entry], folder: str) -> None:
    """A preview's folder holds both files, as regular files.

    Raises:
        InvalidRepository: one is missing or something else.
    """
    for name in sorted(FILES):
        problem = layout_problem(name, entries.get(name))
        if problem:
            raise InvalidRepository(problem, file=f"{folder}/{name}", hint="restore it, or delete the preview")
