"""From the core's values to the words on a page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from starry_gitops.core.settings import TtlPolicy
from starry_gitops.core.texts import printable
from starry_gitops.core.ttl import format_duration, format_instant

Line = Literal["file", "hunk", "add", "cut", "same"]

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440, 2_880, 4_320, 10_080, 20_160, 43_200)
_MOST_LINES = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffFile:
    """One file of a commit, with its lines."""

    path: str
    action: Literal["new", "changed", "removed"]
    lines: tuple[tuple[Line, str], ...]
    added: int
    removed: int
    is_cut: bool


def distance(seconds: float) -> str:
    """A length of time in one or two units: `3 d 4 h`, `2 h 5 min`, `12 min`, `less than a minute`."""
    whole = abs(int(seconds))
    if whole < _MINUTE:
        return "less than a minute"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = whole // _DAY, whole % _DAY // _HOUR
    return f"{days} d {hours} h" if hours else f"{days} d"


def relative(instant: datetime, now: datetime) -> str:
    """`in 12 min`, or `3 h ago`."""
    gap: timedelta = instant - now
    return f"in {distance(gap.total_seconds())}" if gap > timedelta(0) else f"{distance(gap.total_seconds())} ago"


def stamp(instant: datetime) -> str:
    """For `<time datetime>`."""
    return format_instant(instant)


def written(instant: datetime) -> str:
    """A time for people who have no JavaScript: `2026-01-31 18:30 UTC`."""
    return f"{format_instant(instant)[:16].replace('T', ' ')} UTC"


def ttl_steps(policy: TtlPolicy) -> list[str]:
    """What the slider offers, from the policy's shortest to its longest."""
    inner = [step for step in _STEPS if policy.minimum < step < policy.maximum]
    return [format_duration(minutes) for minutes in dict.fromkeys([policy.minimum, *inner, policy.maximum])]


def ttl_bounds(policy: TtlPolicy) -> str:
    """`5m to 4h`."""
    return f"{format_duration(policy.minimum)} to {format_duration(policy.maximum)}"


def diff_files(diff: str) -> list[DiffFile]:
    """A diff as Git writes it, file by file."""
    return [_diff_file(block) for block in _blocks(diff.split("\n"))]


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines[:-1]:
        if line.startswith("diff --git ") and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _diff_file(block: list[str]) -> DiffFile:
    start = next((number for number, line in enumerate(block) if line.startswith("@@")), len(block))
    head, body = block[:start], block[start:]
    lines = [(_kind(line), printable(line)) for line in body]
    return DiffFile(
        path=_path(head),
        action=_action(head),
        lines=tuple(lines[:_MOST_LINES]),
        added=sum(kind == "add" for kind, _ in lines),
        removed=sum(kind == "cut" for kind, _ in lines),
        is_cut=len(lines) > _MOST_LINES,
    )


def _path(head: list[str]) -> str:
    """Its new name; its old one where it is removed. A file that has no lines at all is known by the first line."""
    named = (line[6:] for line in reversed(head) if line.startswith(("+++ b/", "--- a/")))
    return next(named, head[0].rpartition(" b/")[2])


def _action(head: list[str]) -> Literal["new", "changed", "removed"]:
    if any(line.startswith("new file") for line in head):
        return "new"
    return "removed" if any(line.startswith("deleted file") for line in head) else "changed"


def _kind(line: str) -> Line:
    if line.startswith("@@"):
        return "hunk"
    return "add" if line.startswith("+") else "cut" if line.startswith("-") else "same"
