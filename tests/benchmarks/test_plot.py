"""The pictures: well-formed, described for those who cannot see them, drawn to scale."""

from xml.etree import ElementTree as ET

import pytest

from benchmarks.plot import Plot, Series, draw

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*series: Series, logarithmic: bool = True) -> ET.Element:
    plot = Plot(
        title="Seconds & more",
        description="1: 0.3 < 2",
        x_label="previews",
        y_label="seconds",
        x_ticks=(1, 10, 100),
        logarithmic=logarithmic,
        series=series,
    )
    return ET.fromstring(draw(plot))


FLAT = Series(label="flat", points=((1, 2), (10, 2), (100, 2)))
STEEP = Series(label="steep", points=((1, 0.1), (10, 1), (100, 10)))


def marks(svg: ET.Element, number: int) -> list[tuple[float, float]]:
    found = svg.findall(f"{SVG}circle[@class='m{number}']")
    return [(float(mark.attrib["cx"]), float(mark.attrib["cy"])) for mark in found]


def test_it_is_named_and_described() -> None:
    svg = drawn(FLAT)
    texts = {part.attrib["id"]: part.text for part in svg if "id" in part.attrib}
    assert svg.attrib["role"] == "img"
    assert [texts[name] for name in svg.attrib["aria-labelledby"].split()] == ["Seconds & more", "1: 0.3 < 2"]


def test_it_has_colours_for_the_dark() -> None:
    style = drawn(FLAT).findtext(f"{SVG}style") or ""
    assert "@media (prefers-color-scheme: dark)" in style


def test_every_line_is_labelled() -> None:
    words = [text.text for text in drawn(FLAT, STEEP).iter(f"{SVG}text")]
    assert {"flat", "steep", "previews", "seconds", "1", "10", "100"} <= set(words)


@pytest.mark.parametrize("logarithmic", [True, False])
def test_equal_values_are_equally_high(*, logarithmic: bool) -> None:
    assert len({y for _, y in marks(drawn(FLAT, STEEP, logarithmic=logarithmic), 0)}) == 1


def test_equal_ratios_are_equal_steps() -> None:
    (x1, y1), (x2, y2), (x3, y3) = marks(drawn(FLAT, STEEP), 1)
    assert (x2 - x1, y2 - y1) == pytest.approx((x3 - x2, y3 - y2), abs=0.2)


@pytest.mark.parametrize("high", [0.003, 0.7, 1, 9.99, 10, 37.6, 4000])
@pytest.mark.parametrize("logarithmic", [True, False])
def test_everything_is_inside(high: float, *, logarithmic: bool) -> None:
    svg = drawn(Series(label="one", points=((1, high / 3), (10, high), (100, high / 2))), logarithmic=logarithmic)
    places = marks(svg, 0) + [(float(text.attrib["x"]), float(text.attrib["y"])) for text in svg.iter(f"{SVG}text")]
    _, _, width, height = (float(size) for size in svg.attrib["viewBox"].split())
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)


def test_a_dashed_line_has_no_marks() -> None:
    svg = drawn(FLAT, Series(label="limit", points=((1, 3), (100, 3)), dashed=True))
    assert not marks(svg, 1)
    assert [path for path in svg.iter(f"{SVG}path") if "dashed" in path.attrib["class"]]
