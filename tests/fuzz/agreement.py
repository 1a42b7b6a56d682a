"""What must hold of a changed text: only what Starry owns is other than before, and no comment is lost."""

from collections import Counter
from collections.abc import Iterator

import yaml

from starry_gitops.core.yamltext import LOADER, parse_document, plain
from starry_gitops.errors import StarryError

Path = tuple[str, ...]
LONGEST_MESSAGE = 2_000
"""Characters; what is quoted from a file must be cut."""

_GONE = object()
_NOTHING = {"", "~", "null", "Null", "NULL"}


def read(text: str | bytes) -> object:
    """The data of one strict document."""
    return plain(parse_document(text, file="x.yaml"))


def changed_paths(old: object, new: object, path: Path = ()) -> Iterator[Path]:
    """Where two data differ: the shortest paths whose values are no longer the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            yield from changed_paths(old.get(key, _GONE), new.get(key, _GONE), (*path, key))
    elif new is not _GONE and isinstance(new, dict) and (old is _GONE or old is None):
        for key, value in new.items():
            yield from changed_paths(_GONE, value, (*path, key))
    elif type(old) is not type(new) or old != new:
        yield path


def comments(text: str) -> Counter[str]:
    """Each comment, and how often it stands there."""
    text = text.replace("\r\n", "\n")
    inside = bytearray(len(text) + 1)
    for token in yaml.scan(text, Loader=LOADER):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark.index, token.end_mark.index
            inside[start:end] = b"\1" * (end - start)
            if token.style in {"|", ">"}:
                inside[start : text.find("\n", start)] = bytes(max(text.find("\n", start) - start, 0))
    return Counter(_comments(text, inside))


def _comments(text: str, inside: bytearray) -> Iterator[str]:
    at = text.find("#")
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if not inside[at] and (at == 0 or text[at - 1] in " \t\n"):
            yield text[at:end].rstrip()
            at = text.find("#", end)
        else:
            at = text.find("#", at + 1)


def lost_comments(old: str, new: str) -> Counter[str]:
    """The comments that are gone."""
    return comments(old) - comments(new)


def written(text: str) -> dict[Path, str]:
    """How each scalar is written, by its path, in the text's order: plain ones as they are, others by their quotes."""
    found: dict[Path, str] = {}
    waiting: list[tuple[Path, yaml.Node]] = [((), yaml.compose(text, Loader=LOADER))]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [((*path, key.value), value) for key, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [((*path, str(number)), item) for number, item in reversed(list(enumerate(node.value)))]
        elif node.value not in _NOTHING or node.style:
            found[path] = node.style or node.value
    return found


def check_error(error: StarryError) -> str:
    """A refusal is one readable line with a code."""
    assert error.message, "no message"
    assert error.message.isprintable(), f"not printable: {error.message!r}"
    assert len(error.message) <= LONGEST_MESSAGE, "a message of more than LONGEST_MESSAGE characters"
    return error.code
