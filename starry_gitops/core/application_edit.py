"""Turns a changed preview into edits of its manifest."""

from datetime import datetime, timedelta

from starry_gitops.core.context import Existing, folder_of
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.edits import Drop, Edit, Put
from starry_gitops.core.labels import label_value
from starry_gitops.core.manifest import (
    APPLICATION_FILE,
    BRANCH,
    COMMIT,
    CREATED_AT,
    EXPIRES_AT,
    OWNER,
    PINNED,
    PULL_REQUEST,
    SEQUENCE,
    TTL_MINUTES,
    VALUES_FILE,
)
from starry_gitops.core.model import Preview, Write
from starry_gitops.core.settings import TtlPolicy
from starry_gitops.core.ttl import CLOCK_SLACK, format_instant
from starry_gitops.core.yamltext import line_of
from starry_gitops.errors import InvalidRepository

ANNOTATIONS = ("metadata", "annotations")
LABELS = ("metadata", "labels")


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


def refuse_future(existing: Existing, now: datetime) -> None:
    """A creation that lies ahead of what clocks may differ by would carry every later expiry beyond the policy.

    Raises:
        InvalidRepository: it does.
    """
    if existing.preview.created_at > now + CLOCK_SLACK:
        file = f"{folder_of(existing.overlay, existing.preview.name)}/{APPLICATION_FILE}"
        line = line_of(existing.application_node, *ANNOTATIONS, CREATED_AT)
        hint = "check the clocks, then repair the manifest or delete the preview"
        raise InvalidRepository("created-at lies in the future", file=file, line=line, hint=hint)


def expiry_after(ttl: int, now: datetime, preview: Preview, policy: TtlPolicy) -> datetime:
    """A TTL (minutes) from now, or from the creation where another machine's clock was ahead of ours.

    Never beyond the policy's longest from now.
    """
    start = max(now, preview.created_at)
    return min(start + timedelta(minutes=ttl), now + timedelta(minutes=policy.maximum))
