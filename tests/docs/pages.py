"""Reads the documentation: its pages, code blocks, links and anchors; and the commands that its blocks show."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docs.generate import pages
from docs.markdown import ROOT

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*) *$")
_LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)\)")
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_EXIT = re.compile(r" +# exit (?P<code>\d+)$")
_EMPTY = "<!-- console: empty -->"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block: its language, its text, and the line on which its text begins."""

    page: Path
    language: str
    text: str
    line: int

    @property
    def place(self) -> str:
        """`page:line`."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(kw_only=True)
class Step:
    """One command of a console block, the exit code it must end with, and the lines that must come out."""

    place: str
    command: str
    code: int
    output: list[str] = field(default_factory=list)

    def pattern(self) -> str:
        """A regular expression for the whole output."""
        return "".join(
            r"(?:[^\n]*\n)*?" if line.strip() == "…" else "[^\n]*".join(map(re.escape, line.split("…"))) + "\n"
            for line in self.output
        )


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    lines, opened, start = page.read_text(encoding="utf-8").splitlines(), None, 0
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, start = fence, number + 1
        elif opened is not None and fence and fence["ticks"] == opened["ticks"] and not fence["language"]:
            text = "\n".join(lines[start - 1 : number - 1])
            yield Block(page=page, language=opened["language"], text=text, line=start)
            opened = None
    assert opened is None, f"{page}: the block at line {start - 1} has no end"


def prose(page: Path) -> str:
    """A page without its code."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def links(page: Path) -> list[str]:
    """The targets of a page's links."""
    return [match["target"] for match in _LINK.finditer(_INLINE_CODE.sub("", prose(page)))]


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        number = next(n for n in range(len(found) + 1) if (slug if not n else f"{slug}-{n}") not in found)
        found.add(slug if not number else f"{slug}-{number}")
    return found


def is_empty(page: Path) -> bool:
    """Whether the page begins with a repository that nothing was pushed to."""
    return _EMPTY in page.read_text(encoding="utf-8")


def steps(page: Path) -> list[Step]:
    """The commands of a page's console blocks, in order."""
    found: list[Step] = []
    for block in blocks(page):
        if block.language != "console":
            continue
        for number, line in enumerate(block.text.splitlines(), block.line):
            place = f"{page.relative_to(ROOT)}:{number}"
            if line.startswith("$ "):
                exit_code = _EXIT.search(line)
                command = _EXIT.sub("", line[2:])
                found.append(Step(place=place, command=command, code=int(exit_code["code"]) if exit_code else 0))
            elif line.startswith("> ") or line == ">":
                found[-1].command += "\n" + line[2:]
            else:
                assert found, f"{place}: output without a command"
                found[-1].output.append(line)
    return found


def pages_with_steps() -> list[Path]:
    """Pages that show commands which can be run."""
    return [page for page in pages() if steps(page)]


def starry_words(text: str) -> Iterator[list[str]]:
    """Every call of `starry` in a shell script, as words."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.splitlines():
        match = re.search(r"(?:^|[\s:|;&-] )starry (?P<rest>.*)$|^starry (?P<only>.*)$", line.strip())
        if match:
            rest = match["rest"] or match["only"] or ""
            command = re.split(r" (?:2?>|\||&&|;|\|\|) ?", rest, maxsplit=1)[0]
            yield shlex.split(command, comments=True)
