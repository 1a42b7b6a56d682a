"""The table, and its place in docs/performance.md."""

from collections.abc import Iterable
from pathlib import Path

from benchmarks.bench import Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def format_table(rows: Iterable[Row]) -> str:
    """A Markdown table."""
    lines = ["| work | measured | bound | met |", "|---|---|---|---|"]
    lines += [f"| {row.work} | {row.measured} | {row.bound} | {'yes' if row.met else '**no**'} |" for row in rows]
    return "\n".join(lines) + "\n"


def write_page(text: str) -> bool:
    """Puts the text between the page's markers; False when they are not there."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return False
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    return True
