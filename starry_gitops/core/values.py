"""What a preview's values.yaml says about images and hosts."""

from starry_gitops.core.manifest import Fields
from starry_gitops.core.model import Image
from starry_gitops.core.settings import Component, Settings
from starry_gitops.core.yamltext import Node, leaves

TTL_PATH = ("global", "ttlMinutes")
LABEL_PATH = ("global", "labels", "starry.env")
HOSTS_PATH = ("ingress", "hosts")


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
