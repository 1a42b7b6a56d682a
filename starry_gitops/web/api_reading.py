"""What the API tells: the list, one preview, its commits, the settings."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from starry_gitops import __version__
from starry_gitops.core.naming import check_text
from starry_gitops.core.parameters import parse_ttl
from starry_gitops.errors import NotFound
from starry_gitops.service import current_time
from starry_gitops.web import bodies
from starry_gitops.web.cluster import status_data
from starry_gitops.web.digest import digest
from starry_gitops.web.reading import Reader
from starry_gitops.web.selection import Selection, Sort, State
from starry_gitops.web.services import Services, parts_of
from starry_gitops.web.view import Row, View

router = APIRouter()

Parts = Annotated[Services, Depends(parts_of)]
Overlay = Annotated[
    str | None, Query(min_length=1, max_length=253, description="Default: the page's own, else the settings'.")
]
# Only said: the core refuses what does not fit, and says what would.
_NAME = {"pattern": "^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$"}
Name = Annotated[str, Path(max_length=253, description="The preview's name.", json_schema_extra=_NAME)]


async def _selection(
    q: Annotated[str | None, Query(max_length=200, description="In names, owners, pull requests, images.")] = None,
    owner: Annotated[str | None, Query(max_length=1024, description="Only this owner's.")] = None,
    state: Annotated[State | None, Query(description="Only those.")] = None,
    expires_within: Annotated[
        str | None, Query(alias="expiresWithin", max_length=32, examples=["30m"], description="Only those.")
    ] = None,
    sort: Annotated[Sort, Query(description="`-` begins with the last.")] = "name",
) -> Selection:
    minutes = parse_ttl(expires_within, "expiresWithin")
    within = None if minutes is None else timedelta(minutes=minutes)
    return Selection(text=q, owner=owner, state=state, expires_within=within, sort=sort)


@router.get(
    "/previews",
    summary="The list of previews",
    response_model=list[bodies.Listed],
)
def list_previews(
    request: Request,
    parts: Parts,
    selection: Annotated[Selection, Depends(_selection)],
    overlay: Overlay = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """What `starry list -o json` prints.

    `Total-Count` says how many there are on all pages; `Link` leads on.
    """
    view, now = parts.reader.view(), current_time()
    where = _where(parts, overlay)
    # What expires within some time changes by the minute, not with the branch.
    stamp = None if selection.expires_within is not None else view.stamp(where, now)
    if stamp and (known := _unchanged(request, parts.reader, stamp)):
        return known
    found = selection.of(view.rows(where, now), now)
    headers = {"Total-Count": str(len(found)), **_links(request, len(found), limit, offset)}
    return _answer(parts.reader, found[offset : offset + limit], stamp, headers)


@router.get("/previews/{name}", summary="One preview", response_model=bodies.Details)
def show_preview(request: Request, parts: Parts, name: Name, overlay: Overlay = None) -> Response:
    """What `starry show -o json` prints."""
    view, now, where = parts.reader.view(), current_time(), _where(parts, overlay)
    stamp = view.stamp(where, now)
    return _unchanged(request, parts.reader, stamp) or _answer(parts.reader, view.details(name, where, now), stamp)


@router.get("/previews/{name}/history", summary="A preview's commits", response_model=list[bodies.Commit])
def show_history(
    request: Request,
    parts: Parts,
    name: Name,
    overlay: Overlay = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Response:
    """What `starry history -o json` prints, newest first, also when the preview is gone."""
    view = parts.reader.view()
    known = _unchanged(request, parts.reader, view.revision)
    return known or _answer(parts.reader, view.history(name, _where(parts, overlay), limit=limit), view.revision)


@router.get("/previews/{name}/status", summary="What runs of a preview", response_model=bodies.Status)
def show_status(parts: Parts, name: Name, overlay: Overlay = None) -> Response:
    """What one look of `starry wait -o json` finds; somebody else's look of the last seconds serves too.

    404 also where nobody is asked: `starry serve` needs `--argocd-server` or `--kubernetes`.
    """
    view = parts.reader.view()
    where = view.overlay(_where(parts, overlay))
    if parts.statuses is None:
        raise NotFound("nobody is asked here what runs", hint="start starry serve with --argocd-server")
    status = parts.statuses.status(view, where, name)
    return _answer(parts.reader, status_data(view, where, name, status), None)


@router.get("/skipped", summary="What cannot be read as a preview", response_model=list[bodies.SkippedOne])
def show_skipped(request: Request, parts: Parts, overlay: Overlay = None) -> Response:
    """Each with the reason."""
    view = parts.reader.view()
    where = view.overlay(_where(parts, overlay)).name
    found = [{"name": one.name, "overlay": where, "reason": one.reason} for one in view.skipped(where)]
    return _unchanged(request, parts.reader, view.revision) or _answer(parts.reader, found, view.revision)


@router.get("/settings", summary="What one must know to make a preview", response_model=bodies.Digest)
def show_settings(request: Request, parts: Parts) -> Response:
    """Overlays, components and the policy, from starry.yaml."""
    view: View = parts.reader.view()
    return _unchanged(request, parts.reader, view.revision) or _answer(parts.reader, digest(view), view.revision)


def _where(parts: Services, overlay: str | None) -> str | None:
    return parts.config.overlay if overlay is None else check_text("overlay", overlay)


def _unchanged(request: Request, reader: Reader, stamp: str) -> Response | None:
    """304, when the caller has what it would get."""
    tag = _tag(stamp)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers=_headers(reader, tag)) if tag in known or "*" in known else None


def _answer(
    reader: Reader,
    data: Sequence[Row] | dict[str, Any] | list[Any],
    stamp: str | None,
    headers: dict[str, str] | None = None,
) -> Response:
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    about = _headers(reader, None if stamp is None else _tag(stamp)) | (headers or {})
    return Response(content, headers=about, media_type="application/json")


def _tag(stamp: str) -> str:
    """The same on every replica of one version."""
    return f'"{stamp}-{__version__}"'


def _headers(reader: Reader, tag: str | None) -> dict[str, str]:
    headers = {"Cache-Control": "private, no-cache", "Starry-Revision": reader.revision}
    stale = reader.stale_seconds
    return headers | ({"ETag": tag} if tag else {}) | ({} if stale is None else {"Starry-Stale": f"{stale:.0f}"})


def _links(request: Request, total: int, limit: int, offset: int) -> dict[str, str]:
    """RFC 8288: the pages before and after."""
    places = {
        "prev": max(offset - limit, 0) if offset else None,
        "next": offset + limit if offset + limit < total else None,
    }
    links = [f'<{_page(request, place)}>; rel="{name}"' for name, place in places.items() if place is not None]
    return {"Link": ", ".join(links)} if links else {}


def _page(request: Request, offset: int) -> str:
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "offset"]
    return f"{request.url.path}?{urlencode([*query, ('offset', str(offset))])}"
