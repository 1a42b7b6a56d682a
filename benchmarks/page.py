"""The web page as a process of its own, and people who are signed in there."""

import http.client
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.repositories import Bare
from benchmarks.sandbox import STARRY, MeasurementFailed, Sandbox
from starry_gitops.web.signin.cookies import Cookies
from starry_gitops.web.signin.csrf import HEADER, Csrf
from starry_gitops.web.signin.identity import Identity
from starry_gitops.web.signin.sealing import SESSION_KEY, Seals
from starry_gitops.web.signin.sessions import new_session, read_session

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "the-benchmark-signs-its-people-in-itself"
_HOST = "127.0.0.1"
_START = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who is signed in: what their browser sends with each request, and with a write."""

    headers: Mapping[str, str]
    writing: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page that listens on a port of this machine."""

    port: int

    @property
    def origin(self) -> str:
        """What people type."""
        return f"http://{_HOST}:{self.port}"

    def person(self, number: int) -> Person:
        """One of any number of people. The page's own key signs their session, as if an issuer had named them."""
        seals = Seals([_KEY])
        name = f"person-{number}"
        text = new_session(Identity(subject=name, email=f"{name}@example.com", name=name), seals)
        session = read_session(text, seals)
        token = Csrf(seals, origin=lambda _: self.origin).token(session.id if session else "")
        cookie = {"Cookie": f"{Cookies(secure=False).session}={text}"}
        return Person(headers=cookie, writing={**cookie, "Origin": self.origin, HEADER: token})

    def ask(self, path: str, person: Person | None = None) -> float:
        """One GET on a connection of its own. Seconds until all of the answer is there."""
        return self._send("GET", path, person.headers if person else {})

    def put(self, name: str, body: Mapping[str, Any], person: Person) -> float:
        """Creates a preview through the API. Seconds."""
        headers = {**person.writing, "Content-Type": "application/json"}
        return self._send("PUT", f"/api/v1/previews/{name}", headers, json.dumps(body).encode())

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> float:
        started = time.perf_counter()
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=_START)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        seconds = time.perf_counter() - started
        if answer.status not in {200, 201}:
            raise MeasurementFailed(f"{method} {path}: {answer.status} {content[:500]!r}")
        return seconds


@contextmanager
def serve(sandbox: Sandbox, bare: Bare) -> Iterator[Page]:
    """`starry serve` with sign-in, until the block ends."""
    port = _free_port()
    page = Page(port=port)
    serve_it: list[str | Path] = [STARRY, "serve", "--repo", bare.path, "--log-format", "json", "--poll", "3600"]
    # Nobody asks the issuer: all who come have a session.
    sign_in = ["--base-url", page.origin, "--oidc-issuer", "https://issuer.example.com", "--oidc-client-id", "starry"]
    words = [*serve_it, "--port", f"{port}", *sign_in]
    with (
        tempfile.TemporaryFile(dir=sandbox.folder) as log,
        subprocess.Popen(words, env={**sandbox.env, SESSION_KEY: _KEY}, stdout=log, stderr=log) as process,
    ):
        try:
            _wait(page, process)
            yield page
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait(page: Page, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers: it listens before it has read the repository."""
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        try:
            page.ask("/healthz")
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise MeasurementFailed("starry serve does not answer: is the extra `web` installed?")
