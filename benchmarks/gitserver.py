"""A smart-HTTP Git server on loopback: `git http-backend` behind Python's HTTP server, which counts what is asked."""

import os
import subprocess
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LOCKED, OPEN = "/locked", "/open"
"""Where repositories are served: to those who have a token, and to everybody."""

# What the large forges allow.
_CONFIG = {
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "http.receivepack": "true",
    "safe.directory": "*",
}


class GitServer(ThreadingHTTPServer):
    """Serves the bare repositories of a folder, in a thread of its own. `asked` says what each request wanted."""

    daemon_threads = True

    def __init__(self, root: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.asked: list[str] = []
        self.env = _environment()
        threading.Thread(target=self.serve_forever, daemon=True).start()


def _environment() -> dict[str, str]:
    env = {**os.environ, "GIT_HTTP_EXPORT_ALL": "1", "GIT_CONFIG_COUNT": f"{len(_CONFIG)}"}
    for number, (key, value) in enumerate(_CONFIG.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: GitServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _answer(self, body: bytes) -> None:
        url = urlsplit(self.path)
        if url.path.startswith(LOCKED) and "Authorization" not in self.headers:
            self.server.asked.append("refused")
            return self._reply(401, "text/plain", b"")
        self.server.asked.append(_wish(url.path, url.query, body))
        head, _, content = self._backend(url.path, url.query, body).partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(fields.get("Status", "200" if head else "500").split()[0])
        return self._reply(status, fields.get("Content-Type", "text/plain"), content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return zlib.decompress(body, zlib.MAX_WBITS | 16) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunk(self) -> bytes:
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data

    def _backend(self, path: str, query: str, body: bytes) -> bytes:
        env = {
            **self.server.env,
            "GIT_PROJECT_ROOT": self.server.root,
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path.removeprefix(LOCKED).removeprefix(OPEN),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": f"{len(body)}",
        }
        return subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False).stdout

    def _reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        if status == 401:  # noqa: PLR2004 - HTTP's number
            self.send_header("WWW-Authenticate", 'Basic realm="benchmark"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", f"{len(content)}")
        self.end_headers()
        self.wfile.write(content)


def _wish(path: str, query: str, body: bytes) -> str:
    """What a request of Git's protocol is for."""
    if path.endswith("/info/refs"):
        return f"hello {query.removeprefix('service=git-')}"
    if path.endswith("/git-receive-pack"):
        return "push"
    return "refs" if b"command=ls-refs" in body[:64] else "fetch"
