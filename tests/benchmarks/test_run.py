"""The program: small runs of a few rows, and where a report goes."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.bench import Picture, Row, Section
from benchmarks.parts import PARTS
from benchmarks.run import main

ROW = Row(work="work", measured="1 s", bound="≤ 2 s", met=True)
SECTION = Section(
    heading="More",
    columns=("count", "seconds"),
    lines=[("1", "2 s")],
    picture=Picture(file="performance-test.svg", svg="<svg/>\n", words="one: 2 s"),
)


def test_some_rows_in_small(capsys: pytest.CaptureFixture[str]) -> None:
    before = report.PAGE.read_bytes()
    names = ("apply", "render", "web", "writers", "memory")
    code = main(["--quick", *(word for name in names for word in ("--only", name))])
    out = capsys.readouterr().out
    assert code == 0
    assert "| `starry apply -f`, 20 new previews | one commit, " in out
    assert "| rendering 5 previews with Helm" in out
    assert "| web: the list of 100 previews as a page of HTML | " in out
    assert "| web: 5 people read at once | 99 of 100 answers within " in out
    assert "### Many writers at once" in out
    assert "| `starry gc` | " in out
    assert report.PAGE.read_bytes() == before


def test_every_part_says_what_it_measures() -> None:
    assert all((part.__doc__ or "").strip() for part in PARTS.values())


def test_rows_come_first_and_sections_have_headings() -> None:
    text = report.format_report([SECTION, ROW])
    assert text == (
        "| work | measured | bound | met |\n| --- | --- | --- | --- |\n| work | 1 s | ≤ 2 s | yes |\n\n"
        "### More\n\n![one: 2 s](performance-test.svg)\n\n| count | seconds |\n| --- | --- |\n| 1 | 2 s |\n"
    )


def test_the_page_changes_between_its_markers_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    monkeypatch.setattr(report, "PAGE", page)
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    assert report.write_page("new\n", [SECTION, ROW])
    assert page.read_text(encoding="utf-8") == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    assert (tmp_path / "performance-test.svg").read_text(encoding="utf-8") == "<svg/>\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    monkeypatch.setattr(report, "PAGE", page)
    page.write_text("mine\n", encoding="utf-8")
    assert not report.write_page("new\n", [SECTION])
    assert page.read_text(encoding="utf-8") == "mine\n"
    assert not (tmp_path / "performance-test.svg").exists()
