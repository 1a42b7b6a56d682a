"""Strict reading of one YAML document: plain data with the line of everything in it.

Strict means: UTF-8, one document, no duplicate key, no anchor, alias or tag, bounded size and depth. Argo CD and Helm
would read most of what is refused here, but differently from what a reviewer reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from starry_gitops.errors import InvalidRepository

MAX_BYTES = 1 << 20
MAX_DEPTH = 50

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\d{1,30}\.\d{0,30}|\.\d{1,30}|\d{1,30}(?=[eE]))(?:[eE][-+]?\d{1,3})?", re.ASCII)
# Characters that YAML takes for line breaks and a reviewer does not see as such.
_ODD_CHARACTERS = re.compile("\r(?!\n)|[\x85\u2028\u2029\ufeff]")
# YAML 1.1's words, as the Kubernetes YAML library still reads them.
_TRUE = {word for base in ("true", "yes", "on") for word in (base, base.title(), base.upper())}
_FALSE = {word for base in ("false", "no", "off") for word in (base, base.title(), base.upper())}
_NULL = {"", "~", "null", "Null", "NULL"}

Plain = str | int | float | bool | None


@dataclass(slots=True)
class Scalar:
    """A leaf; `line` is 1-based."""

    line: int
    value: Plain


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """A map. `key_lines` has the line of each key."""

    line: int
    items: "dict[str, Node]" = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


def parse_document(data: bytes | str, *, file: str, limit: int = MAX_BYTES) -> Node:
    """The one document in `data`, which may have `limit` bytes.

    Raises:
        InvalidRepository: it is not strict YAML; the error names file and line.
    """
    text = _decode(data, file, limit)
    try:
        return _Builder(file).build(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "not YAML"
        raise InvalidRepository(f"not valid YAML: {problem}", file=file, line=mark.line + 1 if mark else 0) from None
    except yaml.YAMLError as error:
        raise InvalidRepository(f"not valid YAML: {str(error).splitlines()[0]}", file=file) from None


def plain(node: Node) -> object:
    """The node as dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items.items()}
    if isinstance(node, Sequence):
        return [plain(value) for value in node.items]
    return node.value


def look_up(node: Node | None, *path: str) -> Node | None:
    """The node at a path of keys and list positions, or None."""
    for key in path:
        if isinstance(node, Mapping):
            node = node.items.get(key)
        elif isinstance(node, Sequence) and key.isdecimal() and int(key) < len(node.items):
            node = node.items[int(key)]
        else:
            return None
    return node


def text_at(node: Node | None, *path: str) -> str | None:
    """The string at a path, or None when there is none or it is not a string."""
    found = look_up(node, *path)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def line_of(node: Node | None, *path: str) -> int:
    """The line of the deepest part of `path` that exists (of its key where it has one)."""
    line = node.line if node else 0
    for key in path:
        if isinstance(node, Mapping) and key in node.items:
            line, node = node.key_lines[key], node.items[key]
        elif isinstance(node, Sequence) and key.isdecimal() and int(key) < len(node.items):
            node = node.items[int(key)]
            line = node.line
        else:
            break
    return line


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every scalar with the path of keys (and list positions) that leads to it."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from leaves(item, (*path, str(number)))
    else:
        for key, value in node.items.items():
            yield from leaves(value, (*path, key))


def has_odd_characters(text: str) -> bool:
    """True when the text holds a byte order mark, or a line break other than LF and CRLF."""
    if text.isascii() and "\r" not in text:
        return False
    return _ODD_CHARACTERS.search(text) is not None


def _decode(data: bytes | str, file: str, limit: int) -> str:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > limit:
        raise InvalidRepository(f"larger than {limit // 1024} KiB", file=file)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRepository("not UTF-8 text", file=file, line=raw.count(b"\n", 0, error.start) + 1) from None
    odd = _ODD_CHARACTERS.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise InvalidRepository("a byte order mark, or a line break other than LF and CRLF", file=file, line=line)
    return text


class _Builder:
    """Builds nodes from parser events, without recursion: depth is data from outside."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.stack: list[Mapping | Sequence] = []
        self.keys: list[tuple[str, int] | None] = []
        self.root: Node | None = None
        self.documents = 0

    def build(self, events: Iterator[yaml.Event]) -> Node:
        for event in events:
            self._take(event)
        if self.root is None:
            raise InvalidRepository("the file is empty", file=self.file)
        return self.root

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._fault("more than one YAML document", line)
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
            self.keys.pop()

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise self._fault("anchors and aliases are not allowed", line)
        if getattr(event, "tag", None) is not None:
            raise self._fault("tags are not allowed", line)
        if isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event, line)
            return
        node = Mapping(line) if isinstance(event, yaml.MappingStartEvent) else Sequence(line)
        self._attach(node, line)
        if len(self.stack) >= MAX_DEPTH:
            raise self._fault(f"nested deeper than {MAX_DEPTH} levels", line)
        self.stack.append(node)
        self.keys.append(None)

    def _add_scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self.stack and isinstance(self.stack[-1], Mapping) and self.keys[-1] is None:
            self._start_key(self.stack[-1], event.value, line)
        else:
            is_plain = (event.implicit[0] and event.style is None) or event.style == ""
            self._attach(Scalar(line, _resolve(event.value) if is_plain else event.value), line)

    def _start_key(self, mapping: Mapping, key: str, line: int) -> None:
        if key in mapping.items:
            raise self._fault(f"key {key!r} appears twice (first on line {mapping.key_lines[key]})", line)
        if key == "<<":
            raise self._fault("merge keys are not allowed", line)
        self.keys[-1] = (key, line)

    def _attach(self, node: Node, line: int) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        pending = self.keys[-1]
        if pending is None:
            raise self._fault("a key must be plain text", line)
        parent.items[pending[0]] = node
        parent.key_lines[pending[0]] = pending[1]
        self.keys[-1] = None

    def _fault(self, message: str, line: int) -> InvalidRepository:
        return InvalidRepository(message, file=self.file, line=line)


def _resolve(text: str) -> Plain:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
