"""Decides what changes in a preview that exists: just what the intent names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from starry_gitops.core.application_edit import edit_application, existing_changes, expiry_after, refuse_future
from starry_gitops.core.check import refuse_findings
from starry_gitops.core.context import Context, Existing, folder_of
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.edits import Append, Discard, Edit, Put
from starry_gitops.core.hosts import env_of, hosts_of
from starry_gitops.core.intent import Apply, message_of, requested_images, result_of, set_edits
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE
from starry_gitops.core.model import Image, Plan, Preview, Result
from starry_gitops.core.policy import (
    refuse_images,
    refuse_new_owner,
    refuse_other_source,
    refuse_superseded,
    refuse_unmanaged,
    same_pull_request,
)
from starry_gitops.core.settings import Settings
from starry_gitops.core.values import HOSTS_PATH, TTL_PATH, fact_edits, image_fields, images_of
from starry_gitops.core.yamltext import parse_document
from starry_gitops.errors import PolicyRefusal


def plan_update(intent: Apply, context: Context, existing: Existing) -> Plan[Result]:
    """The change of a preview that exists; no change at all when it is as wanted.

    Raises:
        PolicyRefusal, InvalidRepository: nothing is to be written.
    """
    refuse_unmanaged(existing.preview)
    refuse_other_source(existing.preview, intent.source)
    refuse_superseded(existing.preview, intent.sequence)
    refuse_future(existing, context.now)
    overlay = existing.overlay
    if intent.owner and intent.owner != existing.preview.owner:
        refuse_new_owner(context, overlay, intent.owner)
    before = images_of(image_fields(existing.values_node), context.settings)
    values, images = _edit_images(intent, context.settings, existing, before)
    preview = _renewed(intent, existing.preview, context, image_changed=images != before)
    folder = folder_of(overlay, preview.name)
    facts = fact_edits(existing.values_node, existing.preview, preview)
    values = edit_yaml(values, [Put(path=TTL_PATH, value=preview.ttl_minutes), *facts], file=f"{folder}/{VALUES_FILE}")
    application = edit_application(existing, preview, f"{folder}/{APPLICATION_FILE}")
    changes = existing_changes(existing, application, values)
    if not changes:
        return Plan(changes=(), message="", answer=result_of("unchanged", preview, images, context, overlay))
    if intent.only_new:
        hint = "leave --only-new out to update it"
        raise PolicyRefusal(f"the preview {preview.name} exists", hint=hint, code="name_taken")
    refuse_findings(context, overlay, preview.name, application, values, existing)
    message = message_of("update", preview, images, context.version, intent.edits)
    return Plan(changes=changes, message=message, answer=result_of("updated", preview, images, context, overlay))


def _edit_images(
    intent: Apply, settings: Settings, existing: Existing, before: Mapping[str, Image]
) -> tuple[str, dict[str, Image]]:
    """The values with the intent's images and further values, and the images that then run."""
    file = f"{folder_of(existing.overlay, existing.preview.name)}/{VALUES_FILE}"
    requested = requested_images(intent, settings, before)
    refuse_images(requested, settings)
    hosts = hosts_of(settings, existing.overlay, existing.preview.name)
    edits = [*_image_edits(requested, settings, hosts, before), *set_edits(intent)]
    values = edit_yaml(existing.values, edits, file=file)
    after = images_of(image_fields(parse_document(values, file=file)), settings)
    stopped = [Discard(path=HOSTS_PATH, value=hosts[component]) for component in before if component not in after]
    return edit_yaml(values, stopped, file=file), after


def _image_edits(
    requested: Mapping[str, Image], settings: Settings, hosts: Mapping[str, str], running: Mapping[str, Image]
) -> Iterator[Edit]:
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
    ttl = intent.ttl or policy.clamp(old.ttl_minutes)
    return replace(preview, ttl_minutes=ttl, expires_at=expiry_after(ttl, context.now, old, policy))
