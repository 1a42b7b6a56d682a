"""`/hooks/github`, `/hooks/gitlab`, `/hooks/gitea`: where forges send their events."""

import asyncio
from dataclasses import asdict
from typing import Annotated, cast, get_args

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.web.hook_check import refuse_unsigned
from starry_gitops.web.problems import RequestFault
from starry_gitops.web.requests import LARGEST_HOOK
from starry_gitops.web.services import Services, parts_of

router = APIRouter(prefix="/hooks", include_in_schema=False)

Parts = Annotated[Services, Depends(parts_of)]

_JSON = "application/json"
# Seconds; forges send a body at once.
_PATIENCE = 10.0


@router.post("/{kind}")
async def receive_hook(request: Request, kind: str, parts: Parts) -> JSONResponse:
    """Answers at once: 202 what will be looked at, 200 what needs no work."""
    desk = parts.desk
    if desk is None or kind not in get_args(ForgeKind):
        raise HTTPException(404, "there are no such webhooks here")
    forge, headers = cast("ForgeKind", kind), dict(request.headers)
    refuse_unsigned(forge, headers)
    _refuse_other_types(request)
    body = await _body(request)
    receipt = await run_in_threadpool(desk.take, forge, headers, body)
    return JSONResponse(asdict(receipt), 202 if receipt.status == "queued" else 200, {"Cache-Control": "no-store"})


def _refuse_other_types(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        hint = f"choose {_JSON} as the webhook's content type on the forge"
        raise RequestFault("webhooks are sent as JSON", hint=hint, code="media_type")


async def _body(request: Request) -> bytes:
    """All of it, which is bounded; what says that it is too large is not read at all."""
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit() and len(told) <= len(str(LARGEST_HOOK)) and int(told) <= LARGEST_HOOK):
        raise RequestFault(f"the webhook is larger than {LARGEST_HOOK} bytes", code="too_large")
    try:
        async with asyncio.timeout(_PATIENCE):
            return await request.body()
    except (TimeoutError, ClientDisconnect):
        raise RequestFault("the webhook's body did not come") from None
