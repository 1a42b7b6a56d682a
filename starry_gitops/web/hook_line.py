"""A bounded queue with one worker, which tries again what failed because somebody did not answer."""

import contextvars
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from starry_gitops.errors import ContentionLost, RemoteUnreachable, StarryError

Fate = Literal["done", "again", "failed", "dropped"]
"""What became of a job: it was done; it is tried again; it failed for good; it was never begun, or not again."""

_PAUSES = (2.0, 10.0, 60.0, 300.0)
_MOST_WAITING = 200
# Beyond these the deliveries of one job are not told from one another any more.
_MOST_MERGED = 100


class Busy(StarryError):
    """Too much waits already, or the page is being stopped."""

    code = "busy"
    exit_code = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Something to do. Of those with one `key` that wait, one is done for all.

    `what` is the kind of event; `deliveries` are the webhooks that asked for it; `work` says in one word what it did.
    """

    key: tuple[str, ...]
    what: str
    work: Callable[[], str]
    deliveries: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of a job, after how many attempts; `result` is what `work` said, or the error's code."""

    job: Job
    fate: Fate
    result: str
    attempts: int = 0
    error: StarryError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    job: Job
    due: float
    attempts: int = 0
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Line:
    """Jobs that wait, and the thread that does them one after another.

    Args:
        name: the thread's.
        tell: is told what became of each job, in the worker's thread; of what is dropped, in the one that closes.
        most: how many may wait.
        pauses: seconds before each further attempt, give or take a fifth.
    """

    def __init__(
        self, name: str, tell: Callable[[Told], None], *, most: int = _MOST_WAITING, pauses: Sequence[float] = _PAUSES
    ) -> None:
        self._tell = tell
        self._most = most
        self._pauses = tuple(pauses)
        self._changed = threading.Condition()
        self._waiting: dict[tuple[str, ...], _Waiting] = {}
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: Job) -> None:
        """Has it done, soon. The lines that it logs carry the id of the request that is being answered.

        Raises:
            Busy: not now.
        """
        with self._changed:
            if self._is_closing:
                raise Busy("the page is being stopped", hint="send it once more later")
            if job.key not in self._waiting and len(self._waiting) >= self._most:
                raise Busy(f"{self._most} webhooks wait already", hint="send it once more later")
            self._put(_Waiting(job=job, due=time.monotonic()))
            if not self._thread.ident:
                self._thread.start()

    def close(self) -> None:
        """What waits is dropped; what is under way ends, and is not tried again."""
        with self._changed:
            self._is_closing = True
            dropped = list(self._waiting.values())
            self._waiting.clear()
            self._changed.notify_all()
        for one in dropped:
            self._tell(Told(job=one.job, fate="dropped", result="dropped", attempts=one.attempts))

    def join(self) -> None:
        """Waits, after `close`, for what is under way."""
        if self._thread.ident:
            self._thread.join()

    def _put(self, one: _Waiting) -> None:
        """Joins what waits already under its key, which keeps its turn."""
        known = self._waiting.get(one.job.key)
        if known:
            merged = (*known.job.deliveries, *one.job.deliveries)[-_MOST_MERGED:]
            one = replace(known, job=replace(known.job, deliveries=merged), attempts=max(known.attempts, one.attempts))
        self._waiting[one.job.key] = one
        self._changed.notify_all()

    def _run(self) -> None:
        while (one := self._next()) is not None:
            one.context.run(self._do, one)

    def _next(self) -> _Waiting | None:
        with self._changed:
            while not self._is_closing:
                first = min(self._waiting.values(), key=lambda one: one.due, default=None)
                pause = None if first is None else first.due - time.monotonic()
                if first is not None and pause is not None and pause <= 0:
                    return self._waiting.pop(first.job.key)
                self._changed.wait(pause)
        return None

    def _do(self, one: _Waiting) -> None:
        attempts = one.attempts + 1
        try:
            told = Told(job=one.job, fate="done", result=one.job.work(), attempts=attempts)
        except StarryError as error:
            told = self._failed(replace(one, attempts=attempts), error)
        except Exception as error:  # noqa: BLE001 - the worker outlives whatever one job does
            fault = StarryError(f"unexpected failure: {type(error).__name__}", hint="this is a fault of Starry's")
            fault.__cause__ = error
            told = Told(job=one.job, fate="failed", result=fault.code, attempts=attempts, error=fault)
        self._tell(told)

    def _failed(self, one: _Waiting, error: StarryError) -> Told:
        may_help = isinstance(error, RemoteUnreachable | ContentionLost) and one.attempts <= len(self._pauses)
        with self._changed:
            is_again = may_help and not self._is_closing
            if is_again:
                pause = self._pauses[one.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - not for secrets
                self._put(replace(one, due=time.monotonic() + pause))
        fate: Fate = "again" if is_again else "failed"
        return Told(job=one.job, fate=fate, result=error.code, attempts=one.attempts, error=error)
