"""Decides what `create` and `update` change."""

from collections.abc import Mapping
from datetime import timedelta

from starry_gitops.core.check import refuse_findings
from starry_gitops.core.context import Context, check_folder, find_existing, folder_of
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.intent import Apply, message_of, requested_images, result_of, set_edits
from starry_gitops.core.manifest import APPLICATION_FILE, ENV_LABEL, VALUES_FILE
from starry_gitops.core.model import Image, Plan, Preview, Result, ValueEdit, Write
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import (
    refuse_images,
    refuse_previews_off,
    refuse_quota,
    refuse_secrets,
    refuse_taken_name,
    refuse_ttl,
)
from starry_gitops.core.preview_files import NewPreview, render_application, render_values
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.update import plan_update
from starry_gitops.core.values import FACTS, HOSTS_PATH, TTL_PATH
from starry_gitops.errors import NotFound, UsageFault


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
        return plan_update(intent, context, existing)
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
    owned = [TTL_PATH, ("global", "labels", ENV_LABEL), HOSTS_PATH, *FACTS]
    owned += [(component.name, "image") for component in settings.components]
    if any(edit.path[: len(path)] == path[: len(edit.path)] for path in owned):
        raise UsageFault(
            f"--set {'.'.join(edit.path)}: Starry itself writes this value", hint="use --image or --ttl instead"
        )


def _create(intent: Apply, context: Context, overlay: Overlay, name: str) -> Plan[Result]:
    refuse_previews_off(overlay)
    check_folder(context, overlay)
    refuse_taken_name(context, overlay, name)
    refuse_quota(context, overlay, intent.owner)
    images = requested_images(intent, context.settings, {})
    _refuse_missing_images(images, context.settings)
    refuse_images(images, context.settings)
    preview = _new_preview(intent, context, overlay, name)
    new = NewPreview(preview=preview, overlay=overlay, images=images)
    folder = folder_of(overlay, name)
    application = render_application(new, context)
    values = edit_yaml(render_values(new, context), set_edits(intent), file=f"{folder}/{VALUES_FILE}")
    refuse_findings(context, overlay, name, application, values)
    changes = (
        Write(path=f"{folder}/{APPLICATION_FILE}", text=application),
        Write(path=f"{folder}/{VALUES_FILE}", text=values),
    )
    message = message_of("create", preview, images, context.version, intent.edits)
    return Plan(changes=changes, message=message, answer=result_of("created", preview, images, context, overlay))


def _refuse_missing_images(images: Mapping[str, Image], settings: Settings) -> None:
    missing = [part.name for part in settings.components if part.required and part.name not in images]
    if missing:
        raise UsageFault(f"component {missing[0]} needs an image", hint=f"add --image {missing[0]}=TAG")


def _new_preview(intent: Apply, context: Context, overlay: Overlay, name: str) -> Preview:
    ttl = context.settings.policy.ttl.default if intent.ttl is None else intent.ttl
    return Preview(
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
