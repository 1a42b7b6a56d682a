"""The commands that people write below a pull request: one line that begins with `/preview`.

The line counts where a reader of the comment sees it as a line of text: not in a quote, a code block, a code span or
an HTML comment. What cannot be told apart for certain does not count.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.texts import shown
from starry_gitops.core.ttl import format_duration, parse_duration
from starry_gitops.errors import UsageFault

Verb = Literal["preview", "extend", "delete", "pin", "unpin", "help"]

WORD = "/preview"
HELP: tuple[tuple[str, str], ...] = (
    ("/preview", "create the preview, or update it"),
    ("/preview extend 2h", "keep it until two hours after the comment"),
    ("/preview pin", "keep it until it is unpinned"),
    ("/preview unpin", "let it expire again"),
    ("/preview delete", "remove it"),
    ("/preview help", "list these commands"),
)
"""Each command, and what it does."""

OPPOSITES: Mapping[Verb, Verb] = {"pin": "unpin", "unpin": "pin", "preview": "delete", "delete": "preview"}
"""What takes a command back."""

_LONGEST_LINE = 200
_LINE_END = re.compile(r"\r\n|\n|\r")
_COMMAND = re.compile(r"/preview(?:[ \t].*)?", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"(?P<mark>`{3,}(?=[^`]*\Z)|~{3,}).*")
# What takes in all that follows, or may: code in a list, raw HTML, GitLab's quotes over lines.
_ENDLESS = re.compile(r"\s+(?:```|~~~)| {0,3}<(?:[?!](?!--)|pre|script|style|textarea)|\s*>>>", re.IGNORECASE)
# What may reach over the lines below it, up to an empty one: a quote, code, HTML, a link's definition, a formula.
_REACHING = "`<>[$"
_VERBS: dict[str, Verb] = {"extend": "extend", "delete": "delete", "pin": "pin", "unpin": "unpin", "help": "help"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What is asked for. `minutes` is for extend alone; `text` is the line as Starry would write it."""

    verb: Verb
    text: str
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """A line that is meant as a command and is none: the line, on one line and shortened, and one short sentence."""

    text: str
    reason: str


def find_command(body: str) -> Command | Mistake | None:
    """The command in a comment, or what is wrong with it; None: there is none."""
    found = [line.strip() for line in _text_lines(body) if _COMMAND.fullmatch(line)]
    if not found:
        return None
    if len(found) > 1:
        return Mistake(text=WORD, reason=f"one command per comment, please: there are {len(found)}")
    return _parse(found[0])


def _parse(line: str) -> Command | Mistake:
    if len(line) > _LONGEST_LINE:
        return Mistake(text=f"{shown(line[:_LONGEST_LINE])}…", reason="that is longer than any command")
    words = line.split()
    if len(words) == 1:
        return Command(verb="preview", text=WORD)
    verb = _VERBS.get(words[1].lower())
    if verb is None:
        return Mistake(text=shown(line), reason=f"there is no such command: {WORD} help lists them")
    if verb == "extend":
        return _extend(line, words[2:])
    if len(words) > 2:  # noqa: PLR2004 - the word, and the verb
        return Mistake(text=shown(line), reason=f"nothing may follow {WORD} {verb}")
    return Command(verb=verb, text=f"{WORD} {verb}")


def _extend(line: str, words: list[str]) -> Command | Mistake:
    if len(words) != 1:
        return Mistake(text=shown(line), reason=f"say for how long, e.g. {WORD} extend 2h")
    try:
        minutes = parse_duration(words[0].upper() if words[0][:1] in "pP" else words[0].lower())
    except UsageFault:
        return Mistake(text=shown(line), reason="that is no duration in whole minutes: write 45m, 2h or 1h30m")
    return Command(verb="extend", text=f"{WORD} extend {format_duration(minutes)}", minutes=minutes)


def _text_lines(body: str) -> Iterator[str]:
    """The lines that are surely plain text, of Markdown as CommonMark and the forges read it."""
    fence: re.Pattern[str] | None = None
    doubtful = False
    for line in _LINE_END.split(body):
        if fence is not None:
            fence = None if fence.fullmatch(line) else fence
        elif not line.strip():
            doubtful = False
        elif _ENDLESS.match(line) or _hides_on(line):
            return
        else:
            opening = _FENCE.fullmatch(line)
            if opening and doubtful:
                return
            if opening:
                fence = re.compile(f" {{0,3}}{opening['mark'][0]}{{{len(opening['mark'])},}}[ \t]*")
            elif not doubtful:
                yield line
                doubtful = any(mark in line for mark in _REACHING)


def _hides_on(line: str) -> bool:
    """True where an HTML comment begins that does not end in the line."""
    return "<!--" in line and "-->" not in line.rpartition("<!--")[2]
