"""Decides what `create` and `update` change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starry_gitops.core.check import refuse_findings
from starry_gitops.core.context import Context, Existing, find_existing, folder_of
from starry_gitops.core.edit import Append, Discard, Drop, Edit, Put, edit_yaml
from starry_gitops.core.hosts import env_of, hosts_of, urls_of
from starry_gitops.core.labels import label_value
from starry_gitops.core.manifest import (
    APPLICATION_FILE,
    BRANCH,
    COMMIT,
    ENV_LABEL,
    EXPIRES_AT,
    OWNER,
    PINNED,
    PULL_REQUEST,
    SEQUENCE,
    TTL_MINUTES,
    VALUES_FILE,
)
from starry_gitops.core.message import preview_message
from starry_gitops.core.model import Action, Image, ImageRequest, Plan, Preview, Result, Source, ValueEdit, Write
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import (
    refuse_images,
    refuse_other_source,
    refuse_previews_off,
    refuse_quota,
    refuse_secrets,
    refuse_superseded,
    refuse_taken_name,
    refuse_ttl,
    refuse_unmanaged,
    same_pull_request,
)
from starry_gitops.core.preview_files import NewPreview, render_application, render_values
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.ttl import format_instant
from starry_gitops.core.values import HOSTS_PATH, TTL_PATH, image_fields, images_of
from starry_gitops.core.yamltext import parse_document
from starry_gitops.errors import NotFound, PolicyRefusal, UsageFault

ANNOTATIONS = ("metadata", "annotations")
LABELS = ("metadata", "labels")


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


def plan_apply(intent: Apply, context: Context) -> Plan[Result]:
    """Creates the preview, or changes just what the intent names.

    Raises:
        UsageFault, NotFound, PolicyRefusal, InvalidRepository: nothing is to be written.
    """
    overlay = context.settings.overlay(intent.overlay)
    name = resolve_name(intent.source, context.settings, overlay)
    _refuse_intent(intent, context.settings)
    existing = find_existing(context, overlay, name)
    if existing is not None:
        return _update(intent, context, existing)
    if intent.must_exist:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry create makes one")
    return _create(intent, context, overlay, name)


def _refuse_intent(intent: Apply, settings: Settings) -> None:
    for image in intent.images:
        if settings.component(image.component) is None:
            known = ", ".join(component.name for component in settings.components)
            raise UsageFault(f"--image: no component named {image.component!r}", hint=f"components: {known}")
    if intent.ttl is not None:
        refuse_ttl(intent.ttl, settings.policy.ttl)
    texts = {"--owner": intent.owner, "--source-branch": intent.source.branch, "--commit": intent.commit}
    refuse_secrets((option, (), text) for option, text in texts.items())
    refuse_secrets((f"--image {image.component}", (), image.tag) for image in intent.images)
    refuse_secrets((f"--set {'.'.join(edit.path)}", edit.path, edit.value) for edit in intent.edits)
    for edit in intent.edits:
        _refuse_owned(edit, settings)


def _refuse_owned(edit: ValueEdit, settings: Settings) -> None:
    owned = [TTL_PATH, ("global", "labels", ENV_LABEL), HOSTS_PATH]
    owned += [(component.name, "image") for component in settings.components]
    if any(edit.path[: len(path)] == path[: len(edit.path)] for path in owned):
        raise UsageFault(
            f"--set {'.'.join(edit.path)}: Starry itself writes this value", hint="use --image or --ttl instead"
        )


def _create(intent: Apply, context: Context, overlay: Overlay, name: str) -> Plan[Result]:
    settings = context.settings
    refuse_previews_off(overlay)
    refuse_taken_name(context, overlay, name)
    refuse_quota(context, overlay, intent.owner)
    images = _requested_images(intent, settings, {})
    missing = [part.name for part in settings.components if part.required and part.name not in images]
    if missing:
        raise UsageFault(f"component {missing[0]} needs an image", hint=f"add --image {missing[0]}=TAG")
    refuse_images(images, settings)
    ttl = settings.policy.ttl.default if intent.ttl is None else intent.ttl
    preview = Preview(
        name=name,
        overlay=overlay.name,
        namespace=name,
        created_at=context.now,
        expires_at=context.now + timedelta(minutes=ttl),
        ttl_minutes=ttl,
        pinned=intent.pin,
        owner=intent.owner,
        pull_request=intent.source.pull_request.text if intent.source.pull_request else None,
        branch=intent.source.branch,
        commit=intent.commit,
        sequence=intent.sequence,
    )
    new = NewPreview(preview=preview, overlay=overlay, images=images)
    folder = folder_of(overlay, name)
    application = render_application(new, context)
    values = edit_yaml(render_values(new, context), _set_edits(intent), file=f"{folder}/{VALUES_FILE}")
    refuse_findings(context, overlay, name, application, values)
    changes = (
        Write(path=f"{folder}/{APPLICATION_FILE}", text=application),
        Write(path=f"{folder}/{VALUES_FILE}", text=values),
    )
    message = _message("create", preview, images, context.version)
    return Plan(changes=changes, message=message, answer=_result("created", preview, images, context, overlay))


def _update(intent: Apply, context: Context, existing: Existing) -> Plan[Result]:
    refuse_unmanaged(existing.preview)
    refuse_other_source(existing.preview, intent.source)
    refuse_superseded(existing.preview, intent.sequence)
    settings, overlay = context.settings, existing.overlay
    folder = folder_of(overlay, existing.preview.name)
    fields = image_fields(existing.values_node)
    requested = _requested_images(intent, settings, images_of(fields, settings))
    refuse_images(requested, settings)
    edits = [*_image_edits(requested, settings, overlay, existing), *_set_edits(intent)]
    values = edit_yaml(existing.values, edits, file=f"{folder}/{VALUES_FILE}")
    images = images_of(image_fields(parse_document(values, file=f"{folder}/{VALUES_FILE}")), settings)
    image_changed = images != images_of(fields, settings)
    preview = _renewed(intent, existing.preview, context, image_changed=image_changed)
    stopped = [part.name for part in settings.components if part.name not in images]
    hosts = hosts_of(settings, overlay, preview.name)
    ending = [Discard(path=HOSTS_PATH, value=hosts[component]) for component in stopped]
    ending_edits: list[Edit] = [*ending, Put(path=TTL_PATH, value=preview.ttl_minutes)]
    values = edit_yaml(values, ending_edits, file=f"{folder}/{VALUES_FILE}")
    application = edit_application(existing, preview, f"{folder}/{APPLICATION_FILE}")
    changes = existing_changes(existing, application, values)
    if not changes:
        return Plan(changes=(), message="", answer=_result("unchanged", preview, images, context, overlay))
    if intent.only_new:
        raise PolicyRefusal(
            f"the preview {preview.name} exists", hint="leave --only-new out to update it", code="name_taken"
        )
    refuse_findings(context, overlay, preview.name, application, values, existing)
    message = _message("update", preview, images, context.version)
    return Plan(changes=changes, message=message, answer=_result("updated", preview, images, context, overlay))


def existing_changes(existing: Existing, application: str, values: str) -> tuple[Write, ...]:
    """The files that differ from what stands in the repository."""
    folder = folder_of(existing.overlay, existing.preview.name)
    pairs = ((APPLICATION_FILE, existing.application, application), (VALUES_FILE, existing.values, values))
    return tuple(Write(path=f"{folder}/{file}", text=new) for file, old, new in pairs if old != new)


def edit_application(existing: Existing, wanted: Preview, file: str) -> str:
    """The manifest with the annotations (and the owner's label) that differ from the wanted preview."""
    old, edits = existing.preview, list[Edit]()
    for key, before, after in (
        (EXPIRES_AT, format_instant(old.expires_at), format_instant(wanted.expires_at)),
        (TTL_MINUTES, str(old.ttl_minutes), str(wanted.ttl_minutes)),
        (OWNER, old.owner, wanted.owner),
        (PULL_REQUEST, old.pull_request, wanted.pull_request),
        (BRANCH, old.branch, wanted.branch),
        (COMMIT, old.commit, wanted.commit),
        (SEQUENCE, _text(old.sequence), _text(wanted.sequence)),
        (PINNED, _flag(old.pinned), _flag(wanted.pinned)),
    ):
        if before != after and after is None:
            edits.append(Drop(path=(*ANNOTATIONS, key)))
            continue
        if before != after:
            edits.append(Put(path=(*ANNOTATIONS, key), value=after))
    if old.owner != wanted.owner and wanted.owner:
        edits.append(Put(path=(*LABELS, OWNER), value=label_value(wanted.owner)))
    return edit_yaml(existing.application, edits, file=file)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _flag(value: bool) -> str | None:  # noqa: FBT001 - a plain conversion
    return "true" if value else None


def _requested_images(intent: Apply, settings: Settings, current: Mapping[str, Image]) -> dict[str, Image]:
    images = {}
    for request in intent.images:
        component = settings.component(request.component)
        default = current[request.component].repository if request.component in current else ""
        repository = request.repository or default or (component.image if component else "")
        images[request.component] = Image(repository=repository, tag=request.tag)
    return images


def _set_edits(intent: Apply) -> list[Edit]:
    return [Put(path=edit.path, value=edit.value) for edit in intent.edits]


def _image_edits(
    requested: Mapping[str, Image], settings: Settings, overlay: Overlay, existing: Existing
) -> Iterator[Edit]:
    hosts = hosts_of(settings, overlay, existing.preview.name)
    running = images_of(image_fields(existing.values_node), settings)
    for component in settings.components:
        image = requested.get(component.name)
        if image is None:
            continue
        if component.name not in running:
            yield Put(path=(component.name, "enabled"), value=True)
            yield Append(path=HOSTS_PATH, value=hosts[component.name])
            for key, value in env_of(component, hosts).items():
                yield Put(path=(component.name, "env", key), value=value)
        yield Put(path=(component.name, "image", "repository"), value=image.repository)
        yield Put(path=(component.name, "image", "tag"), value=image.tag)


def _renewed(intent: Apply, old: Preview, context: Context, *, image_changed: bool) -> Preview:
    """The preview with what the intent names; its TTL starts anew when an image or the TTL itself changes."""
    wanted_url = intent.source.pull_request
    pull_request = old.pull_request
    if wanted_url and not (
        pull_request and wanted_url.url is None and same_pull_request(wanted_url.text, pull_request)
    ):
        pull_request = wanted_url.text
    preview = replace(
        old,
        owner=intent.owner or old.owner,
        pull_request=pull_request,
        branch=intent.source.branch or old.branch,
        commit=intent.commit or old.commit,
        sequence=old.sequence if intent.sequence is None else intent.sequence,
        pinned=old.pinned or intent.pin,
    )
    ttl_changed = intent.ttl is not None and intent.ttl != old.ttl_minutes
    if not ttl_changed and (not image_changed or intent.keep_expiry):
        return preview
    policy = context.settings.policy.ttl
    ttl = intent.ttl or min(max(old.ttl_minutes, policy.minimum), policy.maximum)
    return replace(preview, ttl_minutes=ttl, expires_at=later_now(context.now, old) + timedelta(minutes=ttl))


def later_now(now: datetime, preview: Preview) -> datetime:
    """Now, but never before the preview's creation: another machine's clock may be ahead of ours."""
    return max(now, preview.created_at)


def _result(
    action: Action, preview: Preview, images: Mapping[str, Image], context: Context, overlay: Overlay
) -> Result:
    return Result(
        name=preview.name,
        overlay=preview.overlay,
        action=action,
        urls=urls_of(context.settings, overlay, preview.name, images),
        expires_at=preview.expires_at,
        ttl_minutes=preview.ttl_minutes,
        pinned=preview.pinned,
    )


def _message(action: str, preview: Preview, images: Mapping[str, Image], version: str) -> str:
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
    )
