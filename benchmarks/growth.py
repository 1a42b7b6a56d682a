"""How the cost of one `create` grows with what is there already."""

from functools import partial

from benchmarks import plain
from benchmarks.bench import Bench, Picture, Section
from benchmarks.figures import TIMES, seconds_text
from benchmarks.plot import Plot, Series, draw
from benchmarks.repositories import Bare, reset
from benchmarks.rounds import Rounds, take_turns


def growth(bench: Bench) -> list[Section]:
    """With the number of previews, beside plain Git, and with the length of the history."""
    return [_by_previews(bench), _by_history(bench)]


def _by_previews(bench: Bench) -> Section:
    counts = bench.sizes.previews
    bares = {count: bench.repository(previews=count) for count in counts}
    found = _take_turns(bench, bares)
    # Once: with ten thousand previews it takes longer than all of Starry's rounds.
    by_hand = take_turns(1, {str(count): partial(_by_plain_git, bench, bare) for count, bare in bares.items()})
    lines = []
    for count in counts:
        name = str(count)
        share = found.median(name) / by_hand.best(name)
        growth = _growth(found, count, counts[0])
        lines.append((f"{count:,}", *growth, seconds_text(by_hand.best(name)), f"{share:.2f} {TIMES}"))
    columns = ("previews", "`starry create`", f"against {counts[0]}", "plain Git", "Starry against plain Git")
    picture = _picture(counts, found, by_hand)
    return Section(heading="More previews", columns=columns, lines=lines, picture=picture)


def _by_history(bench: Bench) -> Section:
    few, counts = bench.sizes.few, bench.sizes.commits
    found = _take_turns(bench, {count: bench.repository(previews=few, history=count) for count in counts})
    lines = [(f"{count:,}", *_growth(found, count, counts[0])) for count in counts]
    columns = ("commits", "`starry create`", f"against {counts[0]}")
    return Section(heading="Longer history", columns=columns, lines=lines)


def _take_turns(bench: Bench, bares: dict[int, Bare]) -> Rounds:
    return take_turns(
        bench.sizes.slow_rounds, {str(count): partial(bench.create, bare) for count, bare in bares.items()}
    )


def _by_plain_git(bench: Bench, bare: Bare) -> float:
    reset(bench.sandbox, bare)
    return plain.create(bench.sandbox, bare, "new-preview")


def _growth(found: Rounds, count: int, base: int) -> tuple[str, str]:
    return seconds_text(found.median(str(count))), f"{found.ratio(str(count), str(base)):.2f} {TIMES}"


def _picture(counts: tuple[int, ...], found: Rounds, by_hand: Rounds) -> Picture:
    starry = tuple((float(count), found.median(str(count))) for count in counts)
    others = tuple((float(count), by_hand.best(str(count))) for count in counts)
    figures = ", ".join(
        f"{count:,}: {seconds:.2f} s and {other:.2f} s"
        for count, (_, seconds), (_, other) in zip(counts, starry, others, strict=True)
    )
    plot = Plot(
        title="Seconds for one new preview, by previews present",
        description=f"Seconds of starry create, and of git clone, commit and push, by previews present: {figures}.",
        x_label="previews present",
        y_label="seconds",
        x_ticks=tuple(float(count) for count in counts),
        logarithmic=True,
        series=(
            Series(label="starry create", points=starry),
            Series(label="git clone + commit + push", points=others),
        ),
    )
    return Picture(file="performance-previews.svg", svg=draw(plot), words=plot.description)
