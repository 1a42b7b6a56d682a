"""Where plain data differs from what is wanted."""

from collections.abc import Callable

_MISSING = object()


def difference(found: object, wanted: object, same: Callable[[str, object, object], bool]) -> tuple[str, ...] | None:
    """The path to the first place where plain data differs from what is wanted, or None.

    `same` compares leaves: it gets the key, what was found and what was wanted.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = [*wanted, *(key for key in found if key not in wanted)]
        pairs = [(key, found.get(key, _MISSING), wanted.get(key, _MISSING)) for key in keys]
    elif isinstance(wanted, list) and isinstance(found, list):
        length = max(len(wanted), len(found))
        padded = [[*items, *[_MISSING] * (length - len(items))] for items in (found, wanted)]
        pairs = [(str(number), *pair) for number, pair in enumerate(zip(*padded, strict=True))]
    else:
        return None if same("", found, wanted) else ()
    for key, left, right in pairs:
        nested = isinstance(right, dict | list) and type(left) is type(right)
        below = difference(left, right, same) if nested else None if same(key, left, right) else ()
        if below is not None:
            return (key, *below)
    return None
