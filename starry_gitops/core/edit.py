"""Changes single values of a YAML file and keeps everything else: comments, order, quoting, unknown keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from starry_gitops.core.yamltext import Plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """Set the scalar at `path`; maps on the way are made where they are missing."""

    path: tuple[str, ...]
    value: Plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """Remove the key at `path`, if it is there."""

    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Append:
    """Add an item to the list at `path`, unless it is in it; the list is made where it is missing."""

    path: tuple[str, ...]
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Discard:
    """Remove an item from the list at `path`, if it is there."""

    path: tuple[str, ...]
    value: str


Edit = Put | Drop | Append | Discard


def edit_yaml(text: str, edits: Iterable[Edit], *, file: str) -> str:
    """The text with the edits made; the very same text when nothing changes.

    Raises:
        InvalidRepository: a path leads through something that is not a map (or list).
    """
    wanted = list(edits)
    if not wanted:
        return text
    from starry_gitops.core.round_trip import change  # noqa: PLC0415 - a new preview does without ruamel's 25 ms

    return change(text, wanted, file)
