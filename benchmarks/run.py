"""Measures Starry against plain Git and prints tables: `python -m benchmarks.run`, or `make bench`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import FULL, QUICK, Bench, Row, Section
from benchmarks.machine import describe
from benchmarks.parts import PARTS
from benchmarks.report import PAGE, format_report, write_page
from benchmarks.sandbox import STARRY, MeasurementFailed, make_sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when something could not be measured; how the figures turn out does not matter."""
    options = _parse(arguments)
    if not STARRY.is_file():
        print(f"there is no program {STARRY.name} beside this Python: install the project first", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="starry-bench-", ignore_cleanup_errors=True) as folder:
        try:
            text, found = _measure(Path(folder), options)
        except MeasurementFailed as failed:
            print(f"not measured: {failed}", file=sys.stderr)
            return 1
    print(text)
    if not (options.quick or options.only or options.no_write):
        _publish(text, found)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few runs on small repositories, to try it; never written")
    parser.add_argument("--only", metavar="ROW", action="append", choices=PARTS, help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--no-write", action="store_true", help=f"print only; leave docs/{PAGE.name} as it is")
    return parser.parse_args(arguments)


def _measure(folder: Path, options: argparse.Namespace) -> tuple[str, list[Row | Section]]:
    sandbox = make_sandbox(folder)
    bench = Bench(sandbox, QUICK if options.quick else FULL)
    machine = describe(sandbox)
    found: list[Row | Section] = []
    started = time.perf_counter()
    for name in (name for name in PARTS if not options.only or name in options.only):
        print(f"{time.perf_counter() - started:4.0f} s, measuring: {name}", file=sys.stderr, flush=True)
        found += PARTS[name](bench)
    minutes = (time.perf_counter() - started) / 60
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}, in {minutes:.1f} minutes: {machine}\n\n{format_report(found)}", found


def _publish(text: str, found: list[Row | Section]) -> None:
    if write_page(text, found):
        print(f"written to docs/{PAGE.name}, with its pictures", file=sys.stderr)
    else:
        print(f"docs/{PAGE.name} has no place for the tables; nothing was written", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
