"""Idempotency keys: what was asked for twice under one key is done once, and answered alike."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from starry_gitops.errors import StarryError

T = TypeVar("T")

_MOST = 10_000
_SECONDS = 24 * 3600.0


class KeyReused(StarryError):
    """The key stood for something else before."""

    code = "idempotency_key_reused"
    exit_code = 2


@dataclass(frozen=True, slots=True)
class _Kept:
    wanted: Hashable
    until: float
    future: "Future[Any]"


class Keys:
    """Remembers the newest keys of this process for a day.

    Another replica, or this one after a restart, does not know them. There the decision itself is what keeps a repeated
    request harmless: it is made on the branch's tip, finds what it wants already there, and makes no commit.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def once(self, key: Hashable, wanted: Hashable, work: Callable[[], T]) -> T:
        """Does the work, or gives the answer of the first time; whoever comes meanwhile waits. Failures are not kept.

        Raises:
            KeyReused: the key stood for something else.
        """
        own: Future[T] = Future()
        with self._lock:
            kept = self._find(key)
            if kept is None:
                self._keep(key, _Kept(wanted, time.monotonic() + _SECONDS, own))
        if kept is not None:
            if kept.wanted != wanted:
                raise KeyReused("this Idempotency-Key was used for another request", hint="make a new key")
            return cast("T", kept.future.result())
        try:
            answer = work()
        except BaseException as error:
            with self._lock:
                self._kept.pop(key, None)
            own.set_exception(error)
            raise
        own.set_result(answer)
        return answer

    def _find(self, key: Hashable) -> _Kept | None:
        kept = self._kept.get(key)
        return kept if kept and kept.until > time.monotonic() else None

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        self._kept.pop(key, None)
        self._kept[key] = kept
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
