"""Serves the page to a test: in this process for questions, as a real process where it must be killed."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from fastapi import FastAPI

from starry_gitops.gitrepo.mirror import Mirror, open_mirror
from starry_gitops.gitrepo.remotes import resolve_remote
from starry_gitops.gitrepo.target import Target
from starry_gitops.web.app import create_app
from starry_gitops.web.config import WebConfig
from starry_gitops.web.people import Door, LocalDoor, Person
from starry_gitops.web.reading import Poller
from tests.support.cli import spawn
from tests.support.repos import Apps

if TYPE_CHECKING:
    import subprocess

ADA = Person(name="Ada Tester", email="ada@example.com", role="admin")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A page that listens. `http` asks it; nothing is raised for a status."""

    url: str
    app: FastAPI
    mirror: Mirror
    http: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        """A GET below /api/v1."""
        return self.http.get(f"/api/v1{path}", headers={key.replace("_", "-"): text for key, text in headers.items()})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request below /api/v1 that may change something."""
        named = {key.replace("_", "-"): text for key, text in headers.items()}
        return self.http.request(method, f"/api/v1{path}", json=body, headers=named)

    def put(self, name: str, tag: str = "1.0.0", **body: Any) -> httpx.Response:
        """A preview of the backend alone."""
        return self.send("PUT", f"/previews/{name}", {"images": {"backend": tag}, **body})


@contextmanager
def served(apps: Apps, *, door: Door | None = None, poll: float = 3600, **config: Any) -> Iterator[Served]:
    """The page of a repository, on a real server in a thread; it looks at the branch every `poll` seconds."""
    remote = resolve_remote(apps.url or str(apps.bare))
    with open_mirror(remote, branch=None, timeout=20) as mirror:
        target = Target(repo=remote.url, branch=mirror.branch, timeout=20, committer="Starry <starry@localhost>")
        app = create_app(WebConfig(target=target, **config), door=door or LocalDoor(ADA), mirror=mirror)
        poller = Poller(app.state.services.reader, poll)
        poller.start()
        try:
            with _listening(app) as url, _client(url) as http:
                yield Served(url=url, app=app, mirror=mirror, http=http)
        finally:
            poller.stop()


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=30, limits=httpx.Limits(max_connections=200))


@contextmanager
def _listening(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        app.state.services.reader.followers.close()
        server.should_exit = True
        thread.join()


def wait_until(is_so: Callable[[], Any], seconds: float = 20) -> None:
    """Return when it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)


@dataclass(kw_only=True)
class Process:
    """`starry serve` as a process of its own."""

    process: "subprocess.Popen[str]"
    url: str
    lines: list[str] = field(default_factory=list)

    def records(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def end(self, number: int = signal.SIGTERM, timeout: float = 30) -> int:
        """Ends it; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout)


@contextmanager
def process(apps: Apps, *args: str) -> Iterator[Process]:
    """`starry serve` on a free port."""
    words = ["serve", "--repo", apps.url or str(apps.bare), "--port", "0", "--log-format", "json", *args]
    running = spawn(*words, env={"PYTHONUNBUFFERED": "1", **apps.env})
    one = Process(process=running, url="")

    def read() -> None:
        for line in running.stderr or ():
            one.lines.append(line.rstrip("\n"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        wait_until(lambda: any(line.startswith("listening on ") for line in one.lines) or running.poll() is not None)
        assert running.poll() is None, f"exit {running.returncode}: {one.lines}"
        one.url = next(line for line in one.lines if line.startswith("listening on ")).split()[2]
        yield one
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()
        reader.join()
        for pipe in (running.stdout, running.stderr):
            if pipe:
                pipe.close()
