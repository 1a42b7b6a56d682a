"""Changes one value in a YAML text by replacing just its characters; every other character stays.

Knows the block style, in which manifests and values are written. What it cannot do it leaves to the round trip.
"""

from dataclasses import dataclass

import yaml

from starry_gitops.core.edits import Append, Discard, Drop, Edit, Put
from starry_gitops.core.scalars import Key, scalar_text
from starry_gitops.core.yamltext import LOADER, Plain

_STEP = 2


@dataclass(slots=True)
class _Found:
    """How far a path leads: the last node on it, the node's own key (None for the root), and the keys not found."""

    node: yaml.Node
    key: yaml.Node | None
    parent: yaml.MappingNode | None
    missing: tuple[str, ...]


def splice(text: str, edit: Edit) -> str | None:
    """The text with the edit made, or None when this needs the round trip."""
    found = _follow(yaml.compose(text, Loader=LOADER), edit.path)
    if isinstance(edit, Put):
        return _put(text, found, edit.value)
    if isinstance(edit, Drop):
        return _drop(text, found)
    return _change_list(text, found, edit)


def _follow(root: yaml.Node | None, path: tuple[str, ...]) -> _Found:
    found = _Found(root or yaml.ScalarNode("", ""), None, None, path)
    while found.missing and isinstance(found.node, yaml.MappingNode):
        pair = next((pair for pair in found.node.value if pair[0].value == found.missing[0]), None)
        if pair is None:
            break
        found = _Found(pair[1], pair[0], found.node, found.missing[1:])
    return found


def _put(text: str, found: _Found, value: Plain) -> str | None:
    if found.missing:
        return _insert(text, found, [scalar_text(value)])
    node = found.node
    if not isinstance(node, yaml.ScalarNode) or node.style in {"|", ">"}:
        return None
    start, end = node.start_mark.index, node.end_mark.index
    space = " " if start == end else ""
    return f"{text[:start]}{space}{scalar_text(value)}{text[end:]}"


def _insert(text: str, found: _Found, leaf: list[str]) -> str | None:
    """Adds the missing keys, one below the other, with `leaf` as what the last of them holds."""
    node = found.node
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        indent, at = node.value[0][0].start_mark.column, _end_of(node)
    elif _is_nothing(node) and found.key and found.parent and not found.parent.flow_style:
        indent, at = found.key.start_mark.column + _STEP, node.end_mark.index
    else:
        return None
    lines = [" " * (indent + _STEP * depth) + scalar_text(Key(key)) + ":" for depth, key in enumerate(found.missing)]
    if len(leaf) == 1 and not leaf[0].startswith("- "):
        lines[-1] += f" {leaf[0]}"
    else:
        lines += [" " * (indent + _STEP * len(found.missing)) + item for item in leaf]
    return _add_lines(text, at, lines)


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index


def _add_lines(text: str, at: int, lines: list[str]) -> str:
    """Puts lines behind the line that the character `at` stands in."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if at and text[at - 1] == "\n":
        return text[:at] + "".join(line + newline for line in lines) + text[at:]
    end = text.find("\n", at)
    if end < 0:
        return text + "".join(newline + line for line in lines)
    return text[: end + 1] + "".join(line + newline for line in lines) + text[end + 1 :]


def _end_of(node: yaml.Node) -> int:
    """Where the node's last character stands; a block collection's own mark stands behind the comments after it."""
    while not getattr(node, "flow_style", True) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _drop(text: str, found: _Found) -> str | None:
    alone = found.parent is None or len(found.parent.value) == 1 or found.parent.flow_style
    if found.missing or found.key is None or alone:
        return None
    return _cut_lines(text, found.key, found.node)


def _cut_lines(text: str, first: yaml.Node, last: yaml.Node) -> str | None:
    """The text without the one line that holds both nodes and nothing else but a comment."""
    start = text.rfind("\n", 0, first.start_mark.index) + 1
    end = text.find("\n", last.end_mark.index)
    simple = isinstance(last, yaml.ScalarNode) and last.style not in {"|", ">"}
    before = text[start : first.start_mark.index].strip()
    if not simple or last.end_mark.line != first.start_mark.line or before not in {"", "-"}:
        return None
    return text[:start] + text[end + 1 :] if end >= 0 else text[:start]


def _change_list(text: str, found: _Found, edit: Append | Discard) -> str | None:
    node = found.node
    if isinstance(edit, Append) and (found.missing or _is_nothing(node)):
        return _insert(text, found, [f"- {scalar_text(edit.value)}"]) if found.missing else None
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        return None
    if isinstance(edit, Append):
        column = text.rfind("-", 0, node.value[0].start_mark.index)
        indent = " " * (column - text.rfind("\n", 0, column) - 1)
        return _add_lines(text, _end_of(node), [f"{indent}- {scalar_text(edit.value)}"])
    item, *more = [item for item in node.value if item.value == edit.value]
    cut = _cut_lines(text, item, item)
    if cut is None or found.key is None:
        return None
    if len(node.value) > 1:
        return splice(cut, edit) if more else cut
    colon = text.index(":", found.key.end_mark.index) + 1
    return f"{cut[:colon]} []{cut[colon:]}"
