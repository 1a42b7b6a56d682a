"""Changes one value in a YAML text by replacing just its characters; every other character stays.

Knows the block style, in which manifests and values are written. What it cannot do it leaves to the round trip.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from starry_gitops.core.block import block_lines
from starry_gitops.core.edits import Append, Discard, Drop, Edit, Graft, Put
from starry_gitops.core.lines import add_lines, cut_lines, end_of, is_below, is_beside, next_line, start_of_line
from starry_gitops.core.list_edit import change_items
from starry_gitops.core.scalars import Key, scalar_text
from starry_gitops.core.yamltext import LOADER, Plain, look_up, parse_document, plain

_STEP = 2
_INDICATOR = re.compile(r"^[|>][-+0-9]{0,2}")


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
    if isinstance(edit, Graft):
        return _graft(text, found, edit)
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
    if not isinstance(node, yaml.ScalarNode):
        return None
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in {"|", ">"}:
        # The indicator goes, and the lines below it; a comment beside it and empty lines behind them stay.
        head, newline, below = text[start:end].partition("\n")
        rest = below[len(below.rstrip()) :].partition("\n")[2]
        return f"{text[:start]}{scalar_text(value)}{_INDICATOR.sub('', head)}{newline}{rest}{text[end:]}"
    space = " " if start == end else ""
    return f"{text[:start]}{space}{scalar_text(value)}{text[end:]}"


def _insert(text: str, found: _Found, leaf: list[str]) -> str | None:
    """Adds the missing keys, one below the other, with `leaf` as what the last of them holds."""
    node = found.node
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        indent, at = node.value[0][0].start_mark.column, end_of(node)
    elif _is_nothing(node) and found.key and found.parent and not found.parent.flow_style:
        indent, at = found.key.start_mark.column + _STEP, node.end_mark.index
    else:
        return None
    lines = [" " * (indent + _STEP * depth) + scalar_text(Key(key)) + ":" for depth, key in enumerate(found.missing)]
    if len(leaf) == 1 and not leaf[0].startswith("- "):
        lines[-1] += f" {leaf[0]}"
    else:
        lines += [" " * (indent + _STEP * len(found.missing)) + item for item in leaf]
    return add_lines(text, at, lines)


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index


def _graft(text: str, found: _Found, edit: Graft) -> str | None:
    """Adds the value behind the map's last line, or puts it in the place of what stands there."""
    value: Any = edit.value
    for key in reversed(found.missing[1:]):
        value = {key: value}
    node = found.node
    if found.missing and isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        lines = block_lines({found.missing[0]: value}, node.value[0][0].start_mark.column)
        return add_lines(text, end_of(node), lines)
    if found.missing or found.key is None or not found.parent or found.parent.flow_style:
        return None
    changed = None
    if isinstance(value, list) and isinstance(node, yaml.SequenceNode):
        changed = change_items(text, node, _items_at(text, edit.path), value)
    return changed or _replace(text, found.key, node, value)


def _items_at(text: str, path: tuple[str, ...]) -> list[object]:
    node = look_up(parse_document(text, file=""), *path)
    items = plain(node) if node else None
    return items if isinstance(items, list) else []


def _replace(text: str, key: yaml.Node, node: yaml.Node, value: Any) -> str | None:
    """Another value for the key, whose line and comment stay."""
    start, end = node.start_mark.index, node.end_mark.index
    gap = text[key.end_mark.index : start]
    colon = key.end_mark.index + gap.find(":") + 1
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if is_block and is_below(gap):
        at = start_of_line(text, start)
        cut = text[:at] + text[next_line(text, end_of(node)) :]
    elif not is_block and is_beside(gap) and "\n" not in text[start:end]:
        cut = text[:colon] + text[end:]
        at = next_line(cut, colon)
    else:
        return None
    if not value:
        return f"{cut[:colon]} {scalar_text(value)}{cut[colon:]}"
    is_alike = is_block and isinstance(node, yaml.SequenceNode) == isinstance(value, list)
    return add_lines(cut, at, block_lines(value, node.start_mark.column if is_alike else key.start_mark.column + _STEP))


def _drop(text: str, found: _Found) -> str | None:
    alone = found.parent is None or len(found.parent.value) == 1 or found.parent.flow_style
    if found.missing or found.key is None or alone:
        return None
    return cut_lines(text, found.key, found.node)


def _change_list(text: str, found: _Found, edit: Append | Discard) -> str | None:
    node = found.node
    if isinstance(edit, Append) and (found.missing or _is_nothing(node)):
        return _insert(text, found, [f"- {scalar_text(edit.value)}"]) if found.missing else None
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        return None
    if isinstance(edit, Append):
        column = text.rfind("-", 0, node.value[0].start_mark.index)
        indent = " " * (column - text.rfind("\n", 0, column) - 1)
        return add_lines(text, end_of(node), [f"{indent}- {scalar_text(edit.value)}"])
    item, *more = [item for item in node.value if item.value == edit.value]
    cut = cut_lines(text, item, item)
    if cut is None or found.key is None:
        return None
    if len(node.value) > 1:
        return splice(cut, edit) if more else cut
    colon = text.index(":", found.key.end_mark.index) + 1
    return f"{cut[:colon]} []{cut[colon:]}"
