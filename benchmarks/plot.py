"""Draws lines as SVG, readable in light and dark: values in, text out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 690, 60, 320
_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
    ' aria-labelledby="title description">'
)
_STEEP = 30
_MOST_STEPS = 10
_STYLE = """\
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .axis { stroke: #57606a; fill: none }
  .grid { stroke: #d0d7de; fill: none }
  .line { fill: none; stroke-width: 2.5 }
  .dashed { stroke-dasharray: 7 5 }
  .s0 { stroke: #0550ae } .m0 { fill: #0550ae }
  .s1 { stroke: #bc4c00 } .m1 { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .axis { stroke: #8b949e } .grid { stroke: #30363d }
    .s0 { stroke: #79c0ff } .m0 { fill: #79c0ff }
    .s1 { stroke: #ffa657 } .m1 { fill: #ffa657 }
  }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One line: its label, and its points from left to right. A dashed one has no marks."""

    label: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """Up to two lines over a logarithmic x axis; the y axis is logarithmic or begins at nought."""

    title: str
    description: str
    x_label: str
    y_label: str
    x_ticks: tuple[float, ...]
    logarithmic: bool
    series: tuple[Series, ...]


def draw(plot: Plot) -> str:
    """The SVG document."""
    values = [value for series in plot.series for _, value in series.points]
    ticks = _decades(min(values), max(values)) if plot.logarithmic else _steps(max(values))
    across = _scale(plot.x_ticks[0], plot.x_ticks[-1], _LEFT + 20, _RIGHT - 20, logarithmic=True)
    up = _scale(ticks[0], ticks[-1], _BOTTOM, _TOP, logarithmic=plot.logarithmic)
    parts = [
        _HEAD,
        f'<title id="title">{escape(plot.title)}</title>',
        f'<desc id="description">{escape(plot.description)}</desc>',
        f"<style>\n{_STYLE}</style>",
        _text(_LEFT, 22, plot.title, kind="title"),
        *_y_axis(plot, ticks, up),
        *_x_axis(plot, across),
        *(line for number, series in enumerate(plot.series) for line in _line(number, series, across, up)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _scale(low: float, high: float, start: float, end: float, *, logarithmic: bool) -> Callable[[float], float]:
    def place(value: float) -> float:
        share = log10(value / low) / log10(high / low) if logarithmic else (value - low) / (high - low)
        return round(start + share * (end - start), 1)

    return place


def _decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each decade, from the one below to the one above."""
    all_of = [digit * 10.0**power for power in range(floor(log10(low)), ceil(log10(high)) + 1) for digit in (1, 2, 5)]
    first = max(number for number, tick in enumerate(all_of) if tick <= low)
    last = min(number for number, tick in enumerate(all_of) if tick >= high)
    return all_of[first : max(last, first + 1) + 1]


def _steps(high: float) -> list[float]:
    """From nought in even steps."""
    step = min(size for size in _decades(high / 100, high) if high / size <= _MOST_STEPS)
    return [number * step for number in range(ceil(high / step) + 1)]


def _y_axis(plot: Plot, ticks: Iterable[float], up: Callable[[float], float]) -> Iterable[str]:
    yield _text(_LEFT, 44, plot.y_label)
    for tick in ticks:
        yield f'<path class="grid" d="M{_LEFT} {up(tick)}H{_RIGHT}"/>'
        yield _text(_LEFT - 8, up(tick) + 4, f"{tick:g}", anchor="end")


def _x_axis(plot: Plot, across: Callable[[float], float]) -> Iterable[str]:
    yield f'<path class="axis" d="M{_LEFT} {_BOTTOM}H{_RIGHT}"/>'
    for tick in plot.x_ticks:
        yield f'<path class="axis" d="M{across(tick)} {_BOTTOM}v5"/>'
        yield _text(across(tick), _BOTTOM + 21, f"{tick:,.0f}", anchor="middle")
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 46, plot.x_label, anchor="middle")


def _line(number: int, series: Series, across: Callable[[float], float], up: Callable[[float], float]) -> Iterable[str]:
    places = [(across(x), up(y)) for x, y in series.points]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    yield f'<path class="line s{number}{" dashed" if series.dashed else ""}" d="{path}"/>'
    if not series.dashed:
        yield from (f'<circle class="m{number}" cx="{x}" cy="{y}" r="4"/>' for x, y in places)
    yield _text(*_label_place(places), series.label, kind=f"m{number}", anchor="end")


def _label_place(places: list[tuple[float, float]]) -> tuple[float, float]:
    """Above the last stretch, or left of its end where it climbs steeply."""
    (_, y), (last_x, last_y) = places[-2:]
    steep = y - last_y > _STEEP
    return (last_x - 14, last_y + 4) if steep else (last_x, min(y, last_y) - 12)


def _text(x: float, y: float, words: str, *, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{style}>{escape(words)}</text>'
