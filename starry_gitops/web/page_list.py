"""The page of all previews."""

import threading
from collections.abc import Sequence
from typing import get_args

from fastapi import APIRouter, Response

from starry_gitops.core.ttl import format_duration
from starry_gitops.service import current_time
from starry_gitops.web.listing import WITHIN, Row, State, look_up, make_rows, parse_query
from starry_gitops.web.rendering import render_rows
from starry_gitops.web.view import View
from starry_gitops.web.visit import PageRoute, Visiting

router = APIRouter(route_class=PageRoute)

_COLUMNS = (
    ("name", "Preview", "name"),
    (None, "State", "state"),
    ("expires", "Expires", "when"),
    ("owner", "Owner", "owner"),
    (None, "Pull request", "pr"),
    (None, "Runs", "apps"),
)


class _Shelf:
    """The newest rows of each overlay, until they change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, Sequence[Row]]] = {}

    def rows(self, view: View, overlay: str) -> Sequence[Row]:
        """As `view.rows`, ready to be shown."""
        stamp = view.stamp(overlay)
        kept = self._kept.get(overlay)
        if kept is None or kept[0] != stamp:
            with self._lock:
                rows = make_rows(view.settings, view.rows(overlay), kept[1] if kept else ())
                kept = self._kept[overlay] = (stamp, rows)
        return kept[1]


_shelf = _Shelf()


def rows_of(view: View, overlay: str) -> Sequence[Row]:
    """An overlay's previews."""
    return _shelf.rows(view, overlay)


@router.get("/", include_in_schema=False)
def show_list(visit: Visiting) -> Response:
    """All previews of an overlay, or those that were asked for."""
    asked = visit.request.query_params
    overlay, query, now = visit.overlay(asked.get("overlay")), parse_query(asked), current_time()
    listing = look_up(rows_of(visit.view, overlay.name), query, now)
    tabs: list[tuple[State, int]] = [(state, listing.counts[state]) for state in get_args(State)]
    # What expires soon is live still.
    tabs = [(state, count + (listing.counts["soon"] if state == "live" else 0)) for state, count in tabs]
    return visit.page(
        "list.html.j2",
        overlay,
        listing=listing,
        query=query,
        tabs=tabs,
        columns=_COLUMNS,
        within=[(minutes, format_duration(minutes)) for minutes in WITHIN],
        body=render_rows(listing.rows, now),
        skipped=visit.view.skipped(overlay.name),
        other_overlay="" if overlay.name == visit.overlay(None).name else overlay.name,
        me=visit.person.email,
        may_create=overlay.previews and visit.may("create", visit.person.email),
        example=next((part.name for part in visit.view.settings.components), "COMPONENT"),
    )
