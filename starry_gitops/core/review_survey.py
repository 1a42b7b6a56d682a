"""What all previews of the base branch say of hosts, owners and URLs: a changed preview is held against them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.inventory import preview_names
from starry_gitops.core.manifest import APPLICATION_FILE, OWNER, VALUES_FILE, Fields, annotation, is_preview_field
from starry_gitops.core.settings import Overlay
from starry_gitops.core.skim import Skimmer
from starry_gitops.core.values import HOSTS_PATH
from starry_gitops.errors import InvalidRepository

Place = tuple[str, str]
"""A preview, by its overlay's and its own name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """Where each host is used (files by overlay), how often each URL is, and each preview's owner ("" is nobody)."""

    hosts: dict[str, list[tuple[str, Overlay]]] = field(default_factory=dict)
    urls: Counter[str] = field(default_factory=Counter)
    owners: dict[str, dict[str, str]] = field(default_factory=dict)

    def usual_url(self, known: str) -> str:
        """The URL by which previews call this repository: the known one where any does, else what most of them say."""
        if known in self.urls or not self.urls:
            return known
        return max(self.urls, key=lambda url: (self.urls[url], url))


def survey(context: Context, changed: Collection[Place]) -> Survey:
    """All previews of the base branch; the hosts of those that change are left out."""
    found = Survey()
    for overlay in context.settings.overlays.values():
        names = preview_names(context, overlay)
        found.owners[overlay.name] = dict.fromkeys(names, "")
        for name, fields in _skimmed(context, overlay, names, APPLICATION_FILE):
            found.owners[overlay.name][name] = annotation(fields, OWNER) or ""
            url = _url(fields)
            found.urls.update([url] if url else [])
        others = [name for name in names if (overlay.name, name) not in changed]
        for name, fields in _skimmed(context, overlay, others, VALUES_FILE):
            file = f"{folder_of(overlay, name)}/{VALUES_FILE}"
            for host in fields.values():
                found.hosts.setdefault(str(host), []).append((file, overlay))
    return found


def _skimmed(context: Context, overlay: Overlay, names: list[str], file: str) -> Iterator[tuple[str, Fields]]:
    """The wanted fields of each file that can be read."""
    paths = {name: f"{folder_of(overlay, name)}/{file}" for name in names}
    contents: Mapping[str, bytes] = context.snapshot.read_many(list(paths.values()))
    skimmer = Skimmer(_is_host if file == VALUES_FILE else _is_wanted)
    for name, path in paths.items():
        try:
            yield name, skimmer.fields(contents.get(path, b""), file=path)
        except InvalidRepository:
            continue


def _is_host(path: tuple[str, ...]) -> bool:
    return path[:2] == HOSTS_PATH


def _is_wanted(path: tuple[str, ...]) -> bool:
    return is_preview_field(path) or path in {("spec", "source", "repoURL"), ("spec", "sources", "1", "repoURL")}


def _url(fields: Fields) -> str:
    found = fields.get(("spec", "source", "repoURL")) or fields.get(("spec", "sources", "1", "repoURL"))
    return found if isinstance(found, str) else ""
