"""Many people who look at the page at once, each in a browser of their own."""

import asyncio
import re
import time
from collections.abc import Sequence
from statistics import median, quantiles

from benchmarks.page import Page, Person
from benchmarks.sandbox import MeasurementFailed

_LENGTH = re.compile(rb"^content-length: (\d+)\r$", re.MULTILINE | re.IGNORECASE)
_OK = b"HTTP/1.1 200 "


def look_around(page: Page, people: Sequence[Person], paths: Sequence[str], each: int) -> list[float]:
    """Everybody asks for one path after another, `each` times, the next at once when an answer is there. Seconds."""
    return asyncio.run(_all(page, people, paths, each))


def percentile_99(seconds: Sequence[float]) -> float:
    """All but one in a hundred took no longer."""
    return quantiles(seconds, n=100)[-1] if len(seconds) > 1 else median(seconds)


async def _all(page: Page, people: Sequence[Person], paths: Sequence[str], each: int) -> list[float]:
    # Not all at the same path at the same moment.
    lists = [[paths[(number + step) % len(paths)] for step in range(each)] for number in range(len(people))]
    found = await asyncio.gather(*(_one(page, *pair) for pair in zip(people, lists, strict=True)))
    return [seconds for person in found for seconds in person]


async def _one(page: Page, person: Person, paths: Sequence[str]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in person.headers.items())
    seconds = []
    for path in paths:
        started = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n{lines}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(_OK) or length is None:
            raise MeasurementFailed(f"GET {path}: {head[:200]!r}")
        await reader.readexactly(int(length[1]))
        seconds.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()
    return seconds
