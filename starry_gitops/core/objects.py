"""Rendered Kubernetes objects: reading them, hiding secrets, and what differs between two renderings."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from starry_gitops.core.secrets import secret_shape
from starry_gitops.core.yamltext import LOADER
from starry_gitops.errors import InvalidRepository

Object = Mapping[str, Any]
_HIDDEN = "***"
_TAG = "tag:yaml.org,2002:"
_TYPED = {
    f"{_TAG}{name}": yaml.constructor.SafeConstructor.yaml_constructors[f"{_TAG}{name}"]
    for name in ("int", "float", "bool", "null")
}
_TEXT = f"{_TAG}str"
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def parse_objects(text: str, *, name: str) -> list[Object]:
    """The objects of a rendering, secrets hidden, in the order of their kinds and names.

    Raises:
        InvalidRepository: the chart renders something that is no Kubernetes object.
    """
    try:
        documents = (_data(node) for node in yaml.compose_all(text, Loader=LOADER))
        found = [document for document in documents if document is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidRepository(f"{name}: the chart renders no valid YAML: {' '.join(str(error).split())}") from None
    for document in found:
        if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
            raise InvalidRepository(f"{name}: the chart renders something without a kind")
    return sorted((_without_secrets(document) for document in found), key=label)


def _data(node: yaml.Node) -> Any:
    """As PyYAML constructs it, in half the time and without secrets; a date is a text, as Kubernetes has it."""
    if isinstance(node, yaml.MappingNode):
        if any(key.tag != _TEXT for key, _ in node.value):
            return _hide(yaml.constructor.SafeConstructor().construct_document(node))
        return {key.value: _data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_data(item) for item in node.value]
    construct = _TYPED.get(node.tag)
    return construct(_CONSTRUCTOR, node) if construct else _hide(node.value)


def label(thing: Object) -> str:
    """`Kind/name`."""
    metadata = thing.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return f"{thing.get('kind')}/{name}"


def diff_objects(old: Sequence[Object], new: Sequence[Object]) -> Iterator[str]:
    """Object by object: added, removed, or the lines that differ."""
    before, after = ({label(thing): thing for thing in things} for things in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield f"+ {name}"
        elif name not in after:
            yield f"- {name}"
        elif before[name] != after[name]:
            yield f"~ {name}"
            old_text, new_text = _lines(before[name]), _lines(after[name])
            changed = difflib.unified_diff(old_text, new_text, lineterm="", n=1)
            yield from (f"    {line}" for line in list(changed)[2:] if not line.startswith("@@"))


def _lines(thing: Object) -> list[str]:
    text: str = yaml.dump(thing, Dumper=_DUMPER, sort_keys=False)
    return text.splitlines()


def _without_secrets(thing: Object) -> Object:
    if thing.get("kind") != "Secret":
        return thing
    hidden = {
        key: dict.fromkeys(thing[key], _HIDDEN) for key in ("data", "stringData") if isinstance(thing.get(key), dict)
    }
    return {**thing, **hidden}


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hide(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_hide(inner) for inner in value]
    return _HIDDEN if isinstance(value, str) and secret_shape(value) else value
