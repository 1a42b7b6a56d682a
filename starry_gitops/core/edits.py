"""The changes that may be made to a YAML file: one value, one key, one item of a list."""

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Graft:
    """Set the map or list at `path`, whatever stands there; maps on the way are made where they are missing."""

    path: tuple[str, ...]
    value: dict[str, Any] | list[Any]


Edit = Put | Drop | Append | Discard | Graft
