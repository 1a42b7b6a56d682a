"""Tells browsers and programs that keep a connection open what has changed on the branch."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starry_gitops.errors import StarryError

_MOST = 1_000
# What one slow listener may leave unread; it is told of the newest commit in any case.
_UNREAD = 16


class TooManyFollowers(StarryError):
    """Nobody more can be told of changes."""

    code = "too_many_followers"
    exit_code = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The branch has moved: its commit, and the previews (overlay and name) that differ from what was there before."""

    revision: str
    previews: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Follower:
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[Change | None]"


class Followers:
    """All those who listen. Told from any thread, listened to in the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: set[_Follower] = set()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._followers)

    def refuse_crowd(self) -> None:
        """One more may come.

        Raises:
            TooManyFollowers: too many listen already.
        """
        if len(self._followers) >= _MOST:
            raise TooManyFollowers("too many listen for changes", hint="ask for the list from time to time")

    def tell(self, change: Change) -> None:
        """Tells everybody."""
        self._send(change)

    def close(self) -> None:
        """Ends all listening."""
        self._is_closed = True
        self._send(None)

    async def follow(self, *, idle: float) -> AsyncIterator[Change | None]:
        """Each change from now on; None at the beginning, and whenever nothing has happened for `idle` seconds."""
        follower = _Follower(asyncio.get_running_loop(), asyncio.Queue(_UNREAD))
        with self._lock:
            self._followers.add(follower)
        try:
            yield None
            while not self._is_closed:
                try:
                    change = await asyncio.wait_for(follower.queue.get(), idle)
                except TimeoutError:
                    yield None
                    continue
                if change is not None:
                    yield change
        finally:
            with self._lock:
                self._followers.discard(follower)

    def _send(self, change: Change | None) -> None:
        with self._lock:
            followers = list(self._followers)
        for follower in followers:
            if not follower.loop.is_closed():
                follower.loop.call_soon_threadsafe(_put, follower.queue, change)


def _put(queue: "asyncio.Queue[Change | None]", change: Change | None) -> None:
    """The oldest one makes room: what is newer says where the branch is."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(change)
