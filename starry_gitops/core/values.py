"""What a preview's values.yaml says about images, and about the preview itself."""

from collections.abc import Iterator

from starry_gitops.core.edits import Edit, Put
from starry_gitops.core.manifest import COMMIT, OWNER, PULL_REQUEST, Fields
from starry_gitops.core.model import Image, Preview
from starry_gitops.core.settings import Component, Settings
from starry_gitops.core.ttl import format_instant
from starry_gitops.core.yamltext import Node, leaves, look_up

TTL_PATH = ("global", "ttlMinutes")
LABEL_PATH = ("global", "labels", "starry.env")
EXPIRY_PATH = ("global", "expiresAt")
_ANNOTATIONS_PATH = ("global", "annotations")
FACTS = (EXPIRY_PATH, *((*_ANNOTATIONS_PATH, key) for key in (OWNER, PULL_REQUEST, COMMIT)))
HOSTS_PATH = ("ingress", "hosts")

NEVER = "never"
"""The expiry of a pinned preview, as the chart is told."""


def expiry_text(preview: Preview) -> str:
    """When the preview goes (RFC 3339, UTC), or `never`."""
    return NEVER if preview.pinned else format_instant(preview.expires_at)


def facts_of(preview: Preview) -> dict[tuple[str, ...], str | None]:
    """What the chart is told about the preview, by its place in the values. None is not written."""
    texts = (expiry_text(preview), preview.owner, preview.pull_request, preview.commit)
    return dict(zip(FACTS, texts, strict=True))


def fact_edits(values: Node, old: Preview, wanted: Preview) -> Iterator[Edit]:
    """What a changed preview changes in the values, where its template tells the chart of it."""
    before, told = facts_of(old), look_up(values, *EXPIRY_PATH) is not None
    annotated = told or look_up(values, *_ANNOTATIONS_PATH) is not None
    for path, text in facts_of(wanted).items():
        if text and text != before[path] and (told if path == EXPIRY_PATH else annotated):
            yield Put(path=path, value=text)


def is_image_field(path: tuple[str, ...]) -> bool:
    """True for the fields that `images_of` needs."""
    return path[1:] in {("enabled",), ("image", "repository"), ("image", "tag")}


def image_fields(node: Node) -> Fields:
    """The image fields of a strictly read values file."""
    return {path: leaf.value for path, leaf in leaves(node) if is_image_field(path)}


def is_enabled(fields: Fields, component: Component) -> bool:
    """Whether the component runs: a required one always, an optional one when it says so or has an image."""
    if component.required:
        return True
    enabled = fields.get((component.name, "enabled"))
    return enabled if isinstance(enabled, bool) else (component.name, "image", "tag") in fields


def images_of(fields: Fields, settings: Settings) -> dict[str, Image]:
    """The images of the enabled components, in the settings' order. A repository not named is the settings' one."""
    return {
        component.name: Image(
            repository=_text(fields, component.name, "repository") or component.image,
            tag=_text(fields, component.name, "tag"),
        )
        for component in settings.components
        if is_enabled(fields, component)
    }


def _text(fields: Fields, component: str, key: str) -> str:
    value = fields.get((component, "image", key))
    return "" if value is None else str(value)
