"""What an OpenID Connect issuer says of itself (OpenID Connect Discovery 1.0)."""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

from starry_gitops.errors import AccessDenied, UsageFault
from starry_gitops.rest.client import Api
from starry_gitops.web.people import is_loopback
from starry_gitops.web.signin.faults import SignInFault
from starry_gitops.web.signin.tokens import SAFE_ALGORITHMS

log = logging.getLogger("starry")

CLIENT_SECRET = "STARRY_OIDC_CLIENT_SECRET"  # noqa: S105 - a variable's name
_WELL_KNOWN = "/.well-known/openid-configuration"
_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """Its places, and how it signs; `names_itself`: it puts `iss` into its answers to the browser (RFC 9207)."""

    url: str
    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    algorithms: tuple[str, ...]
    names_itself: bool


def check_url(what: str, url: str) -> str:
    """An https URL, or http to this machine: whoever can change what is read there could sign in as anybody.

    Raises:
        UsageFault: neither.
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        is_safe = False
    if not is_safe or not url.isprintable() or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise UsageFault(f"{what} {url[:200]!r} is no https:// URL", hint="http:// is for this machine only")
    return url


def read_issuer(url: str) -> Issuer:
    """Asks the issuer.

    Raises:
        SignInFault: it says something else than it should.
        StarryError: it does not answer.
    """
    data = ask(url.rstrip("/") + _WELL_KNOWN)
    if data.get("issuer") != url:
        hint = f"it calls itself {str(data.get('issuer'))[:200]!r}: name it so, to the letter"
        raise SignInFault(f"the issuer is not {url}", hint=hint)
    signs = data.get("id_token_signing_alg_values_supported")
    algorithms = tuple(name for name in SAFE_ALGORITHMS if isinstance(signs, list) and name in signs)
    if not algorithms:
        raise SignInFault("the issuer signs in no way that is safe", hint=f"let it use one of {SAFE_ALGORITHMS}")
    return Issuer(
        url=url,
        authorization=_place(data, "authorization_endpoint"),
        token=_place(data, "token_endpoint"),
        jwks=_place(data, "jwks_uri"),
        userinfo=_place(data, "userinfo_endpoint") if "userinfo_endpoint" in data else None,
        algorithms=algorithms,
        names_itself=data.get("authorization_response_iss_parameter_supported") is True,
    )


def ask(url: str, *, token: str | None = None) -> dict[str, Any]:
    """A JSON object from one of the issuer's places.

    Raises:
        SignInFault: it is none.
        StarryError: no answer.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    api, path = _api(url, headers)
    return _object(api.get(path).data)


def exchange(issuer: Issuer, fields: Mapping[str, str], *, client_id: str, secret: str | None) -> dict[str, Any]:
    """The tokens for a code. The secret goes as RFC 6749, 2.3.1 wants every server to take it.

    Raises:
        SignInFault: the issuer refuses, or its answer is no object.
        StarryError: no answer.
    """
    headers = {}
    if secret is None:
        fields = {**fields, "client_id": client_id}
    else:
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    api, path = _api(issuer.token, headers)
    try:
        return _object(api.submit(path, fields).data)
    except AccessDenied as error:
        log.warning("%s (%s)", error.message, error.hint, extra={"event": "sign_in_failed"})
        hint = "sign in again; when that does not help, the page's log tells an admin why"
        raise SignInFault("the issuer did not take the code", hint=hint) from None


def _api(url: str, headers: Mapping[str, str]) -> tuple[Api, str]:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    api = Api(origin, what="the issuer", headers=headers, seconds=_SECONDS, token_variable=CLIENT_SECRET)
    return api, path


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise SignInFault("the issuer's answer is no object", hint="check its URL")
    return data


def _place(data: Mapping[str, Any], key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str):
        raise SignInFault(f"the issuer does not say its {key}", hint="check its URL")
    return check_url(key, found)
