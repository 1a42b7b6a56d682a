"""Texts that come from anywhere, made fit to be shown."""

from starry_gitops.errors import shortened


def printable(text: str) -> str:
    """The text on one line: whatever could start a line, a trailer or a terminal's command becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def shown(text: str) -> str:
    """The text on one line, shortened."""
    return printable(shortened(text))


def counted(number: int, noun: str) -> str:
    """`1 preview`, `2 previews`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
