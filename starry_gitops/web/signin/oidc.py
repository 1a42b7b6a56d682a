"""The door that signs people in with OpenID Connect."""

import logging
from collections.abc import Callable
from dataclasses import asdict, replace

from fastapi import APIRouter
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from starry_gitops.core.roles import WebSettings, known_groups
from starry_gitops.errors import StarryError
from starry_gitops.web.people import Action, NotSignedIn, Person
from starry_gitops.web.rendering import render
from starry_gitops.web.services import services
from starry_gitops.web.signin.cookies import Cookies
from starry_gitops.web.signin.csrf import Csrf
from starry_gitops.web.signin.faults import SignInFault
from starry_gitops.web.signin.flow import Client, Flow, Started, name_of
from starry_gitops.web.signin.gate import Gate, Limits
from starry_gitops.web.signin.guests import guest_may, guest_of
from starry_gitops.web.signin.headers import SecurityHeaders
from starry_gitops.web.signin.places import CALLBACK, SIGN_IN, SIGN_OUT, SIGNED_OUT, own_place
from starry_gitops.web.signin.sealing import Seals
from starry_gitops.web.signin.sessions import SECONDS, Session, new_session, read_session
from starry_gitops.web.visit import error_page

log = logging.getLogger("starry")

_STARTED = "signin"
_STARTED_SECONDS = 600
_MOST_STARTED = 5
_ANSWER = ("state", "iss", "code", "error")


class OidcDoor:
    """Lets in whom the issuer knows and the settings name.

    Args:
        client: what the issuer knows us as.
        base_url: what people type to come here.
        seals: signs cookies and CSRF tokens.
        limits: how often one may ask.
    """

    def __init__(self, client: Client, *, base_url: str, seals: Seals, limits: Limits | None = None) -> None:
        self._flow = Flow(client)
        self._seals = seals
        self._cookies = Cookies(secure=base_url.startswith("https://"))
        gate = Middleware(
            Gate,
            door=self,
            csrf=Csrf(seals, origin=lambda _: base_url),
            limits=limits or Limits(),
            sign_in=True,
            sign_out=True,
        )
        self.middleware = (Middleware(SecurityHeaders, secure=self._cookies.secure), gate)
        self.routes = APIRouter(include_in_schema=False)
        for method, path, endpoint in (
            ("GET", SIGN_IN, self._start),
            ("GET", CALLBACK, self._finish),
            ("POST", SIGN_OUT, self._leave),
            ("GET", SIGNED_OUT, self._left),
        ):
            self.routes.add_api_route(path, _as_page(endpoint), methods=[method], response_class=Response)

    def person(self, request: Request) -> Person:
        """Who is signed in, with the role that the settings give them now.

        Raises:
            NotSignedIn: nobody.
            NotAllowed: no role.
        """
        session = self._session(request)
        if session is None:
            raise NotSignedIn("nobody is signed in", hint=f"go to {SIGN_IN}")
        return guest_of(session.identity, _settings(request), binding=session.id)

    def binding(self, request: Request) -> str:
        """The session's id."""
        session = self._session(request)
        return session.id if session else ""

    def may(self, person: Person, action: Action, preview_owner: str | None) -> bool:
        """As their role, and the owners' names of the settings, allow."""
        return guest_may(person, action, preview_owner)

    def _session(self, request: Request) -> Session | None:
        text = request.cookies.get(self._cookies.session)
        return read_session(text, self._seals) if text else None

    def _start(self, request: Request) -> Response:
        """Sends the browser to the issuer."""
        started, url = self._flow.start(own_place(request.query_params.get("next", "")))
        response = RedirectResponse(url, 303)
        waiting = [name for name in request.cookies if name.startswith(self._cookies.started)]
        for name in waiting if len(waiting) >= _MOST_STARTED else ():
            self._cookies.drop(response, name)
        sealed = self._seals.seal(_STARTED, asdict(started), seconds=_STARTED_SECONDS)
        self._cookies.put(response, self._cookies.started + started.name(), sealed, seconds=_STARTED_SECONDS)
        return response

    def _finish(self, request: Request) -> Response:
        """The issuer sent the browser back."""
        answer = {key: request.query_params[key] for key in _ANSWER if key in request.query_params}
        if any(len(request.query_params.getlist(key)) > 1 for key in _ANSWER):
            raise SignInFault("the issuer's answer says something twice", hint="sign in again")
        cookie = self._cookies.started + name_of(answer.get("state", ""))
        kept = self._seals.open(_STARTED, request.cookies.get(cookie, ""))
        if kept is None:
            raise SignInFault("this sign-in was not begun here, or too long ago", hint="sign in again")
        started = Started(**{key: kept[key] for key in Started.__slots__})
        identity = self._flow.finish(started, answer)
        settings = _settings(request)
        identity = replace(identity, groups=known_groups(identity.groups, settings))
        guest = guest_of(identity, settings, binding="")
        log.info("%s signed in as %s", guest.email, guest.role, extra={"event": "signed_in"})
        response = RedirectResponse(started.place, 303)
        self._cookies.drop(response, cookie)
        self._cookies.put(response, self._cookies.session, new_session(identity, self._seals), seconds=SECONDS)
        return response

    def _leave(self, request: Request) -> Response:
        """Ends the session in this browser."""
        session = self._session(request)
        log.info("%s signed out", session.identity.email if session else "nobody", extra={"event": "signed_out"})
        response = RedirectResponse(SIGNED_OUT, 303)
        self._cookies.drop(response, self._cookies.session)
        return response

    def _left(self, _: Request) -> Response:
        return Response(render("signed_out.html.j2", {"sign_in": SIGN_IN}), media_type="text/html")


def _settings(request: Request) -> WebSettings:
    return services(request).reader.view().settings.web


def _as_page(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Whatever goes wrong is told as a page."""

    def answer(request: Request) -> Response:
        try:
            return endpoint(request)
        except StarryError as error:
            log.warning("a sign-in failed: %s", error.message, extra={"event": "sign_in_failed"})
            return error_page(request, error)

    return answer
