"""Server-sent events: whoever keeps the connection open is told when the branch has moved."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import StreamingResponse

from starry_gitops.web.api_reading import Parts
from starry_gitops.web.following import Change
from starry_gitops.web.reading import Reader

router = APIRouter()

# Seconds; proxies end a connection on which nothing is said.
_IDLE = 15.0
_RETRY = b"retry: 3000\n\n"


@router.get(
    "/events",
    summary="Changes as they happen",
    response_class=StreamingResponse,
    responses={200: {"description": "A stream that ends with the page.", "content": {"text/event-stream": {}}}},
)
async def events(
    parts: Parts, last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None
) -> StreamingResponse:
    """Each event is `branch`, with the commit, and the overlays and names of the previews that changed by it.

    The first one says where the branch is; a caller that has just that commit (`Last-Event-ID`) does not get it.
    """
    parts.reader.followers.refuse_crowd()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(parts.reader, last), headers=headers, media_type="text/event-stream")


async def _stream(reader: Reader, last: str | None) -> AsyncIterator[bytes]:
    yield _RETRY
    async for change in reader.followers.follow(idle=_IDLE):
        if change is None and reader.revision == last:
            yield b": still here\n\n"
            continue
        told = change or Change(revision=reader.revision)
        last = told.revision
        yield _event(told)


def _event(change: Change) -> bytes:
    previews = [{"overlay": overlay, "name": name} for overlay, name in change.previews]
    data = json.dumps({"revision": change.revision, "previews": previews})
    return f"id: {change.revision}\nevent: branch\ndata: {data}\n\n".encode()
