"""Texts that people carry for us and cannot change: signed, with an end, each for one purpose."""

import hashlib
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from starry_gitops.errors import UsageFault

log = logging.getLogger("starry")

SESSION_KEY = "STARRY_SESSION_KEY"
"""The environment variable that holds the keys."""
LONGEST = 4_000
"""Characters of a sealed text: browsers keep no cookie of more than 4,096 bytes."""

_SHORTEST_KEY = 32
_MOST_KEYS = 10
_UNTIL = "until"


class Seals:
    """Seals, and opens what it sealed.

    Args:
        keys: the first one seals, every one opens.
        clock: seconds since 1970.
    """

    def __init__(self, keys: Sequence[str], *, clock: Callable[[], float] = time.time) -> None:
        self._keys = list(reversed(keys))
        self._clock = clock

    def seal(self, purpose: str, data: Mapping[str, Any], *, seconds: int) -> str:
        """A text that opens for this purpose, so many seconds long. What it holds can be read by whoever has it."""
        return str(self._serializer(purpose).dumps({**data, _UNTIL: int(self._clock()) + seconds}))

    def open(self, purpose: str, text: str) -> dict[str, Any] | None:
        """What was sealed; None when it was not, or its time is over."""
        if len(text) > LONGEST:
            return None
        try:
            data = self._serializer(purpose).loads(text)
        except BadData:
            return None
        return data if data[_UNTIL] > self._clock() else None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeSerializer(self._keys, salt=f"starry.{purpose}", signer_kwargs=signer)


def session_keys(text: str | None) -> tuple[str, ...]:
    """The keys of `STARRY_SESSION_KEY`, newest first; without it a random one.

    Raises:
        UsageFault: one is too short to be a secret. It is not repeated.
    """
    keys = tuple(key for key in re.split(r"[\s,]+", text or "") if key)
    if not keys:
        message = "%s is not set: sessions end with this process, and other replicas do not know them"
        log.warning(message, SESSION_KEY, extra={"event": "session_key"})
        return (secrets.token_urlsafe(32),)
    if len(keys) > _MOST_KEYS or any(len(key) < _SHORTEST_KEY for key in keys):
        hint = "make one with: openssl rand -base64 32"
        raise UsageFault(f"{SESSION_KEY}: 1 to {_MOST_KEYS} keys of at least {_SHORTEST_KEY} characters", hint=hint)
    return keys
