"""A smart-HTTP Git server on loopback: `git http-backend` behind a password, with faults that can be switched on."""

import base64
import os
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

USERNAME = "x-access-token"
TOKEN = "glpat-testtoken0123456789"
_PAGE = b"<html><head><title>Bad gateway</title></head><body>upstream said no</body></html>"


class Fault(Enum):
    """What a server can do instead of answering."""

    ERROR_500 = 500
    ERROR_502 = 502
    ERROR_503 = 503
    FORBIDDEN = 403
    NOT_FOUND = 404
    HANG = "hang"
    CLOSE = "close mid-response"
    LOST_ANSWER = "do it, then close without an answer"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    target: str
    authorization: str | None
    header_text: str

    @property
    def is_push(self) -> bool:
        """True for both requests of a push."""
        return "receive-pack" in self.target

    @property
    def sends_pack(self) -> bool:
        """True for the request that carries a push's objects."""
        return self.method == "POST" and self.is_push


@dataclass(kw_only=True)
class GitServer:
    """Serves the bare repositories of a folder. Change `fault`, `strikes` and `accepts` while it runs."""

    root: Path
    token: str | None = TOKEN
    username: str = USERNAME
    fault: Fault | None = None
    strikes: Callable[[Request], bool] = lambda _: True
    before: Callable[[Request], None] = lambda _: None
    old_protocol: bool = False
    redirect_to: str = ""
    bytes_sent: int = 0
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Where `apps.git` is served."""
        return f"http://127.0.0.1:{self.port}/apps.git"

    def is_authorized(self, request: Request) -> bool:
        """Whether the request carries the right user name and password, or none is asked for."""
        if self.token is None:
            return True
        expected = base64.b64encode(f"{self.username}:{self.token}".encode()).decode()
        return request.authorization == f"Basic {expected}"

    def wait(self, seconds: float) -> None:
        """Sleep, but not past the end of the test."""
        self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


def _handler_of(server: GitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        git = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    git: GitServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _answer(self, body: bytes) -> None:
        request = Request(
            method=self.command,
            target=self.path,
            authorization=self.headers.get("Authorization"),
            header_text=str(self.headers),
        )
        self.git.requests.append(request)
        self.git.before(request)
        if not self.git.is_authorized(request):
            self._reply(401, b"who are you?\n", "text/plain", ("WWW-Authenticate", 'Basic realm="test"'))
        elif self.git.redirect_to:
            target = self.git.redirect_to + self.path.removeprefix("/apps.git")
            self._reply(302, b"", "text/plain", ("Location", target))
        elif self.git.fault is not None and self.git.strikes(request):
            self._fail(self.git.fault, body)
        else:
            self._reply(*self._backend(body))

    def _fail(self, fault: Fault, body: bytes) -> None:
        match fault:
            case Fault.LOST_ANSWER:
                self._backend(body)
            case Fault.HANG:
                self.git.wait(60)
            case Fault.CLOSE:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git\r\n")
                self.wfile.write(b"Content-Length: 900\r\n\r\n001e#")
                self.wfile.flush()
            case _:
                return self._reply(int(fault.value), _PAGE, "text/html")
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return None

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return zlib.decompress(body, zlib.MAX_WBITS | 16) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(), 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _backend(self, body: bytes) -> tuple[int, bytes, str]:
        url = urlsplit(self.path)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": "" if self.git.old_protocol else self.headers.get("Git-Protocol", ""),
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "tester",
            "REMOTE_ADDR": "127.0.0.1",
        }
        # safe.directory comes from HOME's .gitconfig, which the test's isolation wrote.
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(fields.get("Status", "200").split()[0]) if head else 500
        return status, content, fields.get("Content-Type", "text/plain")

    def _reply(self, status: int, content: bytes, kind: str, *headers: tuple[str, str]) -> None:
        self.git.bytes_sent += len(content)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)


def unused_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 10) -> None:
    """Return when something listens on the port of 127.0.0.1."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {seconds} s")
