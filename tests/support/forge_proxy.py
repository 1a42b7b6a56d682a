"""A forge that is ill: a real one behind a proxy on loopback that spoils some of its answers."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

Spoil = Callable[[int, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
"""From status, headers and body to those that are sent instead."""

_OPENER = build_opener(ProxyHandler({}))
_KEPT = ("Content-Type", "Link", "ETag", "X-Total-Count")


def status(code: int) -> Spoil:
    """Another status, with a body that is JSON."""
    return lambda _code, _headers, _body: (code, {"Content-Type": "application/json"}, b'{"message": "no"}')


def body(text: bytes, kind: str = "application/json") -> Spoil:
    """Another body."""
    return lambda code, _headers, _body: (code, {"Content-Type": kind}, text)


def cut(code: int, headers: Mapping[str, str], text: bytes) -> tuple[int, Mapping[str, str], bytes]:
    """The first half of the body."""
    return code, headers, text[: len(text) // 2]


@dataclass(kw_only=True)
class ForgeProxy:
    """`faults` maps a pattern of the path to how it is spoilt; `before` runs ahead of each question."""

    upstream: str
    faults: dict[str, Spoil] = field(default_factory=dict)
    before: Callable[[str], object] = lambda _path: None
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                proxy.asked.append(self.path)
                proxy.before(self.path)
                code, headers, text = proxy.answer(self.path, self.headers)
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, headers: Any) -> tuple[int, Mapping[str, str], bytes]:
        """The forge's answer, spoilt where that is asked for."""
        sent = {name: value for name, value in headers.items() if name.lower() in {"authorization", "accept"}}
        try:
            with _OPENER.open(Request(self.upstream + path, headers=sent), timeout=60) as found:
                code, own, text = found.status, found.headers, found.read()
        except HTTPError as error:
            with error:
                code, own, text = error.code, error.headers, error.read()
        kept: Mapping[str, str] = {name: own[name] for name in _KEPT if name in own}
        spoil = next((spoil for pattern, spoil in self.faults.items() if re.search(pattern, path)), None)
        return spoil(code, kept, text) if spoil else (code, kept, text)
