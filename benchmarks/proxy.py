"""A TCP proxy that stands for a network: it holds every byte back for a while, each way, and counts."""

import asyncio
import contextlib
import threading
from dataclasses import dataclass

_CHUNK = 2**16


@dataclass(slots=True)
class Counted:
    """What went through: connections, and bytes from and to the client."""

    connections: int = 0
    sent: int = 0
    received: int = 0


class Proxy:
    """Listens on loopback in a thread of its own. Change `delay` (seconds each way) and `counted` while it runs."""

    def __init__(self, target_port: int) -> None:
        self.delay = 0.0
        self.counted = Counted()
        self.port = 0
        self._target_port = target_port
        self._listens = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._listens.wait()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listens.set()
        await server.serve_forever()

    async def _connect(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        self.counted.connections += 1
        # Loopback answered the handshake at once; a real one costs a way there and a way back.
        ready = asyncio.get_running_loop().time() + 2 * self.delay
        far_in, far_out = await asyncio.open_connection("127.0.0.1", self._target_port)
        await asyncio.gather(
            self._carry(near_in, far_out, "sent", ready), self._carry(far_in, near_out, "received", ready)
        )

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str, ready: float) -> None:
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(_deliver(under_way, target))
        data = b"..."
        while data:
            try:
                data = await source.read(_CHUNK)
            except ConnectionError:
                data = b""
            setattr(self.counted, way, getattr(self.counted, way) + len(data))
            under_way.put_nowait((max(loop.time(), ready) + self.delay, data))
        await delivery


async def _deliver(under_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
    """Hands on each piece when it is due; an empty one is the end."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            target.write(data)
            await target.drain()
    target.close()
