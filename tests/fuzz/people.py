"""What people do to the files between the commands: comments, keys of their own, other quotes and line ends, time."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.fuzz.ledger import FILES, Ledger, path_of
from tests.fuzz.model import Key
from tests.support.basics import instant, stamp

Edit = Callable[[str, str, Random], tuple[str, str]]
"""From file name, text and chance to the new text and the piece of it that must stay ("" when there is none)."""


def _comment_line(_file: str, text: str, random: Random) -> tuple[str, str]:
    lines = text.split("\n")
    note = f"# note {random.randrange(10**6)}: 'a'"
    lines.insert(random.randrange(len(lines)), " " * random.choice((0, 2, 4, 7)) + note + _end(text))
    return "\n".join(lines), note


def _comment_behind(_file: str, text: str, random: Random) -> tuple[str, str]:
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if line.strip() and "pinned" not in line and "#" not in line]
    if not places:
        return text, ""
    at, note = random.choice(places), f"# why {random.randrange(10**6)}"
    lines[at] = f"{lines[at].rstrip()}  {note}{_end(text)}"
    return "\n".join(lines), note


def _end(text: str) -> str:
    return "\r" if "\r\n" in text else ""


def _own_key(file: str, text: str, random: Random) -> tuple[str, str]:
    """A key of somebody else's, in their own style."""
    if file == "values.yaml" and re.search(r"^  env:", text, re.MULTILINE):
        return text, ""
    note = f"team.example/k{random.randrange(10**6)}: 'x'" if file == FILES[0] else "NOTE: 'by: hand'"
    head, below = ("  annotations:", "    ") if file == FILES[0] else ("backend:", "  env:\n    ")
    pattern = rf"^{head}[^\n]*\n"
    added = f"{below}{note}\n".replace("\n", f"{_end(text)}\n")
    return re.sub(pattern, lambda found: found[0] + added, text, count=1, flags=re.MULTILINE), note


def _other_quotes(_file: str, text: str, random: Random) -> tuple[str, str]:
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if line.count('"') == 2 and "'" not in line and "#" not in line]
    at = random.choice(places) if places else 0
    lines[at] = lines[at].replace('"', "'") if places else lines[at]
    return "\n".join(lines), ""


def _other_line_ends(_file: str, text: str, _random: Random) -> tuple[str, str]:
    return text.replace("\r\n", "\n").replace("\n", "\r\n"), "\r\n"


def _empty_lines(_file: str, text: str, random: Random) -> tuple[str, str]:
    lines = text.split("\n")
    lines[random.randrange(len(lines)) : 0] = ["" + _end(text)] * 2
    return "\n".join(lines), ""


EDITS: dict[str, Edit | None] = {
    "a comment": _comment_line,
    "a comment behind a value": _comment_behind,
    "a key of their own": _own_key,
    "other quotes": _other_quotes,
    "other line ends": _other_line_ends,
    "empty lines": _empty_lines,
    "time": None,
}


def edit_by_hand(ledger: Ledger, key: Key, kind: str, number: int) -> None:
    """One commit by a person; the model remembers what must stay."""
    random, edit = Random(number), EDITS[kind]
    if edit is None:
        let_time_pass(ledger, key, 2 * (1 + number % 200))
        return
    file = FILES[number % 2]
    text = ledger.apps.read(path_of(key, file))
    new, note = edit(file, text, random)
    if new == text:
        return
    known = ledger.model.previews[key]
    notes = (*known.notes, f"{file} {note}") if note else known.notes
    ledger.model.previews[key] = replace(known, notes=notes)
    ledger.commit({path_of(key, file): new}, [key])


def let_time_pass(ledger: Ledger, key: Key, minutes: int) -> None:
    """The preview as if it had been made that much earlier."""
    known, shift = ledger.model.previews[key], timedelta(minutes=minutes)
    moved = replace(known, created=known.created - shift, expires=known.expires - shift)
    texts = {path_of(key, file): ledger.apps.read(path_of(key, file)) for file in FILES}
    pattern = r"((?:created-at|expires-at|expiresAt): [\"']?)([-\d]+T[\d:]+Z)"
    new = {
        path: re.sub(pattern, lambda found: found[1] + stamp(instant(found[2]) - shift), text)
        for path, text in texts.items()
    }
    ledger.model.previews[key] = moved
    ledger.commit(new, [key])
