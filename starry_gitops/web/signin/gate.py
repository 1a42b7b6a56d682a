"""Before any page: who asks, how often, and whether it is really them. What is not let through is told here."""

import math
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starry_gitops.errors import StarryError
from starry_gitops.web.people import NotSignedIn, Person
from starry_gitops.web.problems import RequestFault, problem_response
from starry_gitops.web.signin.csrf import SAFE_METHODS, Csrf
from starry_gitops.web.signin.places import CALLBACK, HOME, SIGN_IN, SIGN_OUT, SIGNED_OUT
from starry_gitops.web.signin.rates import READS, SIGN_INS, WRITES, Buckets
from starry_gitops.web.visit import error_page

_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
_OPEN_FOLDERS = ("/static/", "/hooks/")
_DOORS = frozenset({SIGN_IN, CALLBACK, SIGNED_OUT})


class Guarded(Protocol):
    """What the gate asks a door."""

    def person(self, request: Request) -> Person:
        """Who asks.

        Raises:
            NotSignedIn: nobody knows.
            StarryError: they may not come in, or it cannot be told now.
        """

    def binding(self, request: Request) -> str:
        """What this browser's CSRF tokens fit: its session, or the person."""


class Limits:
    """The buckets of one page: of people, by what they ask, and of addresses that sign in."""

    def __init__(self, new: Callable[..., Buckets] = Buckets) -> None:
        self._reads, self._writes, self._sign_ins = new(READS), new(WRITES), new(SIGN_INS)

    def refuse_person(self, person: Person, method: str) -> None:
        """A person's request.

        Raises:
            RequestFault: too many.
        """
        _refuse(self._reads if method in SAFE_METHODS else self._writes, person.email)

    def refuse_stranger(self, request: Request) -> None:
        """A request of somebody who is not signed in.

        Raises:
            RequestFault: too many from that address.
        """
        _refuse(self._sign_ins, request.client.host if request.client else "")


class TooMany(RequestFault):
    """Somebody asks too often; `seconds` until they may again."""

    code = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__("too many requests", hint=f"try again in {seconds} s")
        self.seconds = seconds


def _refuse(buckets: Buckets, key: str) -> None:
    if wait := buckets.take(key):
        raise TooMany(math.ceil(wait))


class Gate:
    """An ASGI middleware.

    Args:
        app: what lies behind it.
        door: who knows people.
        csrf: gives tokens, and checks them.
        limits: how often one may ask.
        sign_in: whether the door has a page to sign in at.
        sign_out: whether one can sign out here.
    """

    def __init__(
        self, app: ASGIApp, *, door: Guarded, csrf: Csrf, limits: Limits, sign_in: bool, sign_out: bool
    ) -> None:
        self._app = app
        self._door = door
        self._csrf = csrf
        self._limits = limits
        self._has_sign_in = sign_in
        self._sign_out = SIGN_OUT if sign_out else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["path"] in _OPEN or scope["path"].startswith(_OPEN_FOLDERS):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            receive = await self._let_in(request)
        except StarryError as error:
            await self._told(request, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _let_in(self, request: Request) -> Receive:
        """Looks at who asks; what is returned still has the request's body.

        Raises:
            StarryError: not let in.
        """
        # Not request.url.path: that believes the Host header.
        path = request.scope["path"]
        if path in _DOORS and request.method in SAFE_METHODS:
            self._limits.refuse_stranger(request)
            return request.receive
        binding, found = await run_in_threadpool(self._asked, request)
        if binding:
            request.state.csrf, request.state.sign_out = self._csrf.token(binding), self._sign_out
        if not isinstance(found, StarryError):
            self._limits.refuse_person(found, request.method)
            return await self._checked(request, binding)
        self._limits.refuse_stranger(request)
        if not (binding and path == SIGN_OUT):
            raise found
        return await self._checked(request, binding)

    def _asked(self, request: Request) -> tuple[str, Person | StarryError]:
        binding = self._door.binding(request)
        try:
            return binding, self._door.person(request)
        except StarryError as error:
            return binding, error

    async def _checked(self, request: Request, binding: str) -> Receive:
        if request.method in SAFE_METHODS:
            return request.receive
        body = await self._csrf.check(request, binding)
        return request.receive if body is None else _again(body, request.receive)

    def _told(self, request: Request, error: StarryError) -> Response:
        path = request.scope["path"]
        for_people = not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
        if isinstance(error, NotSignedIn) and self._has_sign_in and for_people and request.method == "GET":
            query = request.scope["query_string"].decode("latin-1")
            place = f"{quote(path)}?{query}" if query else quote(path)
            return RedirectResponse(SIGN_IN if place == HOME else f"{SIGN_IN}?next={quote(place, safe='')}", 303)
        response = error_page(request, error) if for_people else problem_response(request, error)
        if isinstance(error, TooMany):
            response.headers["retry-after"] = str(error.seconds)
        return response


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read once more."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
