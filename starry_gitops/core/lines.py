"""Whole lines of a YAML text: where a node's lines end, adding some, cutting some out."""

import re

import yaml


def add_lines(text: str, at: int, lines: list[str]) -> str:
    """Puts lines behind the line that the character `at` stands in."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if at and text[at - 1] == "\n":
        return text[:at] + "".join(line + newline for line in lines) + text[at:]
    end = text.find("\n", at)
    if end < 0:
        return text + "".join(newline + line for line in lines)
    return text[: end + 1] + "".join(line + newline for line in lines) + text[end + 1 :]


def end_of(node: yaml.Node) -> int:
    """Where the node's last character stands; a block collection's own mark stands behind the comments after it."""
    while not getattr(node, "flow_style", True) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def next_line(text: str, at: int) -> int:
    """Where the line after the character `at` begins; text in block style ends there already."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def start_of_line(text: str, at: int) -> int:
    """Where the line of the character `at` begins."""
    return text.rfind("\n", 0, at) + 1


def cut_lines(text: str, first: yaml.Node, last: yaml.Node) -> str | None:
    """The text without the lines from the first node to the last, which hold nothing else but a comment."""
    start = start_of_line(text, first.start_mark.index)
    before = text[start : first.start_mark.index].strip()
    if before not in ({"", "-"} if first is last else {""}) or not _is_cuttable(first, last):
        return None
    return text[:start] + text[next_line(text, end_of(last)) :]


def _is_cuttable(first: yaml.Node, last: yaml.Node) -> bool:
    """A scalar beside its key, or a block below it: what ends elsewhere than it seems is left to the round trip."""
    if isinstance(last, yaml.ScalarNode):
        return last.style not in {"|", ">"} and last.end_mark.line == first.start_mark.line
    is_block = isinstance(last, yaml.CollectionNode) and not last.flow_style
    return is_block and last.start_mark.line > first.start_mark.line


_BELOW = re.compile(r"[ \t]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ ]*")
_BESIDE = re.compile(r"[ \t]*:[ \t]*")


def is_below(gap: str) -> bool:
    """Whether what stands between a key and its value puts the value on lines of its own, below the key."""
    return _BELOW.fullmatch(gap) is not None


def is_beside(gap: str) -> bool:
    """Whether what stands between a key and its value is a colon alone."""
    return _BESIDE.fullmatch(gap) is not None
