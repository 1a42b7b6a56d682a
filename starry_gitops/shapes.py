"""What programs get: the objects that `-o json` prints and the API answers with. Their keys are promised."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from starry_gitops.core.causes import Found
from starry_gitops.core.context import Context, find_existing, folder_of
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.inventory import Listed
from starry_gitops.core.model import Result, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_other_source
from starry_gitops.core.proposal import Proposed
from starry_gitops.core.ttl import format_instant, is_expired
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.core.waiting import Verdict
from starry_gitops.errors import NotFound, StarryError, shortened
from starry_gitops.gitrepo.history import LoggedCommit
from starry_gitops.publishing import Outcome

_CHANGED = frozenset({"created", "updated", "deleted"})


def instant(value: datetime | None) -> str | None:
    """A time in UTC, as `2026-01-31T18:00:00Z`."""
    return None if value is None else format_instant(value)


def has_changed(result: Result) -> bool:
    """Whether the commit is about this preview at all."""
    return result.action in _CHANGED


def result_data(result: Result, outcome: Outcome[Any]) -> dict[str, Any]:
    """What create, update, extend and delete did to one preview."""
    return {
        "name": result.name,
        "overlay": result.overlay,
        "namespace": result.name,
        "action": result.action,
        "commit": outcome.commit if has_changed(result) else None,
        "branch": outcome.branch,
        "urls": dict(result.urls),
        "expiresAt": instant(result.expires_at),
        "ttlMinutes": result.ttl_minutes,
        "pinned": result.pinned,
        "attempts": outcome.attempts,
        "dryRun": outcome.dry_run,
    }


def with_outcome(data: dict[str, Any], outcome: Outcome[Any]) -> dict[str, Any]:
    """Adds the diff of a dry run, and the pull request of a proposal."""
    more: dict[str, Any] = {"diff": outcome.diff} if outcome.dry_run else {}
    if outcome.proposal is not None:
        more["proposal"] = _proposal_data(outcome.proposal)
    return {**data, **more}


def _proposal_data(proposal: Proposed) -> dict[str, Any]:
    return {
        "url": proposal.url,
        "number": proposal.number,
        "branch": proposal.branch,
        "state": proposal.state,
        "autoMerge": proposal.auto_merge,
    }


def preview_data(listed: Listed, context: Context) -> dict[str, Any]:
    """One preview of `list`."""
    preview = listed.preview
    overlay = context.settings.overlay(preview.overlay)
    grace = context.settings.policy.gc.grace
    return {
        "name": preview.name,
        "overlay": preview.overlay,
        "namespace": preview.namespace,
        "images": {component: image.tag for component, image in listed.images.items()},
        "urls": urls_of(context.settings, overlay, preview.name, listed.images),
        "owner": preview.owner,
        "pullRequest": preview.pull_request,
        "createdAt": instant(preview.created_at),
        "expiresAt": instant(preview.expires_at),
        "expired": not preview.pinned and is_expired(preview.expires_at, context.now, grace),
        "pinned": preview.pinned,
    }


def preview_details(context: Context, source: Source, overlay_name: str | None) -> tuple[dict[str, Any], str]:
    """One preview of `show`, without its last commit, and its folder.

    Raises:
        NotFound: there is none.
    """
    overlay = context.settings.overlay(overlay_name)
    name = resolve_name(source, context.settings, overlay)
    existing = find_existing(context, overlay, name)
    if existing is None:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    refuse_other_source(existing.preview, source)
    preview = existing.preview
    images = images_of(image_fields(existing.values_node), context.settings)
    data = preview_data(Listed(preview=preview, images=images), context)
    more = {
        "ttlMinutes": preview.ttl_minutes,
        "repositories": {component: image.repository for component, image in images.items()},
        "branch": preview.branch,
        "commit": preview.commit,
        "sequence": preview.sequence,
    }
    return {**data, **more}, folder_of(overlay, name)


def commit_data(commit: LoggedCommit | None) -> dict[str, Any] | None:
    """One commit of `history`."""
    if commit is None:
        return None
    return {
        "commit": commit.commit,
        "date": format_instant(commit.date),
        "author": commit.author,
        "subject": commit.subject,
    }


def verdict_data(
    name: str, overlay: str, verdict: Verdict, *, commit: str, urls: Mapping[str, str], unread: Iterable[str]
) -> dict[str, Any]:
    """Whether a preview runs at a commit; else why not. `unread` says what could not be looked at."""
    return {
        "name": name,
        "overlay": overlay,
        "namespace": name,
        "state": verdict.state,
        "commit": commit,
        "urls": dict(urls),
        "causes": [cause_data(found) for found in verdict.found],
        "unread": list(unread),
    }


def cause_data(found: Found) -> dict[str, str]:
    """Why a preview does not run, and what to do about it."""
    return {
        "id": found.cause.id,
        "cause": found.cause.cause,
        "nextStep": found.cause.next_step,
        "where": found.where,
        "words": found.words,
    }


def error_data(error: StarryError) -> dict[str, str]:
    """What is wrong, and what to do about it."""
    return {"code": error.code, "message": shortened(error.message), "hint": shortened(error.hint)}
