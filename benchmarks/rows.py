"""The rows of the table: one function each. A row says what was measured; nothing here fails because it was slow."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import plain
from benchmarks.bench import Bench, Row, create_command
from benchmarks.repositories import PREVIEWS, Bare, reset
from benchmarks.rounds import Rounds, take_turns
from benchmarks.sandbox import STARRY, Done, MeasurementFailed

_IMPORT = "import starry_gitops.cli, starry_gitops.cli.create_command"
_TIMES = "\N{MULTIPLICATION SIGN}"
# From here on, hundredths of a second say nothing.
_LONG = 10.0


def start_up(bench: Bench) -> list[Row]:
    """What passes before any work begins."""
    commands: dict[str, list[str | Path]] = {
        "version": [STARRY, "--version"],
        "help": [STARRY, "--help"],
        "import": [sys.executable, "-c", _IMPORT],
        "empty": [sys.executable, "-c", "pass"],
    }
    found = take_turns(bench.sizes.rounds, {name: partial(_time, bench, words) for name, words in commands.items()})
    return [
        _start_up_row("`starry --version`", found, "version", 0.1),
        _start_up_row("`starry --help`", found, "help", 0.1),
        _start_up_row("start-up part of `starry create`: Python and all imports", found, "import", 0.2),
    ]


def create(bench: Bench) -> list[Row]:
    """A whole process in a small repository."""
    found = _against_plain(bench, bench.repository(previews=bench.sizes.few))
    measured = f"{_median(found, 'starry')}; {_plain_share(found)}"
    work = f"`starry create`, whole process, {bench.sizes.few} previews present"
    return [_seconds_row(work, measured, found.median("starry"), 0.35)]


def size(bench: Bench) -> list[Row]:
    """The same in larger repositories, in turns with the small one."""
    sizes = bench.sizes
    bares = {f"{count}": bench.repository(previews=count) for count in (sizes.few, sizes.many, sizes.most)}
    found = take_turns(sizes.rounds, {name: partial(bench.create, bare) for name, bare in bares.items()})
    rows = []
    for count, limit in ((sizes.many, 1.5), (sizes.most, 2.5)):
        work = f"same, {count:,} previews present, against {sizes.few}"
        rows.append(_ratio_row(work, found, f"{count}", f"{sizes.few}", limit))
    return rows


def history(bench: Bench) -> list[Row]:
    """The same with a long history, in turns with a short one."""
    sizes = bench.sizes
    short = bench.repository(previews=sizes.few)
    long = bench.repository(previews=sizes.few, history=sizes.history)
    found = take_turns(sizes.rounds, {"long": partial(bench.create, long), "short": partial(bench.create, short)})
    work = f"same, {sizes.few} previews and {sizes.history:,} commits of history, against a handful"
    return [_ratio_row(work, found, "long", "short", 1.2)]


def against_git(bench: Bench) -> list[Row]:
    """Starry and plain Git in a repository of the usual large size."""
    count = bench.sizes.many
    found = _against_plain(bench, bench.repository(previews=count))
    work = f"against `git clone --depth=1` + write + commit + push, {count:,} previews"
    return [_ratio_row(work, found, "starry", "plain", 0.6)]


def contention(bench: Bench) -> list[Row]:
    """Many at once against the same many one after another."""
    count = bench.sizes.writers
    bare = bench.repository(previews=bench.sizes.few)
    crowds: list[_Crowd] = []

    def at_once() -> float:
        crowds.append(_write(bench, bare, at_once=True))
        return crowds[-1].seconds

    works = {"at once": at_once, "in turn": lambda: _write(bench, bare, at_once=False).seconds}
    found = take_turns(bench.sizes.slow_rounds, works)
    work = f"{count} `create` at once, different names, against the same {count} one after another"
    row = _ratio_row(work, found, "at once", "in turn", 1.5)
    measured = f"all {count} landed; {row.measured}; {_fairness(crowds)}"
    return [Row(work=work, measured=measured, bound=f"{count} succeed, {row.bound}", met=row.met)]


def collect(bench: Bench) -> list[Row]:
    """Expiry in a very large repository."""
    sizes = bench.sizes
    bare = bench.repository(previews=sizes.most, expired=sizes.expired)
    work = f"`starry gc`, {sizes.most:,} previews, {sizes.expired} expired"

    def count(out: str) -> int:
        return len(json.loads(out)["removed"])

    return [_large(bench, bare, _Large(work=work, command="gc", count=count, expected=sizes.expired, by=plain.collect))]


def find_all(bench: Bench) -> list[Row]:
    """The list of a very large repository."""
    most = bench.sizes.most
    bare = bench.repository(previews=most)
    work = f"`starry list -o json`, {most:,} previews"

    def count(out: str) -> int:
        return len(json.loads(out))

    return [_large(bench, bare, _Large(work=work, command="list", count=count, expected=most, by=plain.find_all))]


ROWS: Mapping[str, Callable[[Bench], list[Row]]] = {
    "start-up": start_up,
    "create": create,
    "size": size,
    "history": history,
    "plain-git": against_git,
    "contention": contention,
    "gc": collect,
    "list": find_all,
}
"""By the name that `--only` takes, in the table's order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Large:
    """A command that reads every preview, how many its answer must name, and the same by plain Git."""

    work: str
    command: str
    count: Callable[[str], int]
    expected: int
    by: Callable[..., float]


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Many creations: how long all took, how long each, and how often each had to push."""

    seconds: float
    each: list[float]
    attempts: list[int]


def _time(bench: Bench, command: list[str | Path]) -> float:
    return bench.sandbox.run(command).seconds


def _against_plain(bench: Bench, bare: Bare) -> Rounds:
    def by_hand() -> float:
        reset(bench.sandbox, bare)
        return plain.create(bench.sandbox, bare, "new-preview")

    return take_turns(bench.sizes.rounds, {"starry": partial(bench.create, bare), "plain": by_hand})


def _large(bench: Bench, bare: Bare, large: _Large) -> Row:
    """Time and memory of a command that reads every preview."""
    peaks: list[float] = []

    def starry() -> float:
        done = _observe(bench, bare, large)
        peaks.append(done.peak_megabytes)
        return done.seconds

    def by_hand() -> float:
        reset(bench.sandbox, bare)
        return large.by(bench.sandbox, bare)

    found = take_turns(bench.sizes.slow_rounds, {"starry": starry, "plain": by_hand})
    measured = f"{_median(found, 'starry')}, {max(peaks):.0f} MB; {_plain_share(found)}"
    seconds, megabytes = 3, 300
    met = found.median("starry") <= seconds and max(peaks) <= megabytes
    return Row(work=large.work, measured=measured, bound=f"≤ {seconds} s, ≤ {megabytes} MB", met=met)


def _observe(bench: Bench, bare: Bare, large: _Large) -> Done:
    reset(bench.sandbox, bare)
    done = bench.sandbox.observe([STARRY, large.command, "--repo", bare.path, "-o", "json"])
    count = large.count(done.out)
    if count != large.expected:
        raise MeasurementFailed(f"starry {large.command} named {count} previews, not {large.expected}")
    return done


def _write(bench: Bench, bare: Bare, *, at_once: bool) -> _Crowd:
    """Makes many previews, by as many processes."""
    reset(bench.sandbox, bare)
    names = [f"writer-{number}" for number in range(bench.sizes.writers)]
    started = time.perf_counter()
    with ThreadPoolExecutor(len(names) if at_once else 1) as pool:
        done = list(pool.map(lambda name: bench.sandbox.run(create_command(bare, name)), names))
    seconds = time.perf_counter() - started
    present = bench.sandbox.run(["git", "ls-tree", "--name-only", f"main:{PREVIEWS}"], cwd=bare.path).out.split()
    lost = sorted(set(names) - set(present))
    if lost:
        raise MeasurementFailed(f"lost, though starry said they were made: {', '.join(lost)}")
    return _Crowd(seconds, [one.seconds for one in done], [json.loads(one.out)["attempts"] for one in done])


def _fairness(crowds: list[_Crowd]) -> str:
    attempts = [number for crowd in crowds for number in crowd.attempts]
    slowest = median(max(crowd.each) / median(crowd.each) for crowd in crowds)
    return (
        f"attempts: median {median(attempts):g}, most {max(attempts)}; "
        f"the slowest took {slowest:.1f} {_TIMES} the median"
    )


def _start_up_row(work: str, found: Rounds, name: str, limit: float) -> Row:
    share = f"{found.ratio(name, 'empty'):.1f} {_TIMES} an empty Python program"
    return _seconds_row(work, f"{_median(found, name)}; {share}", found.median(name), limit)


def _seconds_row(work: str, measured: str, seconds: float, limit: float) -> Row:
    return Row(work=work, measured=measured, bound=f"≤ {limit} s", met=seconds <= limit)


def _ratio_row(work: str, found: Rounds, name: str, base: str, limit: float) -> Row:
    ratio = found.ratio(name, base)
    measured = f"{ratio:.2f} {_TIMES} ({_seconds(found.median(name))} : {_seconds(found.median(base))})"
    return Row(work=work, measured=measured, bound=f"≤ {limit} {_TIMES}", met=ratio <= limit)


def _plain_share(found: Rounds) -> str:
    return f"{found.ratio('starry', 'plain'):.2f} {_TIMES} plain Git ({_seconds(found.median('plain'))})"


def _median(found: Rounds, name: str) -> str:
    return f"{_seconds(found.median(name))} (best {_seconds(found.best(name))})"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < _LONG else f"{value:.1f} s"
