"""A smart-HTTP Git server as a process of its own, so that it can be killed: `python -m soak.httpserver ROOT PORT`."""

import base64
import os
import subprocess
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

USERNAME = "x-access-token"
TOKEN_VARIABLE = "SOAK_TOKEN"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        """The listing of refs."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Fetches and pushes."""
        self._answer(self._body())

    def _answer(self, body: bytes) -> None:
        wanted = base64.b64encode(f"{USERNAME}:{os.environ[TOKEN_VARIABLE]}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}":
            self._reply(*self._backend(body))
        else:
            self._reply(401, b"who are you?\n", "text/plain")

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

    def _backend(self, body: bytes) -> tuple[int, bytes, str]:
        url = urlsplit(self.path)
        env = {
            **os.environ,
            "GIT_PROJECT_ROOT": sys.argv[1],
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "http",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(fields.get("Status", "200").split()[0]) if head else 500
        return status, content, fields.get("Content-Type", "text/plain")

    def _reply(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if status == 401:  # noqa: PLR2004 - HTTP's own number
            self.send_header("WWW-Authenticate", 'Basic realm="soak"')
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    _Server(("127.0.0.1", int(sys.argv[2])), _Handler).serve_forever()
