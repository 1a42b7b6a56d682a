"""What a reader of Markdown sees, by a library that is held to CommonMark's own examples, with GitHub's tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One leaf of a document: its kind (`text`, `code_inline`, `html_block`, …), text, link, and what it is within."""

    kind: str
    text: str
    link: str | None
    within: tuple[str, ...]


def pieces(text: str) -> list[Piece]:
    """All leaves, in order."""
    return list(_pieces(_PARSER.parse(text), ()))


def _pieces(tokens: list[Token], outer: tuple[str, ...]) -> Iterator[Piece]:
    within = list(outer)
    links: list[str] = []
    for token in tokens:
        if token.nesting > 0:
            within.append(token.type.removesuffix("_open"))
            links += [str(token.attrGet("href"))] if token.type == "link_open" else []
        elif token.nesting < 0:
            closed = within.pop()
            if closed == "link":
                links.pop()
        elif token.type == "inline":
            yield from _pieces(token.children or [], tuple(within))
        else:
            link = links[-1] if links else str(token.attrGet("src")) if token.type == "image" else None
            yield Piece(kind=token.type, text=token.content, link=link, within=tuple(within))
