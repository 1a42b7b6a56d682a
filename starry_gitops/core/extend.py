"""Decides what `extend` changes: the expiry and the pin, nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starry_gitops.core.application_edit import edit_application, existing_changes, expiry_after, refuse_future
from starry_gitops.core.check import refuse_findings
from starry_gitops.core.context import Context, Existing, find_existing, folder_of
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.edits import Edit, Put
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE
from starry_gitops.core.message import preview_message
from starry_gitops.core.model import Plan, Preview, Result, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_expiry, refuse_other_source, refuse_ttl, refuse_unmanaged
from starry_gitops.core.settings import TtlPolicy
from starry_gitops.core.ttl import format_instant, is_expired, minutes_until
from starry_gitops.core.values import TTL_PATH, fact_edits, image_fields, images_of
from starry_gitops.errors import NotFound

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Extend:
    """What `extend` wants: a TTL in minutes from now, or an instant (UTC), or a change of the pin; None keeps it."""

    source: Source
    overlay: str | None = None
    ttl: int | None = None
    until: datetime | None = None
    pinned: bool | None = None


def plan_extend(intent: Extend, context: Context) -> Plan[Result]:
    """Sets the expiry or the pin.

    Raises:
        NotFound, PolicyRefusal, InvalidRepository: nothing is to be written.
    """
    overlay = context.settings.overlay(intent.overlay)
    name = resolve_name(intent.source, context.settings, overlay)
    existing = find_existing(context, overlay, name)
    if existing is None:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    refuse_unmanaged(existing.preview)
    refuse_other_source(existing.preview, intent.source)
    refuse_future(existing, context.now)
    return _plan(existing, _extended(intent, existing.preview, context), context)


def _plan(existing: Existing, wanted: Preview, context: Context) -> Plan[Result]:
    folder = folder_of(existing.overlay, wanted.name)
    application = edit_application(existing, wanted, f"{folder}/{APPLICATION_FILE}")
    edits: list[Edit] = list(fact_edits(existing.values_node, existing.preview, wanted))
    if wanted.ttl_minutes != existing.preview.ttl_minutes:
        edits.append(Put(path=TTL_PATH, value=wanted.ttl_minutes))
    values = edit_yaml(existing.values, edits, file=f"{folder}/{VALUES_FILE}")
    changes = existing_changes(existing, application, values)
    result = Result(
        name=wanted.name,
        overlay=wanted.overlay,
        action="updated" if changes else "unchanged",
        urls=urls_of(
            context.settings,
            existing.overlay,
            wanted.name,
            images_of(image_fields(existing.values_node), context.settings),
        ),
        expires_at=wanted.expires_at,
        ttl_minutes=wanted.ttl_minutes,
        pinned=wanted.pinned,
    )
    if not changes:
        return Plan(changes=(), message="", answer=result)
    refuse_findings(context, existing.overlay, wanted.name, application, values, existing)
    return Plan(changes=changes, message=_message(wanted, context.version), answer=result)


def _extended(intent: Extend, old: Preview, context: Context) -> Preview:
    now, policy = context.now, context.settings.policy.ttl
    wanted = old if intent.pinned is None else replace(old, pinned=intent.pinned)
    if intent.until is not None:
        if intent.until == old.expires_at:
            return wanted
        refuse_expiry(intent.until, now, policy)
        return replace(wanted, expires_at=intent.until, ttl_minutes=minutes_until(intent.until, now))
    if intent.ttl is not None:
        refuse_ttl(intent.ttl, policy)
        return _with_ttl(wanted, intent.ttl, now, policy)
    unpinned = old.pinned and not wanted.pinned
    if not unpinned or not is_expired(old.expires_at, now):
        return wanted
    return _with_ttl(wanted, policy.clamp(old.ttl_minutes), now, policy)


def _with_ttl(preview: Preview, ttl: int, now: datetime, policy: TtlPolicy) -> Preview:
    """A TTL from now. TTLs count minutes: gaining less than one is no change, so a repeated command makes no commit."""
    expires_at = expiry_after(ttl, now, preview, policy)
    gain = expires_at - preview.expires_at
    if ttl == preview.ttl_minutes and timedelta(0) <= gain < _MINUTE:
        return preview
    return replace(preview, expires_at=expires_at, ttl_minutes=ttl)


def _message(preview: Preview, version: str) -> str:
    return preview_message(
        action="extend",
        name=preview.name,
        overlay=preview.overlay,
        version=version,
        body=["pinned" if preview.pinned else f"expires {format_instant(preview.expires_at)}"],
        owner=preview.owner,
        pull_request=preview.pull_request,
    )
