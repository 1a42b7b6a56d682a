"""YAML as people write it: comments, blank lines, their own indentation and quotes; with the data that it means."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

Path = tuple[str, ...]
keys = st.sampled_from(["image", "tag", "env", "enabled", "hosts", "replicas", "labels", "starry.env", "a-b", "X_Y"])
values = st.one_of(
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from(
        ["1e3", "yes", "pr-123-abc", "https://a.example/x?y=1#z", "it's", 'say "hi"', "", "a: b", "# no", "é 🚀"]
    ),
)
notes = st.sampled_from(["", "", "", "  # why", " # see a: b"])
above = st.sampled_from(["", "", "", "# about this", "\n", "\n# first\n\n# second"])


@dataclass
class Written:
    """A text and its data."""

    text: str
    data: dict[str, object]


@dataclass
class _Style:
    step: int
    offset: int


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A whole file."""
    style = _Style(step=draw(st.sampled_from([1, 2, 3, 4])), offset=draw(st.sampled_from([0, 2])))
    lines: list[str] = list(draw(st.sampled_from([[], ["# top", ""], ["# yaml-language-server: x"]])))
    data = _mapping(draw, lines, style, 0, depth=0)
    lines += draw(st.sampled_from([[], ["# the end"], ["", "# the end"]]))
    return Written(text="\n".join(lines) + "\n", data=data)


def _mapping(draw: st.DrawFn, lines: list[str], style: _Style, indent: int, *, depth: int) -> dict[str, object]:
    data: dict[str, object] = {}
    for key in draw(st.lists(keys, min_size=1, max_size=4, unique=True)):
        _note(lines, draw(above), indent)
        pad, note = " " * indent, draw(notes)
        kind = draw(st.sampled_from(["value", "value", "map", "list", "flow"])) if depth < 2 else "value"
        if kind == "map":
            lines.append(f"{pad}{key}:{note}")
            data[key] = _mapping(draw, lines, style, indent + style.step, depth=depth + 1)
        elif kind == "list":
            lines.append(f"{pad}{key}:{note}")
            data[key] = _list(draw, lines, indent + style.offset)
        elif kind == "flow":
            items = draw(st.lists(st.sampled_from(["a", "b", "c.d"]), max_size=3, unique=True))
            lines.append(f"{pad}{key}: [{', '.join(items)}]{note}")
            data[key] = items
        else:
            value = draw(values)
            lines.append(f"{pad}{key}: {_scalar(draw, value)}{note}")
            data[key] = value
    return data


def _list(draw: st.DrawFn, lines: list[str], indent: int) -> list[object]:
    items = draw(st.lists(st.sampled_from(["a.example", "b.example", "c"]), min_size=1, max_size=3, unique=True))
    for item in items:
        _note(lines, draw(above), indent)
        lines.append(f"{' ' * indent}- {_scalar(draw, item)}{draw(notes)}")
    return list(items)


def _note(lines: list[str], note: str, indent: int) -> None:
    lines += [f"{' ' * indent}{line}".rstrip() for line in note.split("\n")] if note else []


def _scalar(draw: st.DrawFn, value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    forms = [json.dumps(value, ensure_ascii=False), "'" + value.replace("'", "''") + "'"]
    plain = value not in {"", "1e3", "yes"} and not set(value) & set("#'\"") and ": " not in value
    return draw(st.sampled_from([*forms, value] if plain else forms))


def paths(data: object, path: Path = ()) -> list[Path]:
    """Every path of keys in the data."""
    if not isinstance(data, dict):
        return []
    return [found for key, value in data.items() for found in [(*path, key), *paths(value, (*path, key))]]


def get(data: object, path: Path) -> object:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data
