"""Changes single values of a YAML file and keeps everything else: comments, order, quoting, unknown keys."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starry_gitops.core.edits import Append, Discard, Drop, Edit, Graft, Put
from starry_gitops.core.splice import splice
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import InvalidRepository


def edit_yaml(text: str, edits: Iterable[Edit], *, file: str) -> str:
    """The text with the edits made; the very same text when nothing changes.

    Raises:
        InvalidRepository: a path leads through something that is not a map (or list), or the text cannot be edited
            without changing more than was asked for.
    """
    wanted = list(edits)
    if not wanted:
        return text
    data = plain(parse_document(text, file=file))
    for edit in wanted:
        after = apply_edit(data, edit, file)
        if _same(after, data):
            continue
        text = _edit_text(text, edit, file)
        if not _same(plain(parse_document(text, file=file)), after):
            place = ".".join(edit.path)
            raise InvalidRepository(f"{place} cannot be set without changing more", file=file, hint="edit it by hand")
        data = after
    return text


def _edit_text(text: str, edit: Edit, file: str) -> str:
    spliced = splice(text, edit)
    if spliced is not None:
        return spliced
    from starry_gitops.core.round_trip import change  # noqa: PLC0415 - ruamel costs 25 ms and is seldom needed

    return change(text, edit, file)


def apply_edit(data: object, edit: Edit, file: str) -> dict[str, Any]:
    """Plain data with the edit made; the data given stays as it is."""
    if not isinstance(data, dict):
        raise InvalidRepository(f"{'.'.join(edit.path)} cannot be set: what is above it is not a map", file=file)
    key, *rest = edit.path
    result = dict(data)
    if rest:
        below = replace(edit, path=tuple(rest))
        if data.get(key) is None and isinstance(edit, Drop | Discard):
            return result
        result[key] = apply_edit({} if data.get(key) is None else data[key], below, file)
    elif isinstance(edit, Put | Graft):
        result[key] = edit.value
    elif isinstance(edit, Drop):
        result.pop(key, None)
    else:
        _apply_to_list(result, key, edit, file)
    return result


def _apply_to_list(result: dict[str, Any], key: str, edit: Append | Discard, file: str) -> None:
    items = result.get(key)
    if items is not None and not isinstance(items, list):
        raise InvalidRepository(f"{key} is not a list", file=file)
    if isinstance(edit, Append) and edit.value not in (items or []):
        result[key] = [*(items or []), edit.value]
    if isinstance(edit, Discard) and edit.value in (items or []):
        result[key] = [item for item in items or [] if item != edit.value]


def _same(one: object, other: object) -> bool:
    """Equal as YAML: 1 is neither true nor 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
