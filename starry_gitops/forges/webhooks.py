"""Webhooks of GitHub, GitLab, Gitea and Forgejo: whether one is genuine, and what it tells."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starry_gitops.core.forge_event import ForgeEvent
from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, UsageFault
from starry_gitops.forges import webhook_payloads as payloads

LARGEST = 4 << 20
"""The most bytes that a payload may have."""
REPLAY_WINDOW = timedelta(minutes=5)
"""How far a signed time may be from now, on either side (standardwebhooks.com)."""

_SIGNING_TOKEN = "whsec_"  # noqa: S105 - how GitLab's signing tokens begin
_MOST_SIGNATURES = 10
_PARSERS: Mapping[ForgeKind, Callable[[dict[str, Any]], ForgeEvent | None]] = {
    "github": payloads.parse_github,
    "gitlab": payloads.parse_gitlab,
    "gitea": payloads.parse_gitea,
}


def parse_event(data: bytes, kind: ForgeKind | None = None) -> ForgeEvent | None:
    """The event in a payload; None for one of another sort, such as a comment on an issue.

    Args:
        data: JSON, as the forge sends it.
        kind: which forge's; None: the payload tells.

    Raises:
        UsageFault: it is no JSON object, too large, or lacks what each such payload has.
    """
    if len(data) > LARGEST:
        raise UsageFault(f"the event is larger than {LARGEST >> 20} MiB", hint="no comment or pull request is")
    content = _parse(data)
    known = kind or _kind_of(content)
    try:
        return _PARSERS[known](content)
    except DoubtfulAnswer as error:
        what = error.message.rpartition("without ")[2]
        hint = "is it a webhook's payload, of the forge that --kind names?"
        raise UsageFault(f"the event is not {known}'s: it lacks {what}", hint=hint) from None


def _parse(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise UsageFault("the event is no JSON object", hint="give the webhook's payload as the forge sends it")
    return content


def _kind_of(content: dict[str, Any]) -> ForgeKind:
    """GitLab names each payload's kind; GitHub gives everything an id for GraphQL."""
    if "object_kind" in content:
        return "gitlab"
    repository = content.get("repository")
    return "github" if isinstance(repository, dict) and "node_id" in repository else "gitea"


def verify(kind: ForgeKind, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Checks in constant time that the forge sent this very body. Header names are lower-case.

    GitLab's signing token (it begins with `whsec_`) signs the time too; its old secret token comes with every webhook
    as it is, and signs nothing.

    Raises:
        AccessDenied: the secret is empty, a header is missing, the signature is another one, or the time is not now.
    """
    if not secret:
        raise AccessDenied("no secret to check webhooks with", hint="set one on the forge and here")
    is_signed = kind == "gitlab" and secret.startswith(_SIGNING_TOKEN)
    check = _check_standard if is_signed else _CHECKS[kind]
    if not check(headers, body, secret, now):
        raise AccessDenied("the webhook is not signed with our secret", hint="is it the same on the forge and here?")


def _check_github(headers: Mapping[str, str], body: bytes, secret: str, _: datetime) -> bool:
    return _is_same(headers.get("x-hub-signature-256", ""), f"sha256={_hex_digest(body, secret)}")


def _check_gitea(headers: Mapping[str, str], body: bytes, secret: str, _: datetime) -> bool:
    return _is_same(headers.get("x-gitea-signature", ""), _hex_digest(body, secret))


def _check_gitlab(headers: Mapping[str, str], _: bytes, secret: str, __: datetime) -> bool:
    return _is_same(headers.get("x-gitlab-token", ""), secret)


def _check_standard(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Standard Webhooks: HMAC-SHA256 of id, time and body; several signatures while the secret is being changed."""
    identity, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not _is_now(seconds, now):
        return False
    signed = b".".join((identity.encode(errors="replace"), seconds.encode(), body))
    digest = hmac.new(_signing_key(secret), signed, hashlib.sha256).digest()
    expected = f"v1,{base64.b64encode(digest).decode()}"
    found = headers.get("webhook-signature", "").split()[:_MOST_SIGNATURES]
    return any([_is_same(one, expected) for one in found])  # noqa: C419 - each one is compared


def _signing_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_SIGNING_TOKEN), validate=True)
    except (binascii.Error, ValueError):
        raise AccessDenied("the signing token is no base64", hint="copy it from GitLab as a whole") from None


def _is_now(seconds: str, now: datetime) -> bool:
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > len("9999999999"):
        return False
    return abs(now.timestamp() - int(seconds)) <= REPLAY_WINDOW.total_seconds()


def _hex_digest(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _is_same(found: str, expected: str) -> bool:
    return hmac.compare_digest(found.encode(errors="replace"), expected.encode())


_CHECKS: Mapping[ForgeKind, Callable[[Mapping[str, str], bytes, str, datetime], bool]] = {
    "github": _check_github,
    "gitlab": _check_gitlab,
    "gitea": _check_gitea,
}
