"""How figures are written, and rows that compare one with a bound."""

from benchmarks.bench import Row
from benchmarks.rounds import Rounds

TIMES = "\N{MULTIPLICATION SIGN}"
# From here on, hundredths of a second say nothing.
_LONG = 10.0


def seconds_text(value: float) -> str:
    """Seconds, with as many digits as mean something."""
    return f"{value:.2f} s" if value < _LONG else f"{value:.1f} s"


def milliseconds_text(value: float) -> str:
    """Seconds, as milliseconds."""
    return f"{value * 1000:,.0f} ms"


def median_text(found: Rounds, name: str) -> str:
    """The median and the best round."""
    return f"{seconds_text(found.median(name))} (best {seconds_text(found.best(name))})"


def plain_share(found: Rounds) -> str:
    """The round's `starry` against its `plain`."""
    return f"{found.ratio('starry', 'plain'):.2f} {TIMES} plain Git ({seconds_text(found.median('plain'))})"


def seconds_row(work: str, measured: str, seconds: float, limit: float) -> Row:
    """A row whose bound is a time."""
    return Row(work=work, measured=measured, bound=f"≤ {limit:g} s", met=seconds <= limit)


def ratio_row(work: str, found: Rounds, name: str, base: str, limit: float) -> Row:
    """A row whose bound is a ratio of two works of the same rounds."""
    ratio = found.ratio(name, base)
    measured = f"{ratio:.2f} {TIMES} ({seconds_text(found.median(name))} : {seconds_text(found.median(base))})"
    return Row(work=work, measured=measured, bound=f"≤ {limit} {TIMES}", met=ratio <= limit)
