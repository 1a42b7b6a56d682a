"""One HTTP exchange with one origin: bounded in bytes and time, no redirect followed, no retry."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from starry_gitops.errors import UsageFault

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
_MOST_BYTES = 32 * 1024 * 1024
_CHUNK = 64 * 1024
# Threads of one process may ask at once; a connection beyond these is not kept.
_CONNECTIONS = 4
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that plain HTTP may carry a token to."""


class NotSent(Exception):
    """No connection came about: nothing was asked."""


class Broken(Exception):
    """The connection ended, stalled or gave too much: what was asked may have been done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """An answer as it came; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_empty(self) -> bool:
        """True where HTTP says that there is no body."""
        return not self.body or self.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


def origin_of(parts: SplitResult) -> tuple[str, str, int]:
    """A URL's scheme, host and port (RFC 6454).

    Raises:
        ValueError: the port is no number.
    """
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


class Transport:
    """Connections to one origin (scheme, host and port), through the environment's proxy where there is one.

    An answer of more than `most_bytes` is none.

    Raises:
        UsageFault: no HTTP URL, or a token would go over plain HTTP to another machine.
    """

    def __init__(self, base_url: str, *, has_token: bool, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        try:
            parts = urlsplit(base_url)
            host = parts.hostname or ""
            self.origin = origin_of(parts)
        except ValueError:
            raise UsageFault(f"{base_url!r} is not a valid URL") from None
        if parts.scheme not in {"http", "https"} or not host or not base_url.isprintable() or " " in base_url:
            raise UsageFault(f"{base_url!r} is not an https:// URL")
        if parts.username is not None or parts.query or parts.fragment:
            raise UsageFault(f"the URL of {host} holds a user, a query or a fragment", hint="leave it out")
        if parts.scheme == "http" and has_token and host not in LOOPBACK:
            raise UsageFault(f"a token is not sent over http:// to {host}", hint="use https://")
        self._base = f"{parts.scheme}://{parts.netloc}"
        self.prefix = parts.path.rstrip("/")
        self._pools = _pools(parts.scheme, parts.netloc, host)

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, *, until: float
    ) -> Raw:
        """Asks for `target` (path and query). `until` is a time of the monotonic clock, in seconds.

        Raises:
            NotSent: no connection.
            Broken: no whole answer.
        """
        left = max(until - time.monotonic(), 0.1)
        timeout = urllib3.Timeout(connect=min(_CONNECT_SECONDS, left), read=min(_READ_SECONDS, left))
        try:
            response = self._pools.request(
                method,
                self._base + target,
                headers=dict(headers),
                body=body,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise NotSent(_words(error)) from None
        except (urllib3.exceptions.ProxyError, urllib3.exceptions.SSLError) as error:
            raise NotSent(_words(error)) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Broken(_words(error)) from None
        try:
            content = _read(response, until, self._most_bytes)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Broken(_words(error)) from None
        finally:
            response.close()
        return Raw(status=response.status, headers=_headers(response), body=content)


def _pools(scheme: str, netloc: str, host: str) -> urllib3.PoolManager:
    proxy = getproxies().get(scheme)
    if proxy is None or proxy_bypass(netloc) or proxy_bypass(host):
        return urllib3.PoolManager(maxsize=_CONNECTIONS)
    return urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS)


def _headers(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _read(response: urllib3.BaseHTTPResponse, until: float, most: int) -> bytes:
    content = bytearray()
    # As it comes: a full chunk of a server that sends byte by byte may take for ever.
    while chunk := response.read1(_CHUNK, decode_content=True):
        content += chunk
        if len(content) > most:
            raise Broken(f"the answer is larger than {most // 1024 // 1024} MB")
        if time.monotonic() > until:
            raise Broken("the answer did not end in time")
    return bytes(content)


def _words(error: Exception) -> str:
    """What went wrong, without addresses of objects in memory."""
    reason = getattr(error, "reason", None)
    text = str(reason if isinstance(reason, Exception) else error)
    return text.rpartition(">: ")[2] or type(error).__name__
