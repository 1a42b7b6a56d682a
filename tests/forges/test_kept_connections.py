"""A POST on a connection that was kept open: when it is surely not done, and when nobody can tell."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from starry_gitops.errors import RemoteUnreachable
from starry_gitops.rest.client import Api

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
# Closing sends a reset, not an orderly end.
RESET = struct.pack("ii", 1, 0)


class Server:
    """Answers the first request and keeps the connection; `ending` says what becomes of that one afterwards."""

    def __init__(self, ending: str) -> None:
        self._ending = ending
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(20)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked: list[str] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        first, _ = self._listener.accept()
        with first:
            self._read(first)
            first.sendall(ANSWER)
            if self._ending == "unanswered":
                self._read(first)
                return
            if self._ending == "reset":
                first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.ended.set()
        second, _ = self._listener.accept()
        with second:
            self._read(second)
            second.sendall(ANSWER)

    def _read(self, connection: socket.socket) -> None:
        """One request with its body."""
        stream = connection.makefile("rb")
        self.asked.append(stream.readline().decode().split(" ")[0])
        headers = dict(line.decode().lower().split(": ") for line in iter(stream.readline, b"\r\n"))
        stream.read(int(headers.get("content-length", 0)))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(request.param)
    yield made
    made.close()


@pytest.mark.parametrize("server", ["closed", "reset"], indirect=True)
def test_one_that_was_closed_before_is_not_used(server: Server) -> None:
    api = Api(server.url, what="GitHub", seconds=5)
    api.get("/a")
    assert server.ended.wait(10)
    assert api.send("POST", "/b", {"a": 1}).status == 200
    assert server.asked == ["GET", "POST"]


@pytest.mark.parametrize("server", ["unanswered"], indirect=True)
def test_one_that_is_closed_afterwards_leaves_a_doubt(server: Server) -> None:
    """The same comes of a server that did it and of one that was just closing: to ask again might do it twice."""
    api = Api(server.url, what="GitHub", seconds=5)
    api.get("/a")
    with pytest.raises(RemoteUnreachable) as raised:
        api.send("POST", "/b", {"a": 1})
    assert "may have been done" in raised.value.hint
    assert server.asked == ["GET", "POST"]
