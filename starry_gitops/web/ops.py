"""For those who run the page: is it alive, is it ready, what does it do."""

from collections import Counter
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from starry_gitops import __version__
from starry_gitops.errors import NotFound, StarryError
from starry_gitops.shapes import error_data
from starry_gitops.web.metrics import TEXT, Labels, Series
from starry_gitops.web.people import is_loopback
from starry_gitops.web.reading import Reader
from starry_gitops.web.selection import state_of
from starry_gitops.web.services import Services, parts_of
from starry_gitops.web.view import View

router = APIRouter(include_in_schema=False)

Parts = Annotated[Services, Depends(parts_of)]


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """Whether the process answers at all; asks nothing else."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(parts: Parts) -> JSONResponse:
    """Whether there is something to show. A remote that is away leaves the last state, which is still worth showing."""
    reader = parts.reader
    data: dict[str, Any] = {"status": "ready", "revision": reader.revision}
    if reader.stale_seconds is not None and reader.failure is not None:
        data |= {"status": "stale", "staleSeconds": round(reader.stale_seconds), "error": error_data(reader.failure)}
    try:
        reader.view()
    except StarryError as error:
        return JSONResponse({**data, "status": "broken", "error": error_data(error)}, 503)
    return JSONResponse(data)


@router.get("/metrics")
def metrics(request: Request, parts: Parts) -> Response:
    """For Prometheus, which asks by address; whoever comes by the name that people type finds nothing."""
    public = urlsplit(parts.config.base_url).hostname
    if request.url.hostname == public and not is_loopback(public or ""):
        raise NotFound("no such page", hint="ask by the pod's address")
    return Response(parts.metrics.text(*_series(parts.reader)), media_type=TEXT)


def _series(reader: Reader) -> list[Series]:
    series = [
        Series("build_info", "gauge", "Always 1.", {(("version", __version__),): 1}),
        Series("remote_up", "gauge", "1 when the last look at the branch worked.", {(): int(reader.failure is None)}),
        Series("remote_age_seconds", "gauge", "How old what is shown may be.", {(): float(reader.age)}),
        Series("followers", "gauge", "Who listens for changes.", {(): len(reader.followers)}),
    ]
    try:
        view = reader.view()
    except StarryError:
        return series
    return [
        *series,
        Series("previews", "gauge", "Previews, by overlay and state.", _states(view)),
        Series("skipped_previews", "gauge", "Previews that cannot be read.", _skipped(view)),
    ]


def _states(view: View) -> dict[Labels, float]:
    counted: dict[Labels, float] = {}
    for overlay in view.settings.overlays:
        states = Counter(state_of(row) for row in view.rows(overlay))
        counted |= {(("overlay", overlay), ("state", one)): states[one] for one in ("live", "expired", "pinned")}
    return counted


def _skipped(view: View) -> dict[Labels, float]:
    return {(("overlay", one),): len(view.skipped(one)) for one in view.settings.overlays}
