"""How long to wait before asking again: what the server says, or a random pause that doubles."""

import random
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from starry_gitops.rest.transport import Raw

_FAULTS = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_FIRST_PAUSE = 0.2
_SECONDARY_PAUSE = 60.0
_LONGEST_PAUSE = 10.0
_MOST_DOUBLINGS = 6


def is_limited(raw: Raw) -> bool:
    """True when the server did not do what was asked, since too much was asked.

    GitHub says so with 403 as well
    (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
    """
    if raw.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return raw.status == HTTPStatus.TOO_MANY_REQUESTS or "retry-after" in raw.headers
    spent = raw.headers.get("x-ratelimit-remaining") == "0"
    return raw.status == HTTPStatus.FORBIDDEN and ("retry-after" in raw.headers or spent or _is_secondary(raw))


def _is_secondary(raw: Raw) -> bool:
    """GitHub's other limit, which need not have a header: at least a minute is to be waited then."""
    return b"secondary rate limit" in raw.body[:10_000]


def is_fault(raw: Raw) -> bool:
    """True for a failure of the server's own; it may be gone in a moment."""
    return raw.status in _FAULTS


def asked_pause(raw: Raw) -> float | None:
    """Seconds that the server asks to wait (RFC 9110, Retry-After; or the time when a rate limit begins anew)."""
    after = raw.headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit():
        return float(after[:9])
    if after:
        return _until_date(after)
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        reset = raw.headers.get(name, "").strip()
        if reset.isascii() and reset.isdigit():
            return max(float(reset[:12]) - time.time(), 1.0)
    return _SECONDARY_PAUSE if _is_secondary(raw) else None


def _until_date(text: str) -> float | None:
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def own_pause(attempt: int) -> float:
    """Seconds to wait after the n-th failure (from 1) where the server does not say."""
    longest = min(_FIRST_PAUSE * 2 ** min(attempt, _MOST_DOUBLINGS), _LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 - not for secrets
