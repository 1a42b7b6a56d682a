"""Signed tokens (JWT) and the keys that they are verified with."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import GuestProtocol, JWKRegistry, Key, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from starry_gitops.errors import StarryError
from starry_gitops.web.signin.faults import SignInFault

SAFE_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""Those by which only the issuer can sign: no `none`, and no secret that is shared (HS256)."""

_MOST_KEYS = 50
_SMALLEST_RSA = 2_048
_LONGEST_HEADER = 8_192
# Seconds: how long keys are used before they are asked for again, and how often an unknown one may make us ask.
_FRESH = 3_600.0
_PAUSE = 30.0
_FAULT_PAUSE = 5.0


class KeyRing:
    """An issuer's public keys, asked for again when they are old or one is missing. Threads may share it.

    Args:
        load: gives the JSON Web Key Set.
        clock: seconds, of any beginning.
    """

    def __init__(self, load: Callable[[], Mapping[str, Any]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._keys = KeySet([])
        self._fault: StarryError | None = None
        self._loaded = self._asked = -math.inf

    def find(self, token: GuestProtocol) -> KeySet:
        """The keys, among them the token's, if it is one of the issuer's."""
        kid = token.headers().get("kid")
        is_old = self._clock() - self._loaded > _FRESH
        if is_old or (kid is not None and not any(key.kid == kid for key in self._keys)):
            self.refresh()
        return self._keys

    def refresh(self) -> bool:
        """Asks for the keys; False when that was done a moment ago, or those from before must do.

        Raises:
            StarryError: the issuer does not answer, and there are none from before.
        """
        with self._lock:
            if self._clock() - self._asked <= (_PAUSE if self._fault is None else _FAULT_PAUSE):
                if self._fault is not None and not self._keys:
                    raise self._fault
                return False
            self._asked = self._clock()
            try:
                found = self._load().get("keys")
            except StarryError as error:
                self._fault = error
                if self._keys:
                    return False
                raise
            self._keys = KeySet(_public_keys(found if isinstance(found, list) else []))
            self._fault, self._loaded = None, self._asked
            return True


def _public_keys(found: Sequence[Any]) -> list[Key]:
    """Those that can verify; what is not understood is left out (RFC 7517, 5)."""
    keys: list[Key] = []
    for one in found[:_MOST_KEYS]:
        if not isinstance(one, dict) or one.get("kty") not in {"RSA", "EC", "OKP"} or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(key, RSAKey) or key.public_key.key_size >= _SMALLEST_RSA:
            keys.append(key)
    return keys


def read_token(
    text: str, keys: KeyRing, *, algorithms: Sequence[str], issuer: str, audience: str, leeway: int, now: float
) -> dict[str, Any]:
    """The claims of a token that this issuer signed for us, and whose time it is.

    Args:
        text: the token.
        keys: the issuer's.
        algorithms: what it signs with; the token does not choose.
        issuer: what `iss` must say.
        audience: what `aud` must say, or hold.
        leeway: seconds by which clocks may differ.
        now: seconds since 1970.

    Raises:
        SignInFault: anything is wrong with it.
        StarryError: the issuer's keys cannot be had.
    """
    registry = JWSRegistry(
        algorithms=[name for name in algorithms if name in SAFE_ALGORITHMS], strict_check_header=False
    )
    registry.max_header_length = _LONGEST_HEADER
    if not registry.allowed:
        raise SignInFault("no safe algorithm to verify tokens with")
    checks = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=leeway,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        claims = _decoded(text, keys, registry)
        checks.validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        # The token may say anything; the kind of fault is ours to say.
        raise SignInFault(f"the token is not valid ({type(error).__name__})", hint="sign in again") from None
    return claims


def _decoded(text: str, keys: KeyRing, registry: JWSRegistry) -> dict[str, Any]:
    try:
        return jwt.decode(text, keys.find, registry=registry).claims
    except (BadSignatureError, InvalidKeyIdError):
        # A key that was replaced under its old name.
        if not keys.refresh():
            raise
        return jwt.decode(text, keys.find, registry=registry).claims
