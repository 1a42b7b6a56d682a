"""A server that sends its answer byte by byte keeps nobody for longer than they wait."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from starry_gitops.rest.transport import Broken, Transport

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def _dripping(head: bytes, ended: threading.Event) -> Iterator[str]:
    """Answers with that head, then a byte every tenth of a second until it is told to end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head)
                for _ in range(300):
                    if ended.wait(0.1):
                        return
                    connection.sendall(b" ")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize(
    "head",
    [
        _HEAD + b"Content-Length: 60000\r\n\r\n",
        _HEAD + b"Transfer-Encoding: chunked\r\n\r\nea60\r\n",
        _HEAD + b"Connection: close\r\n\r\n",
    ],
    ids=["length", "chunked", "until-closed"],
)
def test_a_body_that_drips_is_left(head: bytes) -> None:
    ended = threading.Event()
    with _dripping(head, ended) as url:
        with pytest.raises(Broken, match="did not end in time"):
            Transport(url, has_token=False).exchange("GET", "/", {}, None, until=time.monotonic() + 0.5)
        assert not ended.is_set()
