"""A registry that is broken or hostile: nothing of it gets further than one line."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from starry_gitops.errors import AccessDenied, DoubtfulAnswer, RemoteUnreachable, StarryError, UsageFault
from starry_gitops.registry import Registry, find_registries
from tests.support.loopback import LoopbackServer

SECRET = "ada:a-secret-of-hers"


class Handler(BaseHTTPRequestHandler):
    """`act` answers; `asked` is every path with its authorization."""

    act: Callable[["Handler"], None]
    asked: list[tuple[str, str]]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        self.act(self)

    def send(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def answering(act: Callable[[Handler], None], secret: str = SECRET) -> Iterator[tuple[Registry, list[Any]]]:
    """A registry that answers so, and what it was asked."""
    asked: list[Any] = []
    server = LoopbackServer(("127.0.0.1", 0), type("H", (Handler,), {"act": staticmethod(act), "asked": asked}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        (registry,) = find_registries([f"127.0.0.1:{server.server_port}"], secret)
        yield registry, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _challenging(realm: str) -> Callable[[Handler], None]:
    header = {"WWW-Authenticate": f'Bearer realm="{realm}",service="s",scope="repository:other:pull,push"'}
    return lambda handler: handler.send(401, {"errors": []}, **header)


@pytest.mark.parametrize(
    "realm",
    [
        "https://evil.example/token",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/token",
        "file:///etc/passwd",
        "https://user:pw@127.0.0.1/token",
        "//127.0.0.1/token",
    ],
)
def test_a_realm_elsewhere_is_not_followed(realm: str) -> None:
    with answering(_challenging(realm)) as (registry, asked):
        with pytest.raises(AccessDenied, match="sends elsewhere for a token") as caught:
            registry.tags("be", seconds=10)
        assert len(asked) == 1
        assert realm not in caught.value.message


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", "text/html"),
        (200, b'{"tags": [', "application/json"),
        (200, b"[" * 100_000, "application/json"),
        (500, {}, "application/json"),
        (302, b"", "application/json"),
        (429, {"errors": [{"code": "TOOMANYREQUESTS", "message": "\x1b[31mslow"}]}, "application/json"),
    ],
)
def test_an_answer_that_is_none_is_one_line(status: int, body: Any, kind: str) -> None:
    with answering(lambda handler: handler.send(status, body, kind, Location="http://127.0.0.1:1/")) as (registry, _):
        with pytest.raises(RemoteUnreachable) as caught:
            registry.tags("be", seconds=10)
        assert "\x1b" not in caught.value.message
        assert "\n" not in caught.value.message


def test_what_is_too_large_is_not_read() -> None:
    with (
        answering(lambda handler: handler.send(200, b" " * 9_000_000)) as (registry, _),
        pytest.raises(RemoteUnreachable, match="larger than 8 MB"),
    ):
        registry.tags("be", seconds=10)


def test_pages_without_end_end() -> None:
    def act(handler: Handler) -> None:
        number = len(handler.asked)
        handler.send(200, {"tags": [f"v{number}"]}, Link=f'<http://evil.example/v2/x?last=v{number}>; rel="next"')

    with answering(act) as (registry, asked):
        assert len(registry.tags("be", seconds=10)) == 20
        assert {path.partition("?")[0] for path, _ in asked} == {"/v2/be/tags/list"}


def test_one_that_says_nothing_is_left_in_time() -> None:
    ended = threading.Event()
    with answering(lambda _: ended.wait(20) and None) as (registry, _):
        started = time.monotonic()
        with pytest.raises(RemoteUnreachable):
            registry.tags("be", seconds=0.5)
        ended.set()
    assert time.monotonic() - started < 15


def test_the_registrys_own_limit_is_kept() -> None:
    def act(handler: Handler) -> None:
        if "n=50" in handler.path:
            handler.send(200, {"tags": ["v1"]})
        else:
            handler.send(413, {"errors": [{"code": "TAG_LIMIT_EXCEEDED"}]}, OCI_Tag_Limit="50")

    with answering(act) as (registry, _):
        assert [tag.name for tag in registry.tags("be", seconds=10)] == ["v1"]


@pytest.mark.parametrize("token", ["", None, 7, "a b", "a\r\nX: y", "é", "x" * 20_000])
def test_a_token_that_is_none_is_not_sent(token: Any) -> None:
    def act(handler: Handler) -> None:
        if handler.path.startswith("/token"):
            handler.send(200, {"token": token})
        else:
            _challenging(f"http://{handler.headers['Host']}/token")(handler)

    with answering(act) as (registry, asked):
        with pytest.raises(DoubtfulAnswer, match="gave no token"):
            registry.tags("be", seconds=10)
        assert "scope=repository%3Abe%3Apull" in asked[1][0]
        assert "push" not in asked[1][0]


def test_a_refusal_that_repeats_the_secret_is_not_shown() -> None:
    def act(handler: Handler) -> None:
        said = handler.headers.get("Authorization") or "nothing"
        handler.send(401, {"errors": [{"message": f"no: {said} {SECRET}"}]}, WWW_Authenticate='Basic realm="x"')

    with answering(act) as (registry, _):
        with pytest.raises(AccessDenied) as caught:
            registry.tags("be", seconds=10)
        assert "a-secret-of-hers" not in caught.value.message
        assert "YWRhOmEtc2VjcmV0" not in caught.value.message


def test_whose_a_secret_is() -> None:
    one, two = find_registries(["a.example", "B.example:5000"], "b.example:5000 ada:x y\n")
    assert (one.credential, two.credential) == ("", "ada:x y")
    assert "ada" not in repr(two)
    assert find_registries([], "left over") == ()


@pytest.mark.parametrize("host", ["", "https://a.example", "a.example/x", "a b", "a@b", "-a", "a\n"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(UsageFault, match="not the host of a registry"):
        find_registries([host], "")


@pytest.mark.parametrize("secret", ["ada:x", "c.example ada:x", "a.example ada:é"])
def test_a_secret_that_is_nobodys(secret: str) -> None:
    with pytest.raises(StarryError) as caught:
        find_registries(["a.example", "b.example"], secret)
    assert "ada" not in caught.value.message
