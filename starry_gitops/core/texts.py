"""Texts that come from anywhere, made fit to be shown."""

_LONGEST = 1_000
_END = 300


def printable(text: str) -> str:
    """The text on one line: whatever could start a line, a trailer or a terminal's command becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def shortened(text: str) -> str:
    """Over 1,000 characters, the text without its middle: it may begin with a value, and end with what is wrong."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - _END]}…{text[-_END:]}"


def shown(text: str) -> str:
    """The text on one line, shortened."""
    return printable(shortened(text))
