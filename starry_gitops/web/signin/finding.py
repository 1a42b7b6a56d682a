"""From what `starry serve` was told to the door."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starry_gitops.errors import UsageFault
from starry_gitops.web.signin.flow import Client
from starry_gitops.web.signin.iap import KEYS, IapDoor
from starry_gitops.web.signin.issuer import CLIENT_SECRET, check_url
from starry_gitops.web.signin.oidc import OidcDoor
from starry_gitops.web.signin.places import CALLBACK
from starry_gitops.web.signin.sealing import SESSION_KEY, Seals, session_keys

_AUDIENCE = re.compile(
    r"/projects/\d+/(?:global/backendServices/\d+|apps/[a-z0-9-]+|locations/[a-z0-9-]+/services/[a-z0-9-]+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How people sign in: an OpenID Connect issuer, or an identity-aware proxy; None of both is no sign-in."""

    issuer: str | None = None
    client_id: str | None = None
    scopes: str = "openid email profile"
    groups_claim: str = "groups"
    iap_audience: str | None = None
    iap_keys: str = KEYS


def find_door(sign_in: SignIn, *, base_url: str, environment: Mapping[str, str]) -> OidcDoor | IapDoor | None:
    """The door, or None where no sign-in is wanted.

    Args:
        sign_in: what was told.
        base_url: what people type to come here.
        environment: holds the secrets, `STARRY_SESSION_KEY` and `STARRY_OIDC_CLIENT_SECRET`.

    Raises:
        UsageFault: something is missing, or contradicts something else.
    """
    if sign_in.issuer and sign_in.iap_audience:
        raise UsageFault("an issuer and a proxy are given", hint="leave out --oidc-issuer or --iap-audience")
    if bool(sign_in.issuer) != bool(sign_in.client_id):
        raise UsageFault("an issuer and a client id belong together", hint="give --oidc-issuer and --oidc-client-id")
    if not sign_in.issuer and not sign_in.iap_audience:
        return None
    check_url("--base-url", base_url)
    seals = Seals(session_keys(environment.get(SESSION_KEY)))
    if sign_in.iap_audience:
        if not _AUDIENCE.fullmatch(sign_in.iap_audience):
            hint = "e.g. /projects/1234567890/global/backendServices/1234567890123456789"
            raise UsageFault(f"--iap-audience {sign_in.iap_audience[:200]!r} is none of IAP's", hint=hint)
        return IapDoor(sign_in.iap_audience, base_url=base_url, seals=seals, keys_url=sign_in.iap_keys)
    return OidcDoor(_client(sign_in, base_url, environment), base_url=base_url, seals=seals)


def _client(sign_in: SignIn, base_url: str, environment: Mapping[str, str]) -> Client:
    if "openid" not in sign_in.scopes.split():
        raise UsageFault("--oidc-scopes lacks openid", hint="e.g. 'openid email profile groups'")
    return Client(
        issuer=check_url("--oidc-issuer", sign_in.issuer or ""),
        client_id=sign_in.client_id or "",
        secret=environment.get(CLIENT_SECRET) or None,
        redirect_uri=f"{base_url}{CALLBACK}",
        scopes=sign_in.scopes,
        groups_claim=sign_in.groups_claim,
    )
