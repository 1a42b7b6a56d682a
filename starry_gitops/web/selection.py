"""Which previews of the list a program asks for: filters, order, and a page of them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from starry_gitops.core.ttl import parse_instant
from starry_gitops.web.view import Row

State = Literal["live", "expired", "pinned"]
Sort = Literal["name", "-name", "expiresAt", "-expiresAt", "createdAt", "-createdAt", "owner", "-owner"]
SORTS = get_args(Sort)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """`text` is looked for in names, owners, pull requests and images, whatever the case; None asks for all."""

    text: str | None = None
    owner: str | None = None
    state: State | None = None
    expires_within: timedelta | None = None
    sort: Sort = "name"

    def of(self, rows: Iterable[Row], now: datetime) -> Sequence[Row]:
        """The rows asked for, in order; those that are equal in it are in the order of their names."""
        tests = self._tests(now)
        found = [row for row in rows if all(test(row) for test in tests)]
        key = self.sort.removeprefix("-")
        if self.sort == "name":
            return found
        return sorted(found, key=lambda row: row[key] or "", reverse=self.sort.startswith("-"))

    def _tests(self, now: datetime) -> list[Callable[[Row], bool]]:
        tests: list[Callable[[Row], bool]] = []
        if self.owner is not None:
            tests.append(lambda row: row["owner"] == self.owner)
        if self.state is not None:
            tests.append(lambda row: state_of(row) == self.state)
        if self.expires_within is not None:
            end = now + self.expires_within
            tests.append(lambda row: not row["pinned"] and parse_instant(row["expiresAt"]) <= end)
        if self.text:
            wanted = self.text.casefold()
            tests.append(lambda row: wanted in _text(row))
        return tests


def state_of(row: Mapping[str, Any]) -> State:
    """As `starry list` says it."""
    return "pinned" if row["pinned"] else "expired" if row["expired"] else "live"


def _text(row: Row) -> str:
    images = (f"{component}={tag}" for component, tag in row["images"].items())
    return "\n".join((row["name"], row["owner"] or "", row["pullRequest"] or "", *images)).casefold()
