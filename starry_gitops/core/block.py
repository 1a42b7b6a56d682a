"""Plain data as lines of block-style YAML, the way manifests and values are written."""

from starry_gitops.core.scalars import Key, scalar_text

_STEP = 2


def block_lines(data: object, indent: int) -> list[str]:
    """A map's or list's lines, each `indent` spaces in; every scalar is written as JSON."""
    pad = " " * indent
    if isinstance(data, dict):
        return [line for key, value in data.items() for line in _entry(f"{pad}{scalar_text(Key(key))}:", value, indent)]
    if isinstance(data, list):
        return [line for item in data for line in _item(pad, item, indent)]
    raise TypeError(f"not a map or list: {type(data).__name__}")


def _entry(head: str, value: object, indent: int) -> list[str]:
    if _is_nested(value):
        return [head, *block_lines(value, indent + _STEP)]
    return [f"{head} {scalar_text(value)}"]


def _item(pad: str, item: object, indent: int) -> list[str]:
    if not _is_nested(item):
        return [f"{pad}- {scalar_text(item)}"]
    first, *more = block_lines(item, indent + _STEP)
    return [f"{pad}- {first.lstrip(' ')}", *more]


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)
