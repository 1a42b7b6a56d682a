"""The door behind Google's Identity-Aware Proxy: it signs who asks, and only what is signed counts.

https://cloud.google.com/iap/docs/signed-headers-howto
"""

import time

from fastapi import APIRouter
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from starry_gitops.web.people import Action, NotSignedIn, Person
from starry_gitops.web.rendering import render
from starry_gitops.web.services import services
from starry_gitops.web.signin.csrf import Csrf
from starry_gitops.web.signin.faults import SignInFault
from starry_gitops.web.signin.gate import Gate, Limits
from starry_gitops.web.signin.guests import guest_may, guest_of
from starry_gitops.web.signin.headers import SecurityHeaders
from starry_gitops.web.signin.identity import Identity, read_identity
from starry_gitops.web.signin.issuer import ask, check_url
from starry_gitops.web.signin.places import HOME, SIGN_OUT
from starry_gitops.web.signin.sealing import Seals
from starry_gitops.web.signin.tokens import KeyRing, read_token

KEYS = "https://www.gstatic.com/iap/verify/public_key-jwk"
"""Where Google publishes the proxy's keys."""

_ISSUER = "https://cloud.google.com/iap"
_HEADER = "x-goog-iap-jwt-assertion"
_LEAVE = "/_gcp_iap/clear_login_cookie"
_LEEWAY = 30


class IapDoor:
    """Lets in whom the proxy names in its signed header and the settings name.

    Args:
        audience: what the proxy's tokens say that they are for: `/projects/NUMBER/global/backendServices/ID`.
        base_url: what people type to come here.
        seals: signs CSRF tokens.
        keys_url: where the proxy's public keys are.
        limits: how often one may ask.
    """

    def __init__(
        self, audience: str, *, base_url: str, seals: Seals, keys_url: str = KEYS, limits: Limits | None = None
    ) -> None:
        check_url("the place of the proxy's keys", keys_url)
        self._audience = audience
        self._keys = KeyRing(lambda: ask(keys_url))
        gate = Middleware(
            Gate,
            door=self,
            csrf=Csrf(seals, origin=lambda _: base_url),
            limits=limits or Limits(),
            sign_in=False,
            sign_out=True,
        )
        secure = base_url.startswith("https://")
        self.middleware = (Middleware(SecurityHeaders, secure=secure), gate)
        self.routes = APIRouter(include_in_schema=False)
        self.routes.add_api_route(SIGN_OUT, self._leave, methods=["POST"], response_class=Response)

    def person(self, request: Request) -> Person:
        """Whom the proxy names, with the role that the settings give them now.

        Raises:
            NotSignedIn: it names nobody, or it was not the proxy.
            NotAllowed: no role.
        """
        identity = self._identity(request)
        settings = services(request).reader.view().settings.web
        return guest_of(identity, settings, binding=identity.subject)

    def binding(self, request: Request) -> str:
        """The person: the proxy keeps the session."""
        try:
            return self._identity(request).subject
        except NotSignedIn:
            return ""

    def may(self, person: Person, action: Action, preview_owner: str | None) -> bool:
        """As their role, and the owners' names of the settings, allow."""
        return guest_may(person, action, preview_owner)

    def _identity(self, request: Request) -> Identity:
        kept: Identity | None = getattr(request.state, "identity", None)
        if kept is None:
            kept = request.state.identity = self._read(request)
        return kept

    def _read(self, request: Request) -> Identity:
        found = request.headers.getlist(_HEADER)
        if len(found) != 1:
            hint = "this page is reached through its identity-aware proxy only"
            raise NotSignedIn("the request did not come through the proxy", hint=hint)
        try:
            claims = read_token(
                found[0],
                self._keys,
                algorithms=("ES256",),
                issuer=_ISSUER,
                audience=self._audience,
                leeway=_LEEWAY,
                now=time.time(),
            )
            return read_identity(claims)
        except SignInFault as error:
            raise NotSignedIn(f"the proxy's word is not valid: {error.message}", hint=error.hint) from None

    def _leave(self) -> Response:
        """The proxy ends its session itself. Not a redirect: the answer to a form may not lead to another site."""
        page = render("signed_out.html.j2", {"sign_in": HOME})
        return Response(page, headers={"Refresh": f"0; url={_LEAVE}"}, media_type="text/html")
