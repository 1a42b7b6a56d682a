"""Around every request: an id, a line in the log, figures, a limit of size, and an answer when the code fails."""

import contextvars
import logging
import re
import secrets
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starry_gitops.errors import StarryError
from starry_gitops.web.metrics import Metrics
from starry_gitops.web.problems import problem_response

log = logging.getLogger("starry")

LARGEST_BODY = 65_536
"""Bytes; no request of the API or of a page is larger."""
LARGEST_HOOK = 4_000_000
"""Bytes; forges send whole pull requests."""

_HEADER = b"x-request-id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


class _AddRequestId(logging.Filter):
    """Each line that is logged for a request, wherever, names it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if found := _request_id.get():
            record.fields = {"requestId": found, **getattr(record, "fields", {})}
        return True


_FILTER = _AddRequestId()


class Requests:
    """An ASGI middleware, the outermost one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        log.addFilter(_FILTER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(_HEADER, b"").decode("latin-1")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        token = _request_id.set(request_id)
        self._metrics.running += 1
        started, answer = time.perf_counter(), _Answer(send, request_id)
        try:
            await self._serve(scope, receive, answer)
        finally:
            self._metrics.running -= 1
            self._tell(scope, answer.status, time.perf_counter() - started)
            _request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, _limited(scope, receive), answer)
        except Exception as error:
            log.exception("a request failed unexpectedly", extra={"event": "failure"})
            if answer.status:
                raise
            fault = StarryError(
                f"unexpected failure: {type(error).__name__}", hint="this is a fault of Starry's; the log says more"
            )
            await problem_response(Request(scope), fault)(scope, receive, answer)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        endpoint = getattr(scope.get("endpoint"), "__name__", "other")
        self._metrics.request(method=_method(scope), endpoint=endpoint, status=status, seconds=seconds)
        fields = {"method": scope["method"], "path": scope["path"], "status": status, "seconds": round(seconds, 6)}
        extra = {"event": "request", "fields": fields}
        log.info("%s %s: %d, %.3f s", scope["method"], scope["path"], status, seconds, extra=extra)


class _Answer:
    """Sends, and remembers the status; 0 as long as nothing was sent."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (_HEADER, self._request_id)]
        await self._send(message)


def _method(scope: Scope) -> str:
    """As a label: nobody may make up new ones."""
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _limited(scope: Scope, receive: Receive) -> Receive:
    limit = LARGEST_HOOK if scope["path"].startswith("/hooks/") else LARGEST_BODY
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message: dict[str, Any] = dict(await receive())
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"the request is larger than {limit} bytes")
        return message

    return limited
