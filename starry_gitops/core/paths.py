r"""Paths of keys as text: keys divided by dots; `\.` is a dot in a key."""

import re

_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_])?", re.ASCII)
_DIVIDER = re.compile(r"(?<!\\)\.")
_MAX_DEPTH = 20


def split_path(text: str) -> tuple[str, ...] | None:
    """The keys of a path, or None when it is not one."""
    keys = tuple(key.replace("\\.", ".") for key in _DIVIDER.split(text))
    return keys if len(keys) <= _MAX_DEPTH and all(_KEY.fullmatch(key) for key in keys) else None


def join_path(path: tuple[str, ...]) -> str:
    """The path as `split_path` reads it."""
    return ".".join(key.replace(".", "\\.") for key in path)
