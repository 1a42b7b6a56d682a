"""The round trip of a YAML file through ruamel.yaml, for edits that need more than replacing characters."""

import io
import re

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from starry_gitops.core.edits import Append, Discard, Drop, Edit, Graft
from starry_gitops.errors import InvalidRepository


def change(text: str, edit: Edit, file: str) -> str:
    """The text with the edit made.

    Raises:
        InvalidRepository: ruamel.yaml cannot read the text.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    yaml = _round_trip(text)
    out = io.StringIO()
    try:
        document = yaml.load(text)
        _apply(document, edit)
        yaml.dump(document, out)
    except YAMLError as error:
        problem = str(getattr(error, "problem", None) or "not understood").splitlines()[0]
        raise InvalidRepository(f"cannot be edited: {problem}", file=file, hint="edit it by hand") from None
    return out.getvalue().replace("\n", newline)


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


def _apply(document: CommentedMap, edit: Edit) -> None:
    parent = _parent(document, edit.path)
    key = edit.path[-1]
    if isinstance(edit, Drop):
        parent.pop(key, None)
    elif isinstance(edit, Append):
        if parent.get(key) is None:
            parent[key] = CommentedSeq()
        parent[key].append(DoubleQuotedScalarString(edit.value))
    elif isinstance(edit, Discard):
        while edit.value in parent[key]:
            parent[key].remove(edit.value)
    elif isinstance(edit, Graft):
        parent[key] = _commented(edit.value)
    else:
        parent[key] = DoubleQuotedScalarString(edit.value) if isinstance(edit.value, str) else edit.value


def _commented(value: object) -> object:
    """In block style, texts quoted."""
    if isinstance(value, dict):
        return CommentedMap((key, _commented(below)) for key, below in value.items())
    if isinstance(value, list):
        return CommentedSeq(_commented(item) for item in value)
    return DoubleQuotedScalarString(value) if isinstance(value, str) else value


def _parent(document: CommentedMap, path: tuple[str, ...]) -> CommentedMap:
    node = document
    for key in path[:-1]:
        if node.get(key) is None:
            node[key] = CommentedMap()
        node = node[key]
    return node
