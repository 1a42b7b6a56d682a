"""Who asks, what they may do, and how it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.middleware import Middleware
from starlette.requests import Request

from starry_gitops.errors import AccessDenied, UsageFault

Role = Literal["viewer", "developer", "admin"]
"""A viewer reads, a developer changes what is theirs, an admin changes all."""

Action = Literal["read", "create", "extend", "delete"]
"""What is asked for; changing images is `create`, as in the CLI; the pin is part of `extend`."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotSignedIn(AccessDenied):
    """Nobody knows who asks."""

    code = "not_signed_in"


class NotAllowed(AccessDenied):
    """This person may not do that."""

    code = "not_allowed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Whoever asks. The e-mail is the author's of their commits, and the owner of what they create."""

    name: str
    email: str
    role: Role


class Door(Protocol):
    """Tells who asks."""

    @property
    def routes(self) -> APIRouter:
        """Pages of the sign-in itself."""

    @property
    def middleware(self) -> Sequence[Middleware]:
        """Sessions, CSRF tokens (`request.state.csrf`), security headers, rates; the first one is the outermost."""

    def person(self, request: Request) -> Person:
        """Who asks.

        Raises:
            NotSignedIn: nobody knows.
        """

    def may(self, person: Person, action: Action, preview_owner: str | None) -> bool:
        """Whether the person may do that to a preview of that owner; None: it has none."""


def may(person: Person, action: Action, preview_owner: str | None) -> bool:
    """The rule of the three roles."""
    if action == "read" or person.role == "admin":
        return True
    return person.role == "developer" and preview_owner == person.email


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach that address."""
    return host in _LOOPBACK


class LocalDoor:
    """No sign-in: whoever can reach the loopback address is the person of this machine's Git configuration."""

    def __init__(self, person: Person, *, middleware: Sequence[Middleware] = ()) -> None:
        self._person = person
        self.routes = APIRouter()
        self.middleware = middleware

    def person(self, request: Request) -> Person:
        """The one person.

        Raises:
            NotSignedIn: a page elsewhere sent the browser here under another name (DNS rebinding).
        """
        if not is_loopback(_host_of(request)):
            raise NotSignedIn("without sign-in, this page answers to localhost and 127.0.0.1 only")
        return self._person

    def may(self, person: Person, action: Action, preview_owner: str | None) -> bool:
        """As their role allows."""
        return may(person, action, preview_owner)


def _host_of(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        raise UsageFault("the Host header is not a host's name") from None
