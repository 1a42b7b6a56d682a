"""A TCP proxy between one command and its server, which cuts, stalls or delays one of the command's connections."""

import contextlib
import socket
import struct
import threading
from typing import Self

from soak.operation import Fault

_CHUNK = 4096


class Proxy:
    """Listens on `port` of loopback and passes everything on to the server's port, but for the fault."""

    def __init__(self, server_port: int, fault: Fault) -> None:
        self._server_port = server_port
        self._fault = fault
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        self.strikes = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with self._lock:
            for one in (self._listener, *self._open):
                _close(one)

    def _serve(self) -> None:
        number = 0
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
                    server.settimeout(None)
                except OSError:
                    _abort(client)
                    continue
                with self._lock:
                    self._open += [client, server]
                for direction, source, sink in (("up", client, server), ("down", server, client)):
                    arguments = (source, sink, self._strikes_here(number, direction))
                    threading.Thread(target=self._pump, args=arguments, daemon=True).start()
                number += 1

    def _strikes_here(self, number: int, direction: str) -> bool:
        if self._fault.kind == "delay":
            return True
        return number == self._fault.number("connection") and direction == self._fault.text("direction")

    def _pump(self, source: socket.socket, sink: socket.socket, faulty: bool) -> None:  # noqa: FBT001 - a thread's
        passed = 0
        try:
            while data := source.recv(_CHUNK):
                if faulty and self._fault.kind == "delay":
                    self._pause()
                elif faulty and passed + len(data) > self._fault.number("after"):
                    sink.sendall(data[: max(0, int(self._fault.number("after")) - passed)])
                    self._strike(source, sink)
                    data = data[max(0, int(self._fault.number("after")) - passed) :]
                    faulty = False
                sink.sendall(data)
                passed += len(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            _abort(source)
            _abort(sink)

    def _pause(self) -> None:
        self.strikes += 1
        self._closing.wait(self._fault.number("seconds"))

    def _strike(self, source: socket.socket, sink: socket.socket) -> None:
        if self._fault.kind == "stall":
            self._pause()
            return
        self.strikes += 1
        _abort(source)
        _abort(sink)
        raise ConnectionAbortedError


def _abort(one: socket.socket) -> None:
    """Closes with a reset: what is on the way is lost."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    _close(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
