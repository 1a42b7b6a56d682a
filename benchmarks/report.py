"""The tables and pictures, and their place in docs/performance.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.bench import Row, Section

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def format_report(found: Sequence[Row | Section]) -> str:
    """Markdown: the table of bounds, then a section for each further table."""
    rows = [one for one in found if isinstance(one, Row)]
    parts = [_format_rows(rows)] if rows else []
    parts += [_format_section(one) for one in found if isinstance(one, Section)]
    return "\n".join(parts)


def write_page(text: str, found: Iterable[Row | Section]) -> bool:
    """Puts the text between the page's markers, and the pictures beside it; False when there are no markers."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return False
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    for picture in (one.picture for one in found if isinstance(one, Section) and one.picture):
        PAGE.with_name(picture.file).write_text(picture.svg, encoding="utf-8")
    return True


def _format_rows(rows: Iterable[Row]) -> str:
    lines = [(row.work, row.measured, row.bound, "yes" if row.met else "**no**") for row in rows]
    return _format_table(("work", "measured", "bound", "met"), lines)


def _format_section(section: Section) -> str:
    picture = section.picture
    shown = f"![{picture.words}]({picture.file})\n\n" if picture else ""
    return f"### {section.heading}\n\n{shown}{_format_table(section.columns, section.lines)}"


def _format_table(columns: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (columns, ("---",) * len(columns), *lines))
