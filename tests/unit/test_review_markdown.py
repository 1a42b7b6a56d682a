"""Foreign texts in Markdown stay texts, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.markdown import block, cell, code, fitted, table
from starry_gitops.core.texts import printable

markdown_it = pytest.importorskip("markdown_it", reason="pip install markdown-it-py")

hostile = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="`|\\<>@[]()!*_~#:/- \n\tab&;\"'", max_size=60),
    st.sampled_from(["@everyone", "<img src=x>", "[a](http://x)", "![a](b)", "``` `` `", "\\|", "a|b`|", "<!-- x -->"]),
)


def tokens(text: str) -> list[str]:
    """The kinds of everything that a forge would read in the text, with inline HTML and links on."""
    parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table")
    found = []
    for token in parser.parse(text):
        found += [token.type, *(child.type for child in token.children or ())]
    return found


@given(hostile)
def test_a_code_span_is_one_code_span(text: str) -> None:
    assert tokens(f"before {code(text)} after") == [
        "paragraph_open", "inline", "text", "code_inline", "text", "paragraph_close",
    ]  # fmt: skip


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4))
def test_a_table_keeps_its_cells(rows: list[tuple[str, str]]) -> None:
    found = tokens(table(("one", "two"), [[cell(text) for text in row] for row in rows]))
    assert found.count("td_open") == 2 * len(rows)
    assert found.count("code_inline") == 2 * len(rows)
    assert not {"html_inline", "link_open", "image", "html_block"} & set(found)


@given(st.lists(hostile, max_size=5))
def test_a_code_block_is_one_block(lines: list[str]) -> None:
    assert tokens(block(lines, "diff")) == ["fence"]
    assert all(printable(line) in block(lines) for line in lines)


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=40), max_size=20), st.integers(60, 400))
def test_parts_are_left_out_whole(parts: list[str], limit: int) -> None:
    text = fitted(parts, limit)
    assert len(text) <= limit
    kept = [part for part in text.strip().split("\n\n") if "did not fit" not in part and part]
    assert all(part in parts for part in kept)
    left = len(parts) - len(kept)
    assert ("did not fit" in text) == (left > 0)
