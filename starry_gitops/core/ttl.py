"""Durations in whole minutes and instants in UTC."""

import re
from datetime import UTC, datetime, timedelta

from starry_gitops.errors import UsageFault

# An ISO 8601 duration (PT90M, P1DT2H) or the short form that Go, Helm and Argo CD write (45m, 2h, 1h30m).
_ISO = re.compile(
    r"P(?:(?P<d>\d{1,5})D)?(?:T(?=\d)(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,7})M)?(?:(?P<s>\d{1,9})S)?)?", re.ASCII
)
_SHORT = re.compile(r"(?:(?P<d>\d{1,5})d)?(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,7})m)?(?:(?P<s>\d{1,9})s)?", re.ASCII)
DURATION_PATTERN = r"(?=.*\d)(?!.*T$)(?:" + re.sub(r"\?P<\w>", "", f"{_SHORT.pattern}|{_ISO.pattern}") + ")"
"""Both forms, for JSON Schema."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
# `fromisoformat` takes 60 minutes and more for an offset.
_LONG_MINUTES = re.compile(r"[+-]\d\d:[6-9]\d", re.ASCII)
CLOCK_SLACK = timedelta(hours=1)
"""How far the clocks of two machines may be apart."""

LONGEST = 366 * 24 * 60
"""The longest duration, in minutes, that settings and manifests may hold: a year."""

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Minutes in a duration such as `45m`, `2h`, `1h30m`, `1d`, `PT90M`.

    Raises:
        UsageFault: no unit, not a duration, or not whole minutes.
    """
    match = _ISO.fullmatch(text) or _SHORT.fullmatch(text)
    parts = {unit: int(digits) for unit, digits in match.groupdict().items() if digits} if match else {}
    if not parts:
        hint = f"write a unit: {text}m or {text}h" if text.isdecimal() else "write it as 45m, 2h, 1h30m or PT90M"
        raise UsageFault(f"{text!r} is not a duration", hint=hint)
    minutes, rest = divmod(sum(_SECONDS[unit] * number for unit, number in parts.items()), 60)
    if rest:
        raise UsageFault(f"{text!r} is not a whole number of minutes", hint="durations are kept in minutes, e.g. 45m")
    return minutes


def format_duration(minutes: int) -> str:
    """The short form: 30 → `30m`, 120 → `2h`, 90 → `1h30m`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest}m" if rest else f"{hours}h"


def parse_instant(text: str) -> datetime:
    """An RFC 3339 time with its offset, as UTC in whole seconds (fractions are cut).

    Raises:
        UsageFault: not RFC 3339, no offset, or a date that does not exist.
    """
    if not _INSTANT.fullmatch(text):
        raise UsageFault(f"{text!r} is not an RFC 3339 time", hint="write it in UTC, e.g. 2026-01-31T18:00:00Z")
    try:
        instant = datetime.fromisoformat("" if _LONG_MINUTES.search(text, len(text) - 6) else text.upper())
        return instant if instant.tzinfo is UTC and not instant.microsecond else _whole_utc(instant)
    except (ValueError, OverflowError):
        raise UsageFault(
            f"{text!r} is not a time that exists", hint="write it in UTC, e.g. 2026-01-31T18:00:00Z"
        ) from None


def _whole_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`, whole seconds."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def is_expired(expires_at: datetime, now: datetime, grace_minutes: int = 0) -> bool:
    """True when now ≥ expiry + grace."""
    return now - expires_at >= timedelta(minutes=grace_minutes)


def minutes_until(instant: datetime, now: datetime) -> int:
    """Whole minutes from now, rounded up: the TTL that covers an explicit expiry."""
    return -((now - instant) // timedelta(minutes=1))
