"""`python -m soak`, or `make soak`."""

import argparse
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from soak.journal import Journal
from soak.operation import TRANSPORTS
from soak.plan import KINDS
from soak.report import format_report
from soak.run import Order, remove, soak
from soak.sandbox import STARRY
from soak.servers import missing_program


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when a promise was broken; then everything is kept."""
    options = _parse(arguments)
    transports = TRANSPORTS if options.transport == "all" else (options.transport,)
    missing = missing_program() if "ssh" in transports else ""
    if missing or not STARRY.is_file():
        print(f"not installed: {missing or STARRY}", file=sys.stderr)
        return 1
    print(f"seed {options.seed}", flush=True)
    order = Order(
        seed=options.seed,
        writers=options.writers,
        transports=transports,
        kinds=KINDS,
        seconds=None if options.operations else options.minutes * 60,
        operations=options.operations,
    )
    folder = Path(tempfile.mkdtemp(prefix="starry-soak-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcome = soak(order, folder, _progress(sys.stderr.isatty()))
    except KeyboardInterrupt:
        print(f"\ninterrupted; kept: {folder}", file=sys.stderr)
        return 130
    text = format_report(outcome)
    print(text)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    if outcome.breaches:
        print(f"kept: {folder} (remote/apps.git, operations.jsonl)", file=sys.stderr)
        return 1
    remove(folder)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m soak",
        description="Many writers, real faults, and a model that holds Starry to what it acknowledged.",
        epilog="The seed gives the same schedule of operations and faults; how processes interleave is the system's.",
    )
    parser.add_argument("--minutes", type=float, default=5.0, metavar="M", help="how long (default: 5)")
    parser.add_argument("--operations", type=int, metavar="N", help="how many operations, instead of how long")
    parser.add_argument("--writers", type=int, default=6, metavar="W", help="processes at once (default: 6)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31), metavar="S", help="default: a new one")
    parser.add_argument("--transport", choices=(*TRANSPORTS, "all"), default="all")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report there as well")
    return parser.parse_args(arguments)


def _progress(is_terminal: bool) -> Callable[[Journal, float], None]:  # noqa: FBT001 - what the stream is
    def show(journal: Journal, seconds: float) -> None:
        done = len(journal.attempts)
        sure = sum(count for (_, outcome), count in journal.outcomes.items() if outcome == "acknowledged")
        line = f"{seconds:6.0f} s  {done} operations, {sure} acknowledged, {len(journal.incidents)} incidents"
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)

    return show if is_terminal else lambda *_: None


if __name__ == "__main__":
    sys.exit(main())
