"""One sign-in: to the issuer and back (OpenID Connect's authorization code flow, with PKCE, RFC 7636)."""

import base64
import hashlib
import hmac
import math
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starry_gitops.errors import StarryError
from starry_gitops.web.signin import issuer as issuers
from starry_gitops.web.signin.faults import SignInFault
from starry_gitops.web.signin.identity import Identity, read_identity, refuse_unverified
from starry_gitops.web.signin.issuer import Issuer, read_issuer
from starry_gitops.web.signin.tokens import KeyRing, read_token

_ERROR = re.compile(r"[a-z_]{1,40}", re.ASCII)
_LONGEST_CODE = 4_096
_LEEWAY = 60
# Seconds until the issuer is asked again what it is, and when it did not answer.
_FRESH = 3_600.0
_FAULT_PAUSE = 5.0
_EMAIL = ("email", "email_verified")


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """What the issuer knows us as. `secret` None: a public client, which PKCE alone protects."""

    issuer: str
    client_id: str
    secret: str | None
    redirect_uri: str
    scopes: str = "openid email profile"
    groups_claim: str = "groups"


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """What a sign-in under way remembers: it is bound to the browser that began it."""

    state: str
    nonce: str
    verifier: str
    place: str

    def name(self) -> str:
        """What tells it from others of the same browser."""
        return name_of(self.state)


def name_of(state: str) -> str:
    """A short name for a state."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()[:16]


class Flow:
    """Signs people in with one issuer. Threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._issuer: Issuer | None = None
        self._fault: StarryError = SignInFault("the issuer was not asked yet")
        self._again = -math.inf
        self._keys = KeyRing(lambda: issuers.ask(self.issuer().jwks))

    def issuer(self) -> Issuer:
        """What the issuer says of itself, asked for again each hour.

        Raises:
            StarryError: it does not answer, and did not before.
        """
        with self._lock:
            if time.monotonic() > self._again:
                try:
                    self._issuer, pause = read_issuer(self._client.issuer), _FRESH
                except StarryError as error:
                    self._fault, pause = error, _FAULT_PAUSE
                self._again = time.monotonic() + pause
            if self._issuer is None:
                raise self._fault
            return self._issuer

    def start(self, place: str) -> tuple[Started, str]:
        """A new sign-in that goes on at `place`, and the URL at the issuer to send the person to."""
        started = Started(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            place=place,
        )
        digest = hashlib.sha256(started.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": self._client.scopes,
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        authorization = self.issuer().authorization
        return started, f"{authorization}{'&' if '?' in authorization else '?'}{urlencode(query)}"

    def finish(self, started: Started, answer: Mapping[str, str]) -> Identity:
        """Who it is that came back with the answer.

        Raises:
            SignInFault: the answer, or a token, is not what this sign-in asked for.
            StarryError: the issuer refuses, or does not answer.
        """
        issuer = self.issuer()
        self._refuse_answer(started, answer, issuer)
        tokens = issuers.exchange(
            issuer,
            {
                "grant_type": "authorization_code",
                "code": answer["code"],
                "redirect_uri": self._client.redirect_uri,
                "code_verifier": started.verifier,
            },
            client_id=self._client.client_id,
            secret=self._client.secret,
        )
        claims = self._claims(tokens, started, issuer)
        refuse_unverified(claims, issuer.url)
        return read_identity(claims, groups_claim=self._client.groups_claim)

    def _refuse_answer(self, started: Started, answer: Mapping[str, str], issuer: Issuer) -> None:
        if not hmac.compare_digest(started.state.encode(), answer.get("state", "").encode(errors="replace")):
            raise SignInFault("this sign-in was not begun here", hint="sign in again")
        if answer.get("iss", issuer.url) != issuer.url or (issuer.names_itself and "iss" not in answer):
            raise SignInFault("another issuer answered", hint="sign in again")
        if "error" in answer:
            kind = answer["error"] if _ERROR.fullmatch(answer["error"]) else "an error"
            raise SignInFault(f"the issuer did not sign you in: {kind}", hint="sign in again, or ask an admin")
        if not 0 < len(answer.get("code", "")) <= _LONGEST_CODE:
            raise SignInFault("the issuer's answer holds no code", hint="sign in again")

    def _claims(self, tokens: Mapping[str, Any], started: Started, issuer: Issuer) -> dict[str, Any]:
        """The ID token's claims, and beside them those that the issuer tells only when asked for them."""
        text = tokens.get("id_token")
        if not isinstance(text, str):
            raise SignInFault("the issuer gave no ID token", hint="its scopes must hold openid")
        claims = read_token(
            text,
            self._keys,
            algorithms=issuer.algorithms,
            issuer=issuer.url,
            audience=self._client.client_id,
            leeway=_LEEWAY,
            now=time.time(),
        )
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), started.nonce.encode()):
            raise SignInFault("the token is of another sign-in", hint="sign in again")
        many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if many else self._client.client_id) != self._client.client_id:
            raise SignInFault("the token was made for somebody else", hint="sign in again")
        return _joined(claims, self._userinfo(tokens, claims, issuer))

    def _userinfo(self, tokens: Mapping[str, Any], claims: Mapping[str, Any], issuer: Issuer) -> dict[str, Any]:
        access = tokens.get("access_token")
        is_told = {*_EMAIL, "name", self._client.groups_claim} <= claims.keys()
        if is_told or issuer.userinfo is None or not isinstance(access, str):
            return {}
        found = issuers.ask(issuer.userinfo, token=access)
        if found.get("sub") != claims["sub"]:
            raise SignInFault("the issuer tells of somebody else", hint="sign in again")
        return found


def _joined(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> dict[str, Any]:
    """The ID token's word counts. An address and whether it is verified are of one source, never mixed."""
    source = claims if all(key in claims for key in _EMAIL) else userinfo
    return {**userinfo, **claims, **{key: source.get(key) for key in _EMAIL}}
