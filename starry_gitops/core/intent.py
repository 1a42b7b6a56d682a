"""What `create` and `update` want, and what both check and answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starry_gitops.core.context import Context
from starry_gitops.core.edits import Edit, Put
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.message import preview_message
from starry_gitops.core.model import Action, Image, ImageRequest, Preview, Result, Source, ValueEdit
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.ttl import format_instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Apply:
    """What `create` and `update` want. `ttl` in minutes; None keeps what is there, or takes the default."""

    source: Source
    overlay: str | None = None
    images: tuple[ImageRequest, ...] = ()
    commit: str | None = None
    owner: str | None = None
    ttl: int | None = None
    pin: bool = False
    edits: tuple[ValueEdit, ...] = ()
    sequence: int | None = None
    only_new: bool = False
    must_exist: bool = False
    keep_expiry: bool = False


def requested_images(intent: Apply, settings: Settings, current: Mapping[str, Image]) -> dict[str, Image]:
    """The images asked for; a repository not named is the current one, else the component's default."""
    images = {}
    for request in intent.images:
        component = settings.component(request.component)
        default = current[request.component].repository if request.component in current else ""
        repository = request.repository or default or (component.image if component else "")
        images[request.component] = Image(repository=repository, tag=request.tag)
    return images


def set_edits(intent: Apply) -> list[Edit]:
    """The further values as edits."""
    return [Put(path=edit.path, value=edit.value) for edit in intent.edits]


def result_of(
    action: Action, preview: Preview, images: Mapping[str, Image], context: Context, overlay: Overlay
) -> Result:
    """What the command answers."""
    return Result(
        name=preview.name,
        overlay=preview.overlay,
        action=action,
        urls=urls_of(context.settings, overlay, preview.name, images),
        expires_at=preview.expires_at,
        ttl_minutes=preview.ttl_minutes,
        pinned=preview.pinned,
    )


def message_of(
    action: str, preview: Preview, images: Mapping[str, Image], version: str, edits: Iterable[ValueEdit]
) -> str:
    """The commit message."""
    body = [f"{component}: {image.reference}" for component, image in images.items()]
    until = "pinned" if preview.pinned else f"expires {format_instant(preview.expires_at)}"
    return preview_message(
        action=action,
        name=preview.name,
        overlay=preview.overlay,
        version=version,
        body=[*body, until],
        owner=preview.owner,
        pull_request=preview.pull_request,
        edits=edits,
    )
