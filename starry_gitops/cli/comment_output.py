"""One preview's comment, as `starry comment` prints it."""

from typing import Any

from starry_gitops.core.texts import printable
from starry_gitops.shapes import instant
from starry_gitops.talking.row import Row


def row_cells(row: Row) -> tuple[str, ...]:
    """As people get it."""
    return row.notice.name, row.notice.overlay, row.notice.state, row.told.kept.action, printable(row.url)


def row_data(row: Row, *, with_text: bool) -> dict[str, Any]:
    """As programs get it."""
    data = {
        "name": row.notice.name,
        "overlay": row.notice.overlay,
        "pullRequest": row.url,
        "state": row.notice.state,
        "action": row.told.kept.action,
        "comment": row.told.kept.comment,
        "expiresAt": instant(row.notice.expires_at),
        "dryRun": with_text,
    }
    return {**data, "text": row.told.text} if with_text else data
