"""What an answer means: data, or one of Starry's errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from starry_gitops.core.texts import printable
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, ForgeRefusal, NotFound, RemoteUnreachable, StarryError
from starry_gitops.rest.transport import Raw

_LONGEST_WORDS = 300
_REFUSALS = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_DENIALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A parsed answer. `data` is None where there is no body; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    data: Any


def parse(raw: Raw, *, where: str) -> Answer:
    """The JSON of an answer.

    Raises:
        DoubtfulAnswer: it is no JSON, or not all of it.
    """
    if raw.is_empty:
        return Answer(status=raw.status, headers=raw.headers, data=None)
    kind = raw.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        hint = "check the URL of the API; a sign-in page or a proxy may have answered"
        raise DoubtfulAnswer(f"{where}: answered with {printable(kind)[:80]}, not JSON", hint=hint)
    try:
        data = json.loads(raw.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise DoubtfulAnswer(f"{where}: the answer is no valid JSON, or cut off", hint="run it again") from None
    return Answer(status=raw.status, headers=raw.headers, data=data)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def failure(raw: Raw, *, where: str, token_variable: str, secrets: frozenset[str]) -> StarryError:
    """The error that a status of 400 and more means."""
    what = f"{where}: {raw.status}{_server_words(raw, secrets)}"
    if raw.status in _DENIALS:
        return AccessDenied(what, hint=f"check the token in {token_variable}, its rights and its expiry")
    if raw.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return NotFound(what, hint=f"check the name; the token in {token_variable} may not be allowed to see it")
    if raw.status in _REFUSALS:
        return ForgeRefusal(what, hint="do what the server's words ask for")
    if raw.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RemoteUnreachable(what, hint="its rate limit is used up: try later", code="rate_limited")
    return RemoteUnreachable(what, hint="the server has a fault: try later")


def _server_words(raw: Raw, secrets: frozenset[str]) -> str:
    """The message of a JSON error, on one line, bounded, without what was secret in the request."""
    try:
        data = json.loads(raw.body)
    except (ValueError, RecursionError):
        return ""
    text = "; ".join(_messages(data))
    for secret in secrets:
        text = text.replace(secret, "***")
    text = " ".join(printable(text).split())
    return f": {text[:_LONGEST_WORDS]}" if text else ""


def _messages(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, list):
        return [text for item in data[:5] for text in _messages(item)]
    if not isinstance(data, dict):
        return []
    return [text for key in ("message", "error", "error_description", "errors") for text in _texts(data.get(key))]


def _texts(data: Any) -> list[str]:
    """GitLab says what is wrong with which field: `{"message": {"title": ["is too long"]}}`."""
    if not isinstance(data, dict) or "message" in data:
        return _messages(data)
    return [f"{key}: {text}" for key, value in list(data.items())[:5] for text in _messages(value)]
