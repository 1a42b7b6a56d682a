"""Brings a file up to what its template makes today, and keeps what people changed.

Three things are known of each leaf (a path of keys with what stands there; a list is one leaf): what stands in the
file, what the template makes of the preview today, and what Starry itself wrote there last. Where the file still holds
what Starry wrote, the template decides; where a person changed it, the person does.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from starry_gitops.core.edits import Drop, Edit, Graft, Put

Path = tuple[str, ...]
MISSING = object()
"""What stands where nothing stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What the file shall hold, and the places where a person's change stands against a new value of the template."""

    data: dict[str, Any]
    kept: tuple[Path, ...]


def leaves_of(data: object, path: Path = ()) -> dict[Path, object]:
    """Every leaf by its path; an empty map is one too."""
    if not isinstance(data, dict) or (not data and path):
        return {path: data}
    return {place: value for key, below in data.items() for place, value in leaves_of(below, (*path, key)).items()}


def merge(
    current: Mapping[str, Any],
    template: Mapping[str, Any],
    written: Mapping[Path, object] | None,
    own: AbstractSet[Path],
) -> Merged:
    """`written` is what Starry wrote last, by leaf; None: nobody knows, so everything may be a person's.

    `own` are paths that a person set through Starry.
    """
    here, there = leaves_of(dict(current)), leaves_of(dict(template))
    data, kept = _copied(current), list[Path]()
    known = {} if written is None else written

    def is_starrys(path: Path) -> bool:
        told = any(path[: len(one)] == one for one in own)
        return not told and path in known and same(known[path], here.get(path, MISSING))

    for path in [path for path in here if path not in there and is_starrys(path)]:
        _drop(data, path)
    for path, wanted in there.items():
        found, last = here.get(path, MISSING), known.get(path, MISSING)
        if same(found, wanted):
            continue
        is_new = found is MISSING and last is MISSING
        if (is_new or is_starrys(path)) and _has_room(data, path):
            _put(data, path, wanted)
        elif not same(last, wanted):
            kept.append(path)
    return Merged(data=data, kept=tuple(kept))


def edits_between(before: Mapping[str, Any], after: Mapping[str, Any], path: Path = ()) -> Iterator[Edit]:
    """The edits that make one map into the other. What comes is added before anything goes: no map is empty between."""
    for key, value in after.items():
        old, place = before.get(key, MISSING), (*path, key)
        if isinstance(old, dict) and isinstance(value, dict) and old and value:
            yield from edits_between(old, value, place)
        elif not same(old, value):
            yield _edit(place, value)
    for key in before:
        if key not in after:
            yield Drop(path=(*path, key))


def _edit(path: Path, value: object) -> Edit:
    if isinstance(value, dict | list):
        return Graft(path=path, value=value)
    return Put(path=path, value=value if isinstance(value, str | int | float) else None)


def same(one: object, other: object) -> bool:
    """Equal as YAML: 1 is neither true nor 1.0."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def _copied(data: Mapping[str, Any]) -> dict[str, Any]:
    """Maps are copied, what they hold is not: leaves are replaced as a whole."""
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in data.items()}


def _has_room(data: Mapping[str, Any], path: Path) -> bool:
    """Maps, or nothing, lead to the place; and no map stands at it."""
    node: Any = data
    for key in path[:-1]:
        node = node.get(key, {})
        if not isinstance(node, dict):
            return False
    return not (isinstance(node.get(path[-1]), dict) and node[path[-1]])


def _put(data: dict[str, Any], path: Path, value: object) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value


def _drop(data: dict[str, Any], path: Path) -> None:
    """With the maps that this leaves empty."""
    key, *rest = path
    if rest:
        _drop(data[key], tuple(rest))
    if not rest or not data[key]:
        del data[key]
