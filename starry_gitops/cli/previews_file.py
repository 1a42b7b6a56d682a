"""Reads the list of `starry apply`: each entry as an intent or an error."""

from difflib import get_close_matches
from typing import Any

from starry_gitops.cli.input_file import as_usage, file_name, parse_input, read_input
from starry_gitops.core.batch import Item
from starry_gitops.core.images import parse_image
from starry_gitops.core.intent import Apply
from starry_gitops.core.naming import is_label
from starry_gitops.core.parameters import make_edit, parse_source, parse_text, refuse_contradictions
from starry_gitops.core.yamltext import Mapping, Node, Scalar, Sequence, text_at
from starry_gitops.errors import InvalidRepository, StarryError, UsageFault
from starry_gitops.settings.previews import ALIASES, DERIVED, PREVIEW, VERSION

_MAX_ENTRIES = 50_000
_EXAMPLE = "e.g. [{name: preview-1, images: {backend: v1.0.0}}]"


def read_items(path: str, overlay: str | None) -> tuple[Item, ...]:
    """The entries of the list; an entry that cannot be read carries its error. `overlay` is for those that name none.

    Raises:
        UsageFault: the file is no list.
    """
    file = file_name(path)
    node = parse_input(read_input(path), file)
    try:
        entries = _entries(node, file)
    except InvalidRepository as error:
        raise as_usage(error) from None
    return tuple(_item(number, entry, file, overlay) for number, entry in enumerate(entries, start=1))


def _entries(node: Node, file: str) -> list[Node]:
    if isinstance(node, Mapping):
        node = _previews(node, file)
    if not isinstance(node, Sequence):
        raise InvalidRepository("not a list of previews", file=file, line=node.line, hint=_EXAMPLE)
    if len(node.items) > _MAX_ENTRIES:
        raise InvalidRepository(f"more than {_MAX_ENTRIES} previews", file=file, line=node.line, hint="split the list")
    return node.items


def _previews(node: Mapping, file: str) -> Node:
    """The list in `{version: 1, previews: [...]}`."""
    keys = ("version", "previews")
    for key, line in node.key_lines.items():
        if key not in keys:
            near = get_close_matches(key, keys, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else _EXAMPLE
            raise InvalidRepository(f"unknown key {key!r} beside the list of previews", file=file, line=line, hint=hint)
    if "version" in node.items:
        VERSION.read(node.items["version"], "version", file)
    if "previews" not in node.items:
        raise InvalidRepository("not a list of previews", file=file, line=node.line, hint=_EXAMPLE)
    return node.items["previews"]


def _item(number: int, node: Node, file: str, overlay: str | None) -> Item:
    name = text_at(node, "name") or ""
    label = name if is_label(name) else ""
    try:
        values = PREVIEW.read(_plain_entry(node, file), "", file)
        return Item(number=number, wanted=_intent(values, overlay), label=label)
    except StarryError as error:
        return Item(number=number, wanted=as_usage(error, f"{file}:{node.line}"), label=label)


def _plain_entry(node: Node, file: str) -> Mapping:
    """The entry without what is null or derived, each key by its first name."""
    if not isinstance(node, Mapping):
        raise InvalidRepository("not a preview, which is a map", file=file, line=node.line, hint=_EXAMPLE)
    entry = Mapping(line=node.line)
    for key, value in node.items.items():
        name = ALIASES.get(key, key)
        if key in DERIVED or (name in PREVIEW.keys and isinstance(value, Scalar) and value.value is None):
            continue
        if name in entry.items:
            raise InvalidRepository(f"{key} and {name} both stand there", file=file, line=node.key_lines[key])
        entry.items[name], entry.key_lines[name] = value, node.key_lines[key]
    return entry


def _intent(values: dict[str, Any], overlay: str | None) -> Apply:
    if "ttl" in values and "ttlMinutes" in values:
        raise UsageFault("ttl and ttlMinutes both stand there", hint="leave one out")
    edits = tuple(make_edit(place, value) for place, value in values.get("set", {}).items())
    refuse_contradictions(edits)
    return Apply(
        source=parse_source(values.get("name"), values.get("pr"), values.get("sourceBranch")),
        overlay=parse_text("overlay", values.get("overlay", overlay)),
        images=tuple(parse_image(f"{component}={image}") for component, image in values.get("images", {}).items()),
        commit=parse_text("commit", values.get("commit")),
        owner=parse_text("owner", values.get("owner")),
        ttl=values.get("ttlMinutes", values.get("ttl")),
        pin=values.get("pin", False),
        edits=edits,
        sequence=values.get("sequence"),
    )
