"""Texts that come from anywhere, in Markdown: nobody is mentioned, nothing becomes a link, a picture or HTML.

Everything foreign stands in a code span or a code block, where no forge reads markup. In a table a `|` would end the
cell even there, and a backslash before it may or may not help, so there it is drawn with a broken bar.
"""

import re
from collections.abc import Iterable, Sequence

from starry_gitops.core.texts import printable, shown

_TICKS = re.compile("`+")
_SHORTEST_FENCE = 3


def code(text: str) -> str:
    """A code span."""
    inner = shown(text).strip() or " "
    fence = "`" * (_longest(inner) + 1)
    room = " " if len(fence) > 1 else ""
    return f"{fence}{room}{inner}{room}{fence}"


def cell(text: str) -> str:
    """A code span in a table."""
    return code(text.replace("|", "¦"))


def block(lines: Iterable[str], language: str = "") -> str:
    """A code block."""
    text = [printable(line) for line in lines]
    fence = "`" * max(_SHORTEST_FENCE, *(_longest(line) + 1 for line in text), _SHORTEST_FENCE)
    return "\n".join((f"{fence}{language}", *text, fence))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def folded(summary: str, inner: str) -> str:
    """A part that opens when it is clicked on. The summary is our own words: it is HTML."""
    return f"<details><summary>{summary}</summary>\n\n{inner}\n\n</details>"


def fitted(parts: Iterable[str], limit: int) -> str:
    """The parts, an empty line between them, as far as they fit into `limit` characters; none is cut in two."""
    note = "*{} more parts did not fit in here.*"
    room = limit - len(note) - 10
    kept: list[str] = []
    left = 0
    for part in parts:
        if len(part) + 2 <= room:
            kept.append(part)
            room -= len(part) + 2
        else:
            left += 1
    return "\n\n".join([*kept, *([note.format(left)] if left else [])]) + "\n"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
