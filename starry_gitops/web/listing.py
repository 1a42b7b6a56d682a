"""The list of previews as a person looks at it: found, filtered, sorted, cut into pages. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from starry_gitops.core.settings import Settings
from starry_gitops.core.ttl import parse_instant
from starry_gitops.web.links import preview_path, pull_request_page, pull_request_words

State = Literal["live", "soon", "expired", "pinned"]
Sort = Literal["expires", "name", "owner", "created"]

SOON = timedelta(minutes=15)
"""A preview that expires within this is said to expire soon."""
WITHIN = (15, 60, 240)
"""The choices of the filter by expiry, in minutes."""
PAGE = 100
_LONGEST = 200
_TAGS = 20
_MOST_PAGES = 10_000
_FAR = timedelta(days=36_500)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, weakref_slot=True)
class Row:
    """One preview of the list: all of it that stays as long as nobody changes it. Times are UTC.

    Attributes:
        data: the object that `starry list -o json` prints.
        text: what a search looks through, in lower case.
        path: its page.
        pull_request: in few words, or nothing; `pull_request_page` where the forge's page is known.
        images: component, its URL and its tag.
    """

    data: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime
    text: str
    path: str
    pull_request: str
    pull_request_page: str | None
    images: Sequence[tuple[str, str, str]]

    @property
    def name(self) -> str:
        """The preview's name."""
        return str(self.data["name"])

    @property
    def owner(self) -> str:
        """Whose it is, or nothing."""
        return self.data["owner"] or ""

    def state(self, now: datetime) -> State:
        """What is to be said of it now."""
        if self.data["pinned"]:
            return "pinned"
        if self.data["expired"] or self.expires_at <= now:
            return "expired"
        return "soon" if self.expires_at - now <= SOON else "live"


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What a person asked of the list. Anything that makes no sense is as if it was not asked."""

    q: str = ""
    owner: str = ""
    state: State | None = None
    within: int | None = None
    sort: Sort = "expires"
    down: bool = False
    page: int = 1
    whole: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.q or self.owner or self.state or self.within)

    def link(self, **changes: Any) -> str:
        """The same question with some of it changed, as the query of a URL."""
        asked = {
            "q": self.q,
            "owner": self.owner,
            "state": self.state or "",
            "within": self.within or "",
            "sort": "" if self.sort == "expires" else self.sort,
            "down": "1" if self.down else "",
            "page": "" if self.page == 1 else self.page,
            "whole": "1" if self.whole else "",
        }
        found = {key: value for key, value in (asked | changes).items() if value}
        return f"?{urlencode(found)}" if found else "?"

    def sorted_by(self, key: Sort) -> str:
        """The same question sorted by a column, the other way round when it is that already."""
        down = "1" if key == self.sort and not self.down else ""
        return self.link(sort="" if key == "expires" else key, down=down, page="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One page of what was found. `counts` are over all previews, by state."""

    rows: Sequence[Row]
    found: int
    total: int
    page: int
    pages: int
    counts: Mapping[State, int]
    owners: Sequence[str]


def parse_query(asked: Mapping[str, str]) -> Query:
    """The query of a URL."""
    state, sort = asked.get("state", ""), asked.get("sort", "")
    return Query(
        q=asked.get("q", "").strip()[:_LONGEST],
        owner=asked.get("owner", "")[:_LONGEST],
        state=cast("State", state) if state in get_args(State) else None,
        within=next((minutes for minutes in WITHIN if str(minutes) == asked.get("within")), None),
        sort=cast("Sort", sort) if sort in get_args(Sort) else "expires",
        down=asked.get("down") == "1",
        page=_page(asked.get("page", "")),
        whole=asked.get("whole") == "1",
    )


def make_rows(settings: Settings, previews: Iterable[Mapping[str, Any]], before: Iterable[Row] = ()) -> list[Row]:
    """The objects of `starry list`, ready to be looked through; those as `before` are the same rows still."""
    known = {row.name: row for row in before}
    return [_row(settings, data, known.get(data["name"])) for data in previews]


def look_up(rows: Sequence[Row], query: Query, now: datetime) -> Listing:
    """What the question finds."""
    states = [row.state(now) for row in rows]
    found = [row for row, state in zip(rows, states, strict=True) if _fits(row, state, query, now)]
    found.sort(key=lambda row: row.name)
    found.sort(key=_KEYS[query.sort], reverse=query.down)
    size = max(len(found), 1) if query.whole else PAGE
    pages = max(-(-len(found) // size), 1)
    page = min(query.page, pages)
    return Listing(
        rows=found[(page - 1) * size : page * size],
        found=len(found),
        total=len(rows),
        page=page,
        pages=pages,
        counts={state: states.count(state) for state in get_args(State)},
        owners=sorted({row.owner for row in rows} - {""}, key=str.casefold),
    )


def _expiry(row: Row) -> datetime:
    """Pinned ones come after all that expire."""
    return row.created_at + _FAR if row.data["pinned"] else row.expires_at


_KEYS: Mapping[Sort, Any] = {
    "expires": _expiry,
    "name": lambda row: row.name,
    "owner": lambda row: (not row.owner, row.owner.casefold()),
    "created": lambda row: row.created_at,
}


def _fits(row: Row, state: State, query: Query, now: datetime) -> bool:
    if query.owner and row.owner != query.owner:
        return False
    # What expires soon is live still.
    if query.state and query.state != state and not (query.state == "live" and state == "soon"):
        return False
    if query.within and (state == "pinned" or row.expires_at - now > timedelta(minutes=query.within)):
        return False
    return all(word in row.text for word in query.q.lower().split())


def _row(settings: Settings, data: Mapping[str, Any], before: Row | None) -> Row:
    pull_request = data["pullRequest"]
    page = pull_request_page(settings, data["name"], pull_request)
    if before is not None and before.data == data and before.pull_request_page == page:
        return before
    return Row(
        data=data,
        created_at=parse_instant(data["createdAt"]),
        expires_at=parse_instant(data["expiresAt"]),
        text=_text(data),
        path=preview_path(data["overlay"], data["name"]),
        pull_request=pull_request_words(pull_request) if pull_request else "",
        pull_request_page=page,
        images=[(component, data["urls"][component], tag) for component, tag in data["images"].items()],
    )


def _text(data: Mapping[str, Any]) -> str:
    parts = [data["name"], data["owner"] or "", data["pullRequest"] or ""]
    parts += [f"{component}={tag}" for component, tag in data["images"].items()]
    return "\n".join(parts).lower()


def _page(text: str) -> int:
    return min(int(text), _MOST_PAGES) if text.isascii() and text.isdecimal() and len(text) < 7 and int(text) else 1  # noqa: PLR2004 - short


def tags_in_use(rows: Sequence[Row]) -> dict[str, list[str]]:
    """The tags of each component, those of the newest previews first: likely the ones that somebody looks for."""
    found: dict[str, dict[str, None]] = {}
    for row in sorted(rows, key=lambda row: row.created_at, reverse=True):
        for component, _, tag in row.images:
            tags = found.setdefault(component, {})
            if len(tags) < _TAGS:
                tags[tag] = None
    return {component: list(tags) for component, tags in found.items()}
