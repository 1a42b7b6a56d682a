"""Questions to others than Git: each is asked once for all who want to know, and nobody waits for long."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from starry_gitops.errors import ContentionLost, RemoteUnreachable, StarryError

log = logging.getLogger("starry")

T = TypeVar("T")

_MOST_KEPT = 2_000
MOST_WAITING = 20
"""How many people may wait for answers at once: each of them keeps a thread."""


@dataclass(kw_only=True, slots=True)
class _Question(Generic[T]):
    """One that was asked. `ended` is a time of the monotonic clock; `before` the last answer that there was."""

    before: T | None
    ended: float | None = None
    future: "Future[T]" = field(default_factory=Future)

    @property
    def last(self) -> T | None:
        """The answer, or the one before it."""
        is_answered = self.future.done() and self.future.exception() is None
        return self.future.result() if is_answered else self.before


class Asking(Generic[T]):
    """Asks somebody who may be slow or away. Threads may share it.

    Args:
        what: what messages call them.
        fresh: seconds that an answer, or a failure, holds for everybody.
        seconds: how long one waits; the answer that comes later is for whoever asks next.
        at_once: how many questions may be under way.
    """

    def __init__(self, what: str, *, fresh: float, seconds: float, at_once: int) -> None:
        self._what = what
        self._fresh = fresh
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(at_once)
        self._chairs = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Question[T]] = OrderedDict()

    def answer(self, key: Hashable, ask: Callable[[T | None], T]) -> T:
        """The answer to the question of that key. `ask` is given the last answer.

        Raises:
            RemoteUnreachable: none has come in time.
            ContentionLost: too many questions are under way, or too many people wait.
            StarryError: as `ask`.
        """
        future = self._question(key, ask).future
        if future.done():
            return future.result()
        if not self._chairs.acquire(blocking=False):
            raise self._busy()
        try:
            return future.result(self._seconds)
        except TimeoutError:
            hint = "look again in a moment"
            raise RemoteUnreachable(f"{self._what} did not answer within {self._seconds:.0f} s", hint=hint) from None
        finally:
            self._chairs.release()

    def known(self, key: Hashable, ask: Callable[[T | None], T]) -> T | None:
        """What is known by now, without waiting; what is old, or not known, is asked for meanwhile."""
        try:
            return self._question(key, ask).last
        except ContentionLost:
            return None

    def _question(self, key: Hashable, ask: Callable[[T | None], T]) -> _Question[T]:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (kept.ended is None or time.monotonic() - kept.ended < self._fresh):
                return kept
            if not self._places.acquire(blocking=False):
                raise self._busy()
            question = self._kept[key] = _Question(before=kept.last if kept else None)
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        # A daemon: who stops the page does not wait for others to answer.
        try:
            threading.Thread(target=self._run, args=(question, ask), name="starry-ask", daemon=True).start()
        except RuntimeError:
            self._end(question)
            question.future.set_exception(self._busy())
        return question

    def _busy(self) -> ContentionLost:
        return ContentionLost(f"{self._what} is being asked too much at once", hint="look again in a moment")

    def _run(self, question: _Question[T], ask: Callable[[T | None], T]) -> None:
        try:
            found = ask(question.before)
        except Exception as error:
            if not isinstance(error, StarryError):
                log.exception("asking %s failed unexpectedly", self._what, extra={"event": "failure"})
            self._end(question)
            question.future.set_exception(error)
        else:
            self._end(question)
            question.future.set_result(found)

    def _end(self, question: _Question[T]) -> None:
        question.ended = time.monotonic()
        self._places.release()
