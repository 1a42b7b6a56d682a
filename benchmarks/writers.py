"""Many writers at once on one branch."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from benchmarks import plain
from benchmarks.bench import Bench, Picture, Row, Section, create_command
from benchmarks.figures import TIMES, ratio_row, seconds_text
from benchmarks.plot import Plot, Series, draw
from benchmarks.repositories import PREVIEWS, Bare, reset
from benchmarks.rounds import Rounds, take_turns
from benchmarks.sandbox import MeasurementFailed

# How many prepared commits the loop of plain pushes has.
_LOOP = 32


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Many creations: how long all took, how long each, and how often each had to push."""

    seconds: float
    each: list[float]
    attempts: list[int]


@dataclass(frozen=True, slots=True)
class _Group:
    """Crowds of some sizes that took turns with the loop of plain pushes."""

    found: Rounds
    crowds: dict[int, list[_Crowd]] = field(default_factory=dict)

    def rate(self, count: int) -> float:
        """Commits per second."""
        return count / self.found.median(str(count))

    def limit(self) -> float:
        """Commits per second of the loop."""
        return _LOOP / self.found.median("loop")

    def share(self, count: int) -> float:
        """The rate against the loop's rate in the same round."""
        return count / _LOOP / self.found.ratio(str(count), "loop")


def contention(bench: Bench) -> list[Row]:
    """Many at once against the same many one after another."""
    count = bench.sizes.writers
    bare = bench.repository(previews=bench.sizes.few)
    crowds: list[_Crowd] = []

    def at_once() -> float:
        crowds.append(_write(bench, bare, count, workers=count))
        return crowds[-1].seconds

    works = {"at once": at_once, "in turn": lambda: _write(bench, bare, count, workers=1).seconds}
    found = take_turns(bench.sizes.slow_rounds, works)
    work = f"{count} `create` at once, different names, against the same {count} one after another"
    row = ratio_row(work, found, "at once", "in turn", 1.5)
    measured = (
        f"all {count} landed; {row.measured}; attempts: {_attempts(crowds)}; "
        f"the slowest took {_fairness(crowds):.1f} {TIMES} the median"
    )
    return [Row(work=work, measured=measured, bound=f"{count} succeed, {row.bound}", met=row.met)]


def writers(bench: Bench) -> list[Section]:
    """How many commits a second come through, from one writer to a great many; large crowds write once."""
    bare = bench.repository(previews=bench.sizes.few)
    counts = bench.sizes.crowds
    groups: dict[int, _Group] = {}
    for rounds, sizes in ((bench.sizes.slow_rounds, counts[:2]), (1, counts[2:])):
        if sizes:
            groups |= dict.fromkeys(sizes, _group(bench, bare, sizes, rounds))
    first = groups[counts[0]]
    loop = ("a loop of `git push`", f"{first.limit():.1f}", "", "", "", "", "")
    lines = [loop, *(_line(groups[count], count) for count in counts)]
    points = tuple((float(count), groups[count].rate(count)) for count in counts)
    columns = ("`create` at once", "commits a second", "of the loop", "attempts", "median", "slowest", "fairness")
    picture = _picture(points, first.limit())
    return [Section(heading="Many writers at once", columns=columns, lines=lines, picture=picture)]


def _group(bench: Bench, bare: Bare, sizes: Sequence[int], rounds: int) -> _Group:
    crowds: dict[int, list[_Crowd]] = {count: [] for count in sizes}

    def at_once(count: int) -> float:
        crowds[count].append(_write(bench, bare, count, workers=count))
        return crowds[count][-1].seconds

    def loop() -> float:
        reset(bench.sandbox, bare)
        return plain.push_prepared(bench.sandbox, bare, [f"prepared-{number}" for number in range(_LOOP)])

    works = {"loop": loop} | {str(count): partial(at_once, count) for count in sizes}
    return _Group(take_turns(rounds, works), crowds)


def _line(group: _Group, count: int) -> tuple[str, ...]:
    crowds = group.crowds[count]
    each = [seconds for crowd in crowds for seconds in crowd.each]
    return (
        f"{count}",
        f"{group.rate(count):.1f}",
        f"{group.share(count):.0%}",
        _attempts(crowds),
        seconds_text(median(each)),
        seconds_text(max(each)),
        f"{_fairness(crowds):.1f} {TIMES}",
    )


def _picture(points: tuple[tuple[float, float], ...], limit: float) -> Picture:
    counts = tuple(count for count, _ in points)
    words = f"Commits a second by {', '.join(f'{count:.0f}: {rate:.1f}' for count, rate in points)} writers"
    plot = Plot(
        title="Commits a second, by writers at once",
        description=f"{words}; a loop of plain git push by one writer: {limit:.1f}.",
        x_label="starry create at once",
        y_label="commits a second",
        x_ticks=counts,
        logarithmic=False,
        series=(
            Series(label="starry create", points=points),
            Series(label="git push in a loop", points=tuple((count, limit) for count in counts), dashed=True),
        ),
    )
    return Picture(file="performance-writers.svg", svg=draw(plot), words=plot.description)


def _write(bench: Bench, bare: Bare, count: int, *, workers: int) -> _Crowd:
    """Makes many previews, by as many processes as there are workers at a time."""
    reset(bench.sandbox, bare)
    names = [f"writer-{number}" for number in range(count)]
    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(lambda name: bench.sandbox.run(create_command(bare.path, name)), names))
    seconds = time.perf_counter() - started
    present = bench.sandbox.run(["git", "ls-tree", "--name-only", f"main:{PREVIEWS}"], cwd=bare.path).out.split()
    lost = sorted(set(names) - set(present))
    if lost:
        raise MeasurementFailed(f"lost, though starry said they were made: {', '.join(lost)}")
    return _Crowd(seconds, [one.seconds for one in done], [json.loads(one.out)["attempts"] for one in done])


def _attempts(crowds: list[_Crowd]) -> str:
    attempts = [number for crowd in crowds for number in crowd.attempts]
    return f"median {median(attempts):g}, most {max(attempts)}"


def _fairness(crowds: list[_Crowd]) -> float:
    """The slowest against the median."""
    return median(max(crowd.each) / median(crowd.each) for crowd in crowds)
