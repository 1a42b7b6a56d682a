"""The kinds of values that starry.yaml is made of. Reading and the JSON Schema both come from them."""

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from starry_gitops.core.ttl import DURATION_PATTERN, LONGEST, parse_duration
from starry_gitops.core.yamltext import Mapping, Node, Plain, Scalar, Sequence
from starry_gitops.errors import InvalidRepository, UsageFault


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A string. `pattern` must match all of it; `shape` says in words what it must be."""

    about: str
    pattern: str = r"[^\x00-\x1f\x7f]+"
    shape: str = "a text"
    default: str | None = None

    def read(self, node: Node, key: str, file: str) -> str:
        """The text."""
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str):
            raise _fault(f"{key} must be {self.shape}, not {_kind(node)}", node, file)
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise _fault(f"{key}: {value!r} is not {self.shape}", node, file)
        return value

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """An integer, or with `whole=False` any number, within bounds."""

    about: str
    minimum: float
    maximum: float
    whole: bool = True
    default: float | None = None

    def read(self, node: Node, key: str, file: str) -> float:
        """The number."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            raise _fault(f"{key} must be {self._shape}, not {_kind(node)}", node, file)
        if not self.minimum <= value <= self.maximum:
            raise _fault(f"{key}: {value} is not {self._shape}", node, file)
        return value

    @property
    def _shape(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} from {self.minimum:g} to {self.maximum:g}"

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "integer" if self.whole else "number", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """true or false."""

    about: str
    default: bool | None = None

    def read(self, node: Node, key: str, file: str) -> bool:
        """The flag."""
        if not isinstance(node, Scalar) or not isinstance(node.value, bool):
            raise _fault(f"{key} must be true or false, not {_kind(node)}", node, file)
        return node.value

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Either:
    """A text or a whole number, read as text."""

    about: str
    text: Text
    default: None = None

    def read(self, node: Node, key: str, file: str) -> str:
        """The text."""
        if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
            node = Scalar(node.line, str(node.value))
        return self.text.read(node, key, file)

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"anyOf": [self.text.schema(), {"type": "integer"}]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Anything:
    """Any scalar, as it is."""

    about: str
    default: None = None

    def read(self, node: Node, key: str, file: str) -> Plain:
        """The scalar."""
        if not isinstance(node, Scalar):
            raise _fault(f"{key} must be a text, a number, true, false or null, not {_kind(node)}", node, file)
        return node.value

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": ["string", "number", "boolean", "null"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """A duration with its unit (`30m`, `4h`), read as minutes."""

    about: str
    minimum: int = 0
    default: str | None = None

    def read(self, node: Node, key: str, file: str) -> int:
        """The minutes."""
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str):
            raise _fault(f"{key} must be a duration such as 30m or 4h, not {_kind(node)}", node, file)
        try:
            minutes = parse_duration(value)
        except UsageFault as error:
            raise _fault(f"{key}: {error.message}", node, file, hint=error.hint) from None
        if not self.minimum <= minutes <= LONGEST:
            raise _fault(f"{key}: {value} is not within {self.minimum}m and {LONGEST // 1440}d", node, file)
        return minutes

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "string", "pattern": f"^{DURATION_PATTERN}$"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list of one kind."""

    about: str
    item: "Kind"
    default: tuple[Any, ...] | None = None

    def read(self, node: Node, key: str, file: str) -> tuple[Any, ...]:
        """The items."""
        if not isinstance(node, Sequence):
            raise _fault(f"{key} must be a list, not {_kind(node)}", node, file)
        if not node.items:
            raise _fault(f"{key} is empty; leave the key out instead", node, file)
        return tuple(self.item.read(item, f"{key}[{number}]", file) for number, item in enumerate(node.items))

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "array", "minItems": 1, "items": self.item.schema()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A map whose keys people choose, each with one kind of value."""

    about: str
    key: Text
    item: "Kind"
    may_be_empty: bool = False
    default: dict[str, Any] | None = None

    def read(self, node: Node, key: str, file: str) -> dict[str, Any]:
        """The values by key."""
        if not isinstance(node, Mapping):
            raise _fault(f"{key} must be a map, not {_kind(node)}", node, file)
        if not node.items and not self.may_be_empty:
            raise _fault(f"{key} is empty; leave the key out instead", node, file)
        for name, line in node.key_lines.items():
            self.key.read(Scalar(line, name), f"{key}: the key", file)
        return {name: self.item.read(value, f"{key}.{name}", file) for name, value in node.items.items()}

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        names = {"pattern": self.key.schema()["pattern"]}
        smallest = {} if self.may_be_empty else {"minProperties": 1}
        return {"type": "object", **smallest, "propertyNames": names, "additionalProperties": self.item.schema()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A map with fixed keys. Read as a dict of the keys that are there."""

    about: str
    keys: MappingType[str, "Kind"]
    required: frozenset[str] = field(default_factory=frozenset)
    default: None = None

    def read(self, node: Node, key: str, file: str) -> dict[str, Any]:
        """The values by key."""
        if not isinstance(node, Mapping):
            raise _fault(f"{key or 'the document'} must be a map, not {_kind(node)}", node, file)
        for name, line in node.key_lines.items():
            if name not in self.keys:
                raise self._unknown(name, key, line, file)
        for name in sorted(self.required - node.items.keys()):
            raise _fault(f"{_join(key, name)} is missing", node, file, hint=self.keys[name].about)
        return {name: self.keys[name].read(value, _join(key, name), file) for name, value in node.items.items()}

    def _unknown(self, name: str, key: str, line: int, file: str) -> InvalidRepository:
        near = get_close_matches(name, self.keys, n=1, cutoff=0.5)
        known = ", ".join(self.keys)
        hint = f"did you mean {near[0]!r}? Valid keys: {known}" if near else f"valid keys: {known}"
        return InvalidRepository(f"unknown key {_join(key, name)!r}", file=file, line=line, hint=hint)

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        properties = {name: _described(kind) for name, kind in self.keys.items()}
        required = {"required": sorted(self.required)} if self.required else {}
        return {"type": "object", "additionalProperties": False, "properties": properties, **required}


Kind = Text | Number | Flag | Either | Anything | Duration | Items | Named | Block


def _described(kind: Kind) -> dict[str, Any]:
    default = kind.default
    shown = {} if default is None else {"default": list(default) if isinstance(default, tuple) else default}
    return {"description": kind.about, **kind.schema(), **shown}


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a map"
    if isinstance(node, Sequence):
        return "a list"
    return "empty" if node.value is None else repr(node.value)


def _fault(message: str, node: Node, file: str, *, hint: str = "") -> InvalidRepository:
    return InvalidRepository(message, file=file, line=node.line, hint=hint)
