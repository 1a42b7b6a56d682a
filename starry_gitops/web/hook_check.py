"""Whether a webhook is genuine, and which delivery it is."""

import base64
import binascii
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.errors import AccessDenied, UsageFault
from starry_gitops.forges.webhooks import verify

SECRETS = "STARRY_WEBHOOK_SECRET"
"""The variable that holds the secrets, one a line."""

_SIGNING_TOKEN = "whsec_"  # noqa: S105 - how GitLab's signing tokens begin
_SHORTEST = 16
_MOST_SECRETS = 10
_MOST_REMEMBERED = 10_000
_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}", re.ASCII)
_SIGNATURES: Mapping[ForgeKind, tuple[str, ...]] = {
    "github": ("x-hub-signature-256",),
    "gitlab": ("webhook-signature", "x-gitlab-token"),
    "gitea": ("x-gitea-signature",),
}
# Headers that stay the same when the forge, or a person there, sends a delivery once more.
_IDS: Mapping[ForgeKind, tuple[str, ...]] = {
    "github": ("x-github-delivery",),
    "gitlab": ("webhook-id", "idempotency-key"),
    "gitea": ("x-gitea-delivery",),
}


class NotGenuine(AccessDenied):
    """Whoever sent it does not know our secret."""

    code = "webhook_signature"


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets, any of which may have signed: while one is being changed there are two.

    Raises:
        UsageFault: one is too short to be a secret, or there are too many.
    """
    found = tuple(line.strip() for line in environment.get(SECRETS, "").splitlines() if line.strip())
    if len(found) > _MOST_SECRETS:
        raise UsageFault(f"{SECRETS} has more than {_MOST_SECRETS} lines", hint="leave out those of old times")
    for one in found:
        if len(one) < _SHORTEST or not one.isascii() or not one.isprintable():
            hint = "openssl rand -hex 32 makes a good one"
            raise UsageFault(f"{SECRETS}: a line is shorter than {_SHORTEST} characters, or not ASCII", hint=hint)
        if one.startswith(_SIGNING_TOKEN) and not _is_base64(one.removeprefix(_SIGNING_TOKEN)):
            raise UsageFault(f"{SECRETS}: a signing token is no base64", hint="copy it from GitLab as a whole")
    return found


def refuse_unsigned(kind: ForgeKind, headers: Mapping[str, str]) -> None:
    """Before the body is read at all.

    Raises:
        NotGenuine: no header could make it genuine.
    """
    if not any(headers.get(name) for name in _SIGNATURES[kind]):
        raise NotGenuine("the webhook is not signed", hint=f"set a secret on the forge, and in {SECRETS}")


def check(kind: ForgeKind, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: datetime) -> None:
    """Looks whether one of the secrets signed this very body. Each one is tried, in constant time.

    Raises:
        NotGenuine: none did.
    """
    if not any([_is_signed(kind, headers, body, secret, now) for secret in secrets]):  # noqa: C419 - each one is tried
        hint = f"is the secret on the forge a line of {SECRETS}, and is the clock right?"
        raise NotGenuine("the webhook is not signed with our secret", hint=hint)


def delivery_id(kind: ForgeKind, headers: Mapping[str, str], body: bytes) -> str:
    """What names the delivery: the forge's own id, else the body's digest."""
    given = next((headers[name] for name in _IDS[kind] if headers.get(name)), "")
    found = given if _ID.fullmatch(given) else hashlib.sha256(body).hexdigest()
    return f"{kind}:{found}"


class Deliveries:
    """Remembers the newest deliveries of this process. Threads may share it.

    Another replica, or this one after a restart, does not know them, and ids may be made up. There the work itself is
    what keeps a repeated delivery harmless: the forge is asked what is so now, a comment that was obeyed is known by
    its commit and by Starry's answer, and a decision that finds what it wants makes no commit.
    """

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def is_new(self, delivery: str) -> bool:
        """Whether it comes for the first time; from now on it is known."""
        with self._lock:
            if delivery in self._seen:
                return False
            self._seen[delivery] = None
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)
            return True

    def forget(self, *deliveries: str) -> None:
        """They came to nothing: sent once more, they shall count."""
        with self._lock:
            for one in deliveries:
                self._seen.pop(one, None)


def _is_signed(kind: ForgeKind, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    try:
        verify(kind, headers, body, secret, now)
    except AccessDenied:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= _SHORTEST
    except (binascii.Error, ValueError):
        return False
