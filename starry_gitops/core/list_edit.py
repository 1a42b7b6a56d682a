"""Changes a list of scalars item by item, so that the items that stay keep their lines and comments."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from starry_gitops.core.lines import add_lines, cut_lines, end_of, start_of_line
from starry_gitops.core.scalars import scalar_text


def change_items(text: str, node: yaml.SequenceNode, old: Sequence[object], new: Sequence[object]) -> str | None:
    """The text with other items in the list, or None when this cannot be done line by line."""
    if not old or not new or not all(map(_is_scalar, (*old, *new))):
        return None
    if node.flow_style:
        return _in_flow_style(text, node, new)
    if any(item.style in {"|", ">"} or item.start_mark.line != item.end_mark.line for item in node.value):
        return None
    changed: str | None = text
    for place, items in _changes(old, new):
        if changed is not None:
            changed = _change(changed, node, place, items)
    return changed


def _changes(old: Sequence[object], new: Sequence[object]) -> Iterator[tuple[slice, Sequence[object]]]:
    """From the last to the first, so that what stands before stays where it was."""
    matcher = SequenceMatcher(None, [scalar_text(item) for item in old], [scalar_text(item) for item in new])
    for kind, start, end, first, last in reversed(matcher.get_opcodes()):
        if kind != "equal":
            yield slice(start, end), new[first:last]


def _change(text: str, node: yaml.SequenceNode, place: slice, items: Sequence[object]) -> str | None:
    """`items` in the place of those that stand there: as many as there are pairs change their value alone."""
    nodes = node.value[place]
    changed: str | None = text
    for item in reversed(nodes[len(items) :]):
        changed = cut_lines(changed, item, item) if changed is not None else None
    if changed is None:
        return None
    further = items[len(nodes) :]
    if further:
        before = node.value[place.stop - 1] if place.stop else None
        at = end_of(before) if before else start_of_line(text, node.value[0].start_mark.index)
        pad = " " * node.start_mark.column
        changed = add_lines(changed, at, [f"{pad}- {scalar_text(item)}" for item in further])
    for item, value in reversed(list(zip(nodes, items, strict=False))):
        changed = _put(changed, item, value)
    return changed


def _put(text: str, node: yaml.Node, value: object) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    space = " " if start == end else ""
    return f"{text[:start]}{space}{scalar_text(value)}{text[end:]}"


def _in_flow_style(text: str, node: yaml.SequenceNode, new: Sequence[object]) -> str | None:
    start, end = node.start_mark.index, node.end_mark.index
    if "\n" in text[start:end]:
        return None
    return f"{text[:start]}[{', '.join(map(scalar_text, new))}]{text[end:]}"


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)
