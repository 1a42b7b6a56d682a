"""Byte-level fuzz: `python -m tests.fuzz.bytes --seconds 900 --seed 7`, or `--count N`, `--target NAME`, `--from N`.

Each input follows from seed, target and number alone. A child process does the work within a memory limit and under a
watchdog; when an input hangs or kills it, that input is reported and the next child goes on behind it.
"""

import argparse
import faulthandler
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.fuzz.faults import Faults
from tests.fuzz.mutations import mutate
from tests.fuzz.targets import TARGETS

LONGEST = 5.0
"""Seconds that one input may take."""

MEMORY = 1 << 30
"""Bytes of address space beyond those that the loaded program has."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is wanted; the numbers end at `count`, or when the clock says `end`."""

    seed: int
    targets: tuple[str, ...]
    count: int | None
    end: float | None
    note: Path


@dataclass(kw_only=True)
class Tally:
    """What came of it."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)


def make_input(seed: int, target: str, number: int) -> tuple[bytes, int]:
    """The bytes of one input, and the number of the seed that they came from; the first inputs are the seeds."""
    seeds = TARGETS[target].seeds()
    random = Random(f"{seed}:{target}:{number}")
    chosen = number if number < len(seeds) else random.randrange(len(seeds))
    return (seeds[chosen] if number < len(seeds) else mutate(seeds[chosen], seeds, random)), chosen


def inputs(run: Run, start: int) -> Iterator[tuple[str, int]]:
    """Target and number, the targets in turns, until the run is over."""
    position = start
    while run.count is None or position < run.count:
        if run.end is not None and time.time() > run.end:
            return
        yield run.targets[position % len(run.targets)], position // len(run.targets)
        position += 1


def work(run: Run, start: int) -> Tally:
    """Throws inputs at their targets, and keeps going after a fault."""
    tally, position = Tally(), start
    for position, (target, number) in enumerate(inputs(run, start), start):
        run.note.write_text(str(position), encoding="utf-8")
        data, chosen = make_input(run.seed, target, number)
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            tally.outcomes[target, TARGETS[target].check(data, chosen)] += 1
        except BaseException as error:  # noqa: BLE001 - whatever is raised is what we look for
            tally.outcomes[target, "FAULT"] += 1
            faulthandler.cancel_dump_traceback_later()
            tally.faults.add(target, number, data, chosen, error)
        faulthandler.cancel_dump_traceback_later()
    return tally


def limit_memory() -> None:
    """Bounds the address space; what goes beyond becomes a MemoryError, which is a fault."""
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))


def child(run: Run, start: int) -> int:
    """One process's share; the exit code says whether there were faults."""
    limit_memory()
    tally = work(run, start)
    for (target, outcome), count in sorted(tally.outcomes.items()):
        print(f"{target:10} {outcome:40} {count}")  # noqa: T201 - the report
    tally.faults.report(run.seed)
    sys.stdout.flush()
    return 1 if tally.faults.found else 0


def run_all(run: Run, start: int) -> int:
    """Child after child, until one gets to the end."""
    bad = 0
    while True:
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                code = child(run, start)
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        position = int(run.note.read_text(encoding="utf-8") or 0)
        if os.waitstatus_to_exitcode(status) in {0, 1} and not _was_stopped(run, position):
            print(f"{position + 1} inputs, seed {run.seed}")  # noqa: T201 - the report
            return bad or os.waitstatus_to_exitcode(status)
        target, number = run.targets[position % len(run.targets)], position // len(run.targets)
        again = f"--seed {run.seed} --target {target} --from {number} --count {number + 1}"
        print(f"STOPPED (hang or crash) in {target}: {again}")  # noqa: T201 - the report
        bad, start = 1, position + 1


def _was_stopped(run: Run, position: int) -> bool:
    """The watchdog ends a child with 1 as well; then the run was not over."""
    is_last = run.count is not None and position + 1 >= run.count
    return not is_last and not (run.end is not None and time.time() > run.end)


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument("--from", dest="start", type=int, default=0)
    given = parser.parse_args()
    end = time.time() + given.seconds if given.seconds else None
    count = given.count if given.count or end else 1_000
    with TemporaryDirectory() as folder:
        note = Path(folder) / "position"
        note.write_text("0", encoding="utf-8")
        run = Run(seed=given.seed, targets=tuple(given.target or TARGETS), count=count, end=end, note=note)
        return run_all(run, given.start)


if __name__ == "__main__":
    sys.exit(main())
