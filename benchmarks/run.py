"""Measures Starry against plain Git and prints a table: `python -m benchmarks.run`, or `make bench`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import FULL, QUICK, Bench
from benchmarks.machine import describe
from benchmarks.report import PAGE, format_table, write_page
from benchmarks.rows import ROWS
from benchmarks.sandbox import STARRY, MeasurementFailed, make_sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when something could not be measured; how the figures turn out does not matter."""
    options = _parse(arguments)
    if not STARRY.is_file():
        print(f"there is no program {STARRY.name} beside this Python: install the project first", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="starry-bench-", ignore_cleanup_errors=True) as folder:
        try:
            text = _measure(Path(folder), options)
        except MeasurementFailed as failed:
            print(f"not measured: {failed}", file=sys.stderr)
            return 1
    print(text)
    if not (options.quick or options.only or options.no_write):
        _publish(text)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few runs on small repositories, to try it; never written")
    parser.add_argument("--only", metavar="ROW", action="append", choices=ROWS, help=f"one of {', '.join(ROWS)}")
    parser.add_argument("--no-write", action="store_true", help=f"print only; leave docs/{PAGE.name} as it is")
    return parser.parse_args(arguments)


def _measure(folder: Path, options: argparse.Namespace) -> str:
    sandbox = make_sandbox(folder)
    bench = Bench(sandbox, QUICK if options.quick else FULL)
    rows = []
    for name in (name for name in ROWS if not options.only or name in options.only):
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        rows += ROWS[name](bench)
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}: {describe(sandbox)}\n\n{format_table(rows)}"


def _publish(text: str) -> None:
    if write_page(text):
        print(f"written to docs/{PAGE.name}", file=sys.stderr)
    else:
        print(f"docs/{PAGE.name} has no place for the table; it was not written", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
