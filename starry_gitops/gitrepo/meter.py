"""What one command spends, phase by phase, and its lines in the log."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

log = logging.getLogger("starry")

Phase = Literal["clone", "wait", "fetch", "read", "decide", "commit", "push"]

PHASES: tuple[Phase, ...] = ("clone", "wait", "fetch", "read", "decide", "commit", "push")
"""In the order of an attempt: the first one clones, a later one waits and fetches what another writer pushed."""

# Seconds. A phase that took less is only part of the sum.
_WORTH_A_LINE = 0.0005

Watch = Callable[[str, str], None]
"""Is told the phase that begins, or "" at the end, and how far it is, where that is known."""


@dataclass(kw_only=True, slots=True)
class Cost:
    """What a phase cost: seconds, Git processes that talked to the remote, bytes of the packs they moved."""

    seconds: float = 0.0
    round_trips: int = 0
    received: int = 0
    sent: int = 0

    def add(self, other: "Cost") -> None:
        """Adds another cost to this one."""
        self.seconds += other.seconds
        self.round_trips += other.round_trips
        self.received += other.received
        self.sent += other.sent

    def fields(self) -> dict[str, Any]:
        """As a log line holds it."""
        return {
            "roundTrips": self.round_trips,
            "bytesReceived": self.received,
            "bytesSent": self.sent,
        }

    def words(self) -> str:
        """As a person reads it."""
        parts = [f"{self.seconds:.3f} s"]
        if self.round_trips:
            parts.append(f"{self.round_trips} {'round trip' if self.round_trips == 1 else 'round trips'}")
        parts += [f"{self.received} bytes received"] if self.received else []
        parts += [f"{self.sent} bytes sent"] if self.sent else []
        return ", ".join(parts)


class Meter:
    """Measures one command.

    Phases may stand within each other; the time of an inner one is not the outer one's, so that all of them together
    are no more than the whole.
    """

    def __init__(self) -> None:
        self.attempt = 1
        self._watch: Watch | None = None
        self._costs: defaultdict[Phase, Cost] = defaultdict(Cost)
        self._earlier: Mapping[Phase, Cost] = {}
        self._started = self._since = time.perf_counter()
        self._phase: Phase | None = None
        self._progress: dict[Phase, str] = {}

    @contextmanager
    def running(self, watch: Watch | None) -> Iterator[None]:
        """The block is all of the command's work; what it cost is logged at the end, also when it fails."""
        self._watch = watch
        try:
            yield
        finally:
            if watch:
                watch("", "")
            self.end_attempt()
            self._say_total()

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
        """The block is a phase's work."""
        outer = self._enter(name)
        try:
            yield
        finally:
            self._enter(outer)

    def count(self, phase: Phase, *, received: int, sent: int) -> None:
        """One more Git process has talked to the remote; `received` and `sent` are bytes of packs."""
        self._costs[phase].add(Cost(round_trips=1, received=received, sent=sent))

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks on: only then is it worth telling how far the work is."""
        return self._watch is not None

    def tell(self, done: int, total: int, things: str) -> None:
        """Shows how far the phase of the moment is."""
        if self._watch and self._phase:
            self._progress[self._phase] = f"{done} of {total} {things}"
            self._watch(self._phase, self._progress[self._phase])

    def costs(self) -> Mapping[Phase, Cost]:
        """What each phase has cost so far, over all attempts."""
        self._enter(self._phase)
        total: defaultdict[Phase, Cost] = defaultdict(Cost)
        for costs in (self._earlier, self._costs):
            for phase, cost in costs.items():
                total[phase].add(cost)
        return total

    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._started

    def say(self, event: str, message: str, **fields: Any) -> None:
        """Logs what happened in this attempt."""
        extra = {"event": event, "fields": {"attempt": self.attempt, **fields}}
        log.info("attempt %d: %s", self.attempt, message, extra=extra)

    def end_attempt(self) -> None:
        """Logs what each phase of this attempt cost; the next attempt begins at nothing."""
        costs = self.costs()
        for phase in PHASES:
            cost = self._costs.get(phase)
            if cost and (cost.round_trips or cost.seconds >= _WORTH_A_LINE):
                seconds = _rounded(cost.seconds)
                self.say("phase", f"{phase} {cost.words()}", phase=phase, seconds=seconds, **cost.fields())
        self._earlier = costs
        self._costs.clear()

    def _say_total(self) -> None:
        costs, whole = self.costs(), Cost()
        for cost in costs.values():
            whole.add(cost)
        whole.seconds = self.seconds()
        seconds = {str(phase): _rounded(costs[phase].seconds) for phase in PHASES if phase in costs}
        seconds["total"] = _rounded(whole.seconds)
        fields = {"attempts": self.attempt, "seconds": seconds, **whole.fields()}
        log.info("finished: %s", whole.words(), extra={"event": "finished", "fields": fields})

    def _enter(self, phase: Phase | None) -> Phase | None:
        """Books the time so far, and gives the phase that it was spent in."""
        now = time.perf_counter()
        outer = self._phase
        if outer is not None:
            self._costs[outer].seconds += now - self._since
        self._phase, self._since = phase, now
        if self._watch and phase:
            self._watch(phase, self._progress.get(phase, ""))
        return outer


def _rounded(seconds: float) -> float:
    return round(seconds, 6)
