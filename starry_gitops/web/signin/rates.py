"""How often one person may ask: token buckets, of which a bounded number is kept."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_BUCKETS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many at once, and so many a second from then on."""

    burst: float
    per_second: float


READS = Rate(burst=200, per_second=20)
WRITES = Rate(burst=20, per_second=0.5)
SIGN_INS = Rate(burst=60, per_second=5)


class Buckets:
    """One bucket for each key. The one that was used longest ago is forgotten first: it is full again, or soon.

    Args:
        rate: how large the buckets are, and how fast they fill.
        clock: seconds, of any beginning.
    """

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one; 0 when there was one, else the seconds until there is."""
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(key, (self._rate.burst, now))
            left = min(self._rate.burst, left + (now - then) * self._rate.per_second)
            wait = 0.0 if left >= 1 else (1 - left) / self._rate.per_second
            self._buckets[key] = (left - 1 if left >= 1 else left, now)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return wait

    def __len__(self) -> int:
        return len(self._buckets)
