"""Looks at a preview's pages as a browser without a sign-in would: no token is sent, and no other host is asked."""

import time
from urllib.parse import urljoin, urlsplit

from starry_gitops import __version__
from starry_gitops.clusters.shape import one_line
from starry_gitops.core.health import Page
from starry_gitops.rest.transport import Broken, NotSent, Raw, Transport

_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_WORDS = 500
_SECONDS = 15.0
_HEADERS = {"User-Agent": f"starry-gitops/{__version__}", "Accept": "*/*"}


def look_at(component: str, url: str, path: str) -> Page:
    """What a GET of a page answers, after redirects within its host.

    Args:
        component: whose page it is.
        url: scheme and host.
        path: begins with a slash.
    """
    place = url + path
    try:
        raw = _followed(place)
    except (NotSent, Broken) as error:
        return Page(component=component, url=place, status=None, problem=one_line(str(error)))
    words = one_line(raw.body[:_MOST_WORDS].decode(errors="replace"))
    return Page(component=component, url=place, status=raw.status, words=words)


def _followed(place: str) -> Raw:
    for _ in range(_MOST_REDIRECTS):
        parts = urlsplit(place)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        transport = Transport(f"{parts.scheme}://{parts.netloc}", has_token=False)
        raw = transport.exchange("GET", target, _HEADERS, None, until=time.monotonic() + _SECONDS)
        following = _within(place, raw)
        if following is None:
            return raw
        place = following
    return raw


def _within(place: str, raw: Raw) -> str | None:
    """Where a redirect leads to, when that is the same host; one to another host is an answer like any other."""
    if raw.status not in _REDIRECTS:
        return None
    try:
        following = urlsplit(urljoin(place, raw.headers.get("location", "")))
        same = following.hostname == urlsplit(place).hostname and following.scheme in {"http", "https"}
    except ValueError:
        return None
    has_moved = "location" in raw.headers and following.username is None
    return following.geturl() if same and has_moved else None
