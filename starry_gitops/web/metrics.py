"""What the page tells Prometheus, in the text format 0.0.4."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

TEXT = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One metric: its name without `starry_web_`, its type, what it means, a value for each set of labels."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    samples: Mapping[Labels, float]


class Metrics:
    """Counts requests and writes. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: defaultdict[Labels, int] = defaultdict(int)
        self._writes: defaultdict[Labels, int] = defaultdict(int)
        self._hooks: defaultdict[Labels, int] = defaultdict(int)
        self._hook_jobs: defaultdict[Labels, int] = defaultdict(int)
        self._hooks_waiting: Callable[[], int] = int
        self._attempts = 0
        self._buckets: defaultdict[Labels, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: defaultdict[Labels, float] = defaultdict(float)
        self.running = 0

    def request(self, *, method: str, endpoint: str, status: int, seconds: float) -> None:
        """One request was answered."""
        labels = (("method", method), ("endpoint", endpoint))
        place = next((number for number, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))
        with self._lock:
            self._requests[(*labels, ("status", str(status)))] += 1
            self._buckets[labels][place] += 1
            self._seconds[labels] += seconds

    def write(self, *, result: str, attempts: int = 0) -> None:
        """One write ended: with an action of the CLI's (`created`, `unchanged`, …) or an error's code."""
        with self._lock:
            self._writes[(("result", result),)] += 1
            self._attempts += attempts

    def hook(self, *, forge: str, result: str) -> None:
        """One genuine webhook was answered: `queued`, `known` or `ignored`."""
        with self._lock:
            self._hooks[("forge", forge), ("result", result)] += 1

    def hook_job(self, *, what: str, result: str) -> None:
        """One attempt to do what webhooks asked for ended: with an action, or an error's code."""
        with self._lock:
            self._hook_jobs[("event", what), ("result", result)] += 1

    def watch_hooks(self, waiting: Callable[[], int]) -> None:
        """From now on `waiting` says how much is yet to be done for webhooks."""
        self._hooks_waiting = waiting

    def text(self, *more: Series) -> str:
        """All series, those given first."""
        with self._lock:
            own = (
                Series("requests_total", "counter", "Requests answered.", dict(self._requests)),
                Series("requests_running", "gauge", "Requests being answered.", {(): self.running}),
                Series("writes_total", "counter", "Writes, by what became of them.", dict(self._writes)),
                Series("push_attempts_total", "counter", "Attempts that the writes took.", {(): self._attempts}),
                Series("hooks_total", "counter", "Genuine webhooks answered.", dict(self._hooks)),
                Series("hook_jobs_total", "counter", "What webhooks asked for, by outcome.", dict(self._hook_jobs)),
                Series("hooks_waiting", "gauge", "What is yet to be done for webhooks.", {(): self._hooks_waiting()}),
            )
            lines = [*(line for one in (*more, *own) for line in _lines(one)), *self._histogram()]
        return "".join(lines)

    def _histogram(self) -> Iterator[str]:
        name = "starry_web_request_duration_seconds"
        yield f"# HELP {name} How long requests took, in seconds.\n# TYPE {name} histogram\n"
        for labels, counts in self._buckets.items():
            total = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                total += count
                yield f"{name}_bucket{_inside((*labels, ('le', bound)))} {total}\n"
            yield f"{name}_sum{_inside(labels)} {self._seconds[labels]:.6f}\n"
            yield f"{name}_count{_inside(labels)} {total}\n"


def _lines(series: Series) -> Iterator[str]:
    name = f"starry_web_{series.name}"
    yield f"# HELP {name} {series.meaning}\n# TYPE {name} {series.kind}\n"
    for labels, value in series.samples.items():
        yield f"{name}{_inside(labels)} {round(value, 3)}\n"


def _inside(labels: Labels) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
