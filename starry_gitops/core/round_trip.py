"""The round trip of a YAML file through ruamel.yaml."""

import io
import re
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from starry_gitops.core.edit import Append, Discard, Drop, Edit
from starry_gitops.core.yamltext import Plain
from starry_gitops.errors import InvalidRepository


def change(text: str, edits: Sequence[Edit], file: str) -> str:
    """The text with the edits made; the very same text when nothing changes."""
    yaml = _round_trip(text)
    document = yaml.load(text)
    changed = [edit for edit in edits if _apply(document, edit, file)]
    if not changed:
        return text
    out = io.StringIO()
    yaml.dump(document, out)
    result = out.getvalue()
    return result.replace("\n", "\r\n") if "\r\n" in text else result


def _round_trip(text: str) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.explicit_start = re.search(r"^---(?:\s|$)", text, re.MULTILINE) is not None
    step = re.search(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)[^\s#-]", text, re.MULTILINE)
    mapping = len(step[1]) if step else 2
    offset = _list_offset(text)
    yaml.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    return yaml


def _list_offset(text: str) -> int:
    """How far the first list's dashes stand in from the key above them."""
    match = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", text, re.MULTILINE)
    return max(len(match[2]) - len(match[1]), 0) if match else 2


def _apply(document: object, edit: Edit, file: str) -> bool:
    parent = _parent(document, edit, file)
    if parent is None:
        return False
    key = edit.path[-1]
    if isinstance(edit, Drop):
        return parent.pop(key, None) is not None
    if isinstance(edit, Append | Discard):
        return _change_list(parent, key, edit, file)
    if key in parent and type(parent[key]) is not CommentedMap and _same(parent[key], edit.value):
        return False
    parent[key] = DoubleQuotedScalarString(edit.value) if isinstance(edit.value, str) else edit.value
    return True


def _change_list(parent: CommentedMap, key: str, edit: Append | Discard, file: str) -> bool:
    adds = isinstance(edit, Append)
    items = parent.get(key)
    if items is None and adds:
        items = parent[key] = CommentedSeq()
    if items is not None and not isinstance(items, CommentedSeq):
        raise InvalidRepository(f"{key} is not a list", file=file)
    if items is None or (edit.value in items) is adds:
        return False
    if adds:
        items.append(DoubleQuotedScalarString(edit.value))
    else:
        items.remove(edit.value)
    return True


def _parent(document: object, edit: Edit, file: str) -> CommentedMap | None:
    node = document
    for depth, key in enumerate(edit.path[:-1]):
        if not isinstance(node, CommentedMap):
            raise _no_map(edit, depth, file)
        if node.get(key) is None:
            if isinstance(edit, Drop | Discard):
                return None
            node[key] = CommentedMap()
        node = node[key]
    if not isinstance(node, CommentedMap):
        raise _no_map(edit, len(edit.path) - 1, file)
    return node


def _no_map(edit: Edit, depth: int, file: str) -> InvalidRepository:
    place = ".".join(edit.path[:depth]) or "the document"
    return InvalidRepository(f"{place} is not a map, so {'.'.join(edit.path)} cannot be set", file=file)


def _same(old: object, new: Plain) -> bool:
    """Equal as YAML: 1 is not true, and "1" is not 1."""
    kinds = (bool, int, float, str)
    old_kind = next((kind for kind in kinds if isinstance(old, kind)), type(None))
    new_kind = next((kind for kind in kinds if isinstance(new, kind)), type(None))
    return old_kind is new_kind and old == new
