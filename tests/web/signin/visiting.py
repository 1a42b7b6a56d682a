"""A browser in front of the page: its own cookies, https to the page, and a load balancer that takes the TLS off."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from starry_gitops.web.people import Door
from tests.support.repos import Apps
from tests.web.served import Served, served
from tests.web.signin.issuing import RealIssuer, log_in

BASE = "https://starry.mycompany.com"
REDIRECT = f"{BASE}/signin/callback"
SESSION = "__Host-starry_session"
KEY = "a-session-key-of-more-than-32-characters"
HTML = {"Accept": "text/html"}

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class _Balancer(httpx.BaseTransport):
    """Sends what goes to the page's name to where the page listens."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == httpx.URL(BASE).host:
            headers = dict(request.headers)
            url = self._url.copy_with(raw_path=request.url.raw_path)
            request = httpx.Request(request.method, url, headers=headers, stream=request.stream)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class Browser(httpx.Client):
    """One person's browser; it follows no redirect by itself, and sends what browsers send with forms."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=BASE, transport=_Balancer(url), headers=HTML, timeout=30)

    def sign_in(self, name: str, place: str = "/") -> httpx.Response:
        """All of it; the answer of the callback."""
        return self.send(self.returning(name, place))

    def returning(self, name: str, place: str = "/") -> httpx.Request:
        """The request with which the issuer sends this person back."""
        start = self.get("/signin", params={"next": place})
        assert start.status_code == 303, start.text
        back = log_in(self, start.headers["location"], name).next_request
        assert back is not None
        return back

    def csrf(self, path: str = "/") -> str:
        """The token that the page's forms carry."""
        found = _CSRF.search(self.get(path).text)
        assert found, path
        return found[1]

    def submit(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """A form of the page itself."""
        return self.post(path, data=fields, headers=_own({"Sec-Fetch-Site": "same-origin"}, headers))

    def put(self, name: str, csrf: str, **headers: str) -> httpx.Response:
        """What the page's own script may send to the API."""
        own = _own({"X-CSRF-Token": csrf}, headers)
        return super().put(f"/api/v1/previews/{name}", json={"images": {"backend": "1.0.0"}}, headers=own)

    def session(self) -> str:
        """The session's cookie."""
        return str(self.cookies.get(SESSION, domain=httpx.URL(BASE).host, path="/"))


def _own(own: dict[str, str], others: dict[str, str]) -> httpx.Headers:
    headers = httpx.Headers({"Origin": BASE, **own})
    headers.update({key.replace("_", "-"): one for key, one in others.items()})
    return headers


@contextmanager
def visited(apps: Apps, door: Door) -> Iterator[tuple[Served, Browser]]:
    """The page with its door, and a browser that has not been there."""
    with served(apps, door=door, base_url=BASE) as page, Browser(page.url) as browser:
        yield page, browser


def let_in(apps: Apps, **web: Any) -> None:
    """Writes `web` into starry.yaml."""
    apps.settings(lambda settings: settings.update(web=web))


__all__ = ["BASE", "KEY", "REDIRECT", "SESSION", "Browser", "RealIssuer", "let_in", "visited"]
