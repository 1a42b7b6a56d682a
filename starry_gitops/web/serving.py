"""Runs the page: listens, polls the branch, and ends so that each push is made whole or not at all."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from starry_gitops.errors import UsageFault
from starry_gitops.web.reading import Poller
from starry_gitops.web.services import Services

log = logging.getLogger("starry")

# Seconds that an idle connection is kept: longer than a load balancer keeps it. Google's does for 600
# (https://docs.cloud.google.com/load-balancing/docs/https#timeouts_and_retries).
_KEEP_ALIVE = 620
_BACKLOG = 2048
# Seconds that a process whose writes do not end has beyond the grace.
_BEYOND = 5.0


class _Server(uvicorn.Server):
    """Ends the streams first: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, *, on_start: Callable[[], None], on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._on_end = on_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """SIGTERM and SIGINT end it in order; a second one does not wait for what is under way."""
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        # Beside the handler: what it interrupts may hold the lock that this needs.
        threading.Thread(target=self._on_end, daemon=True).start()


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections; port 0 is any that is free.

    Raises:
        UsageFault: the address is not this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        hint = "choose another --port, or another --host"
        raise UsageFault(f"cannot listen on {host}, port {port}: {error.strerror or error}", hint=hint) from None


def serve(app: FastAPI, listening: socket.socket, *, started: Callable[[int], None] = lambda _: None) -> None:
    """Serves until SIGTERM or SIGINT; a write under way gets the grace of the settings to end.

    Args:
        app: as `create_app` gives it.
        listening: as `listen` gives it; closed at the end.
        started: is told the port once it listens.
    """
    parts: Services = app.state.services
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=max(int(parts.config.grace_seconds), 1),
    )
    poller = Poller(parts.reader, parts.config.poll_seconds)
    poller.start()
    try:
        _Server(config, on_start=lambda: started(listening.getsockname()[1]), on_end=lambda: _end(parts)).run(
            [listening]
        )
    finally:
        if parts.desk:
            parts.desk.close()
            parts.desk.join()
        poller.stop()


def _end(parts: Services) -> None:
    log.info("the page is being stopped", extra={"event": "stopping"})
    parts.writer.close()
    if parts.desk:
        parts.desk.close()
    parts.reader.followers.close()
    overdue = threading.Timer(parts.config.grace_seconds + _BEYOND, _leave)
    overdue.daemon = True
    overdue.start()


def _leave() -> None:
    """What does not end is given up. The watcher of its folder ends Git and removes what is left."""
    log.error("what was under way did not end in time; it is given up", extra={"event": "stopping"})
    os._exit(1)
