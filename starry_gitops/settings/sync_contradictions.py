"""What each value of `sync` alone does not show."""

from collections.abc import Iterator

from starry_gitops.core.images import parse_image
from starry_gitops.core.settings import Settings
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.core.ttl import format_duration
from starry_gitops.errors import StarryError

_PLACE = ("sync", "repositories")


def sync_contradictions(settings: Settings) -> list[tuple[str, ...]]:
    """A message and the path of keys where it stands, for each."""
    found = list(_images(settings))
    for repository in settings.sync.repositories.values():
        found += _repository(repository, settings)
    return [*found, *_shared(settings)]


def _images(settings: Settings) -> Iterator[tuple[str, ...]]:
    for name, text in settings.sync.images.items():
        if settings.component(name) is None:
            yield f"sync.images: no component {name!r}", "sync", "images", name
        try:
            parse_image(f"{name}={text}")
        except StarryError:
            yield f"sync.images.{name}: is no image (TAG, repo:TAG or repo@sha256:…)", "sync", "images", name


def _repository(one: SyncRepository, settings: Settings) -> Iterator[tuple[str, ...]]:
    key, place = f"sync.repositories.{one.name}", (*_PLACE, one.name)
    if settings.component(one.component) is None:
        yield f"{key}.component: no component {one.component!r}", *place, "component"
    if one.overlay is not None and one.overlay not in settings.overlays:
        known = ", ".join(settings.overlays)
        yield f"{key}.overlay: no overlay {one.overlay!r} (overlays: {known})", *place, "overlay"
    ttl = settings.policy.ttl
    if one.ttl is not None and not ttl.minimum <= one.ttl <= ttl.maximum:
        bounds = f"{format_duration(ttl.minimum)} to {format_duration(ttl.maximum)}"
        yield f"{key}.ttl must lie within policy.ttl's {bounds}", *place, "ttl"
    given = {one.component, *settings.sync.images}
    for part in settings.components:
        if part.required and part.name not in given:
            message = f"{key}: no image for the required component {part.name}; give one in sync.images"
            yield message, *place, "component"


def _shared(settings: Settings) -> Iterator[tuple[str, ...]]:
    """Names are compared over all overlays: whether two of them share a cluster may change later."""
    urls, names = dict[str, str](), dict[str, str]()
    for one in settings.sync.repositories.values():
        for key, value, taken in (("url", one.url.casefold(), urls), ("name", one.preview, names)):
            if value in taken:
                hint = "; give each repository a name template of its own" if key == "name" else ""
                place = (*_PLACE, one.name, key)
                yield f"sync.repositories.{one.name}.{key}: {value!r} is repository {taken[value]}'s{hint}", *place
            taken.setdefault(value, one.name)
