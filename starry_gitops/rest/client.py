"""A JSON API over HTTPS: one origin, one token, bounded answers, patient with rate limits."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from starry_gitops import __version__
from starry_gitops.errors import DoubtfulAnswer, RemoteUnreachable, StarryError
from starry_gitops.rest.answers import Answer, failure, parse
from starry_gitops.rest.paging import next_query
from starry_gitops.rest.patience import asked_pause, is_fault, is_limited, own_pause
from starry_gitops.rest.transport import Broken, NotSent, Raw, Transport

_MOST_FAILURES = 5
_MOST_REDIRECTS = 3
_MOST_PAGES = 1_000
_MOST_READINGS = 3
_REDIRECTS = frozenset({301, 302, 307, 308})

Params = Mapping[str, str | int]


class Api:
    """One server's API.

    A GET, PUT, PATCH or DELETE that failed by the server's or the network's fault is tried again; a POST only when it
    surely was not done. Redirects are followed within the origin alone, so that the token goes nowhere else.

    Args:
        base_url: https://…, with the path that all calls share. http:// is for loopback, or without a token.
        what: what messages call the server.
        headers: what each request carries; their values are secrets.
        seconds: how long one call may take in all, waiting included.
        token_variable: the environment variable that messages name when the token is refused.
    """

    def __init__(
        self,
        base_url: str,
        *,
        what: str,
        headers: Mapping[str, str] | None = None,
        seconds: float = 60.0,
        token_variable: str = "STARRY_FORGE_TOKEN",  # noqa: S107 - a variable's name
    ) -> None:
        self._secret_headers = dict(headers or {})
        self._transport = Transport(base_url, has_token=bool(self._secret_headers))
        self._what = what
        self._seconds = seconds
        self._token_variable = token_variable
        self._secrets = frozenset(
            part for value in self._secret_headers.values() for part in (value, value.rpartition(" ")[2]) if part
        )

    def get(self, path: str, params: Params | None = None, *, etag: str | None = None) -> Answer:
        """Reads; with an `etag`, the status may be 304 and the data None."""
        target = path + (f"?{urlencode(params)}" if params else "")
        return self._call("GET", target, None, {"If-None-Match": etag} if etag else {})

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Writes: POST, PUT, PATCH or DELETE with a JSON body."""
        content = None if body is None else json.dumps(body).encode()
        return self._call(method, path, content, {} if content is None else {"Content-Type": "application/json"})

    def submit(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Posts the fields of a form, as OAuth's token requests want them (RFC 6749)."""
        content_type = "application/x-www-form-urlencoded"
        return self._call("POST", path, urlencode(fields).encode(), {"Content-Type": content_type})

    def pages(self, path: str, params: Params | None = None) -> list[Any]:
        """Every item of a paged list: all of them as they stood together, or an error.

        Several pages are asked for again once they are read: where one changed meanwhile, an item may have slipped
        from a page that was not read yet to one that was.

        Raises:
            DoubtfulAnswer: it is no list, has no end, or changes again and again.
        """
        for _ in range(_MOST_READINGS):
            pages = self._read_pages(path, dict(params or {}))
            if len(pages) == 1 or all(self._is_same(path, *page) for page in pages):
                return [item for _, answer in pages for item in answer.data]
        raise DoubtfulAnswer(f"{self._what}: {path} changed whenever it was read", hint="run it again")

    def _read_pages(self, path: str, params: Params) -> list[tuple[Params, Answer]]:
        pages: list[tuple[Params, Answer]] = []
        following: Params | None = params
        while following is not None:
            answer = self.get(path, following)
            if not isinstance(answer.data, list):
                raise DoubtfulAnswer(f"{self._what}: {path} answered without a list", hint="run it again")
            pages.append((following, answer))
            following = self._next_params(path, answer, following)
            if following is not None and (len(pages) >= _MOST_PAGES or not answer.data):
                raise DoubtfulAnswer(f"{self._what}: {path} has no end", hint="run it again")
        return pages

    def _next_params(self, path: str, answer: Answer, params: Params) -> Params | None:
        """The query of the next page.

        Raises:
            DoubtfulAnswer: there is a next page, and it cannot be told which: the list would not be whole.
        """
        try:
            following = next_query(answer.headers.get("link", ""))
        except ValueError:
            following = dict[str, str]()
        if following is not None and following in ({}, {key: str(value) for key, value in params.items()}):
            raise DoubtfulAnswer(f"{self._what}: {path} does not tell its next page", hint="run it again")
        return following

    def _is_same(self, path: str, params: Params, before: Answer) -> bool:
        now = self.get(path, params, etag=before.headers.get("etag"))
        return now.status == HTTPStatus.NOT_MODIFIED or now.data == before.data

    def _call(self, method: str, target: str, content: bytes | None, more: Mapping[str, str]) -> Answer:
        where = f"{self._what}: {method} {target.partition('?')[0]}"
        headers = {
            "Accept": "application/json",
            "User-Agent": f"starry-gitops/{__version__}",
            **self._secret_headers,
            **more,
        }
        raw = self._patiently(method, self._transport.prefix + target, headers, content, where)
        if not _is_success(raw):
            raise failure(raw, where=where, token_variable=self._token_variable, secrets=self._secrets)
        return parse(raw, where=where)

    def _patiently(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, where: str) -> Raw:
        until = time.monotonic() + self._seconds
        attempt = 0
        while True:
            attempt += 1
            pause: float | None = None
            try:
                raw = self._followed(method, target, headers, body, until=until, where=where)
            except NotSent as error:
                last: StarryError = RemoteUnreachable(f"{where}: {error}", hint="check the URL and the network")
            except Broken as error:
                last = RemoteUnreachable(f"{where}: {error}", hint=_doubt(method))
                if method == "POST":
                    raise last from None
            else:
                pause = asked_pause(raw) if is_limited(raw) else None
                if not is_limited(raw) and not (is_fault(raw) and method != "POST"):
                    return raw
                last = failure(raw, where=where, token_variable=self._token_variable, secrets=self._secrets)
                if is_limited(raw):
                    last = _limited(last, pause)
            pause = own_pause(attempt) if pause is None else pause
            if attempt >= _MOST_FAILURES or time.monotonic() + pause > until:
                raise last
            time.sleep(pause)

    def _followed(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, *, until: float, where: str
    ) -> Raw:
        for _ in range(_MOST_REDIRECTS + 1):
            raw = self._transport.exchange(method, target, headers, body, until=until)
            if raw.status not in _REDIRECTS:
                return raw
            target = self._redirected(raw, target, where)
            if method != "GET" and raw.status in {301, 302}:
                raise RemoteUnreachable(f"{where}: has moved to {target}", hint="name the new place")
        raise RemoteUnreachable(f"{where}: redirects without end", hint="check the URL")

    def _redirected(self, raw: Raw, target: str, where: str) -> str:
        scheme, host, port = self._transport.origin
        try:
            parts = urlsplit(urljoin(f"{scheme}://{host}:{port}{target}", raw.headers.get("location", "")))
            origin = (
                parts.scheme,
                (parts.hostname or "").lower(),
                parts.port or (443 if parts.scheme == "https" else 80),
            )
        except ValueError:
            origin = None
        if origin != self._transport.origin:
            hint = "the token does not go there; if it has moved, name the new URL"
            raise RemoteUnreachable(f"{where}: redirects to another server", hint=hint)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _doubt(method: str) -> str:
    return "try again" if method == "GET" else "it may have been done all the same: look, then run it again"


def _limited(error: StarryError, pause: float | None) -> StarryError:
    wait = "" if pause is None else f", for {int(pause) + 1} s"
    hint = f"its rate limit asks to wait{wait}: raise --timeout, or try later"
    return RemoteUnreachable(error.message, hint=hint, code="rate_limited")


def _is_success(raw: Raw) -> bool:
    return raw.status < HTTPStatus.MULTIPLE_CHOICES or raw.status == HTTPStatus.NOT_MODIFIED
