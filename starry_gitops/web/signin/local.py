"""What guards the page where nobody signs in: on loopback other sites are kept off all the same."""

import secrets
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.requests import Request

from starry_gitops.web.people import Person
from starry_gitops.web.services import services
from starry_gitops.web.signin.csrf import Csrf
from starry_gitops.web.signin.gate import Gate, Limits
from starry_gitops.web.signin.headers import SecurityHeaders
from starry_gitops.web.signin.sealing import Seals


class _Local:
    def __init__(self) -> None:
        self._id = secrets.token_urlsafe(16)

    def person(self, request: Request) -> Person:
        return services(request).door.person(request)

    def binding(self, _: Request) -> str:
        return self._id


def local_middleware(*, limits: Limits | None = None) -> Sequence[Middleware]:
    """For `LocalDoor`: security headers, CSRF tokens of this process, rates."""
    csrf = Csrf(Seals([secrets.token_urlsafe(32)]), origin=_asked_origin)
    gate = Middleware(Gate, door=_Local(), csrf=csrf, limits=limits or Limits(), sign_in=False, sign_out=False)
    return (Middleware(SecurityHeaders, secure=False), gate)


def _asked_origin(request: Request) -> str:
    """On loopback the page has several names; the door looks that it was asked by one of them."""
    return f"http://{request.headers.get('host', '')}"
