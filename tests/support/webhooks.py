"""Receives webhooks on loopback, and keeps them."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One webhook as it came; header names are lower-case."""

    event: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass(kw_only=True)
class WebhookReceiver:
    """Answers 204 to everything. Give `url` to the forge, then `wait_for` what it sends."""

    deliveries: list[Delivery] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(_Handler):
            deliveries = receiver.deliveries

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where webhooks go."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/"

    def wait_for(self, event: str, *, seconds: float = 20, **wanted: Any) -> Delivery:
        """The first delivery of an event whose body has these values at its top: `action="opened"`."""
        end = time.monotonic() + seconds
        while True:
            for one in list(self.deliveries):
                if one.event == event and wanted.items() <= one.data.items():
                    return one
            assert time.monotonic() < end, f"no {event} {wanted} among {[one.event for one in self.deliveries]}"
            time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    deliveries: list[Delivery]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self.deliveries.append(Delivery(event=headers.get("x-gitea-event", ""), headers=headers, body=body))
        self.send_response(204)
        self.end_headers()
