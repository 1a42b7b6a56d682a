"""YAML for stdout: no line of it is a command to a pipeline's runner."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

from starry_gitops.core.workflow_commands import has_command

if TYPE_CHECKING:
    _Base = yaml.SafeDumper
else:
    _Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_ENDLESS = 2**31 - 1


class _Dumper(_Base):
    """Texts that hold a command stand in double quotes: where a line ends in them, none ends in the YAML."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if has_command(text) else None)


_Dumper.add_representer(str, _represent_text)


def harmless_yaml(documents: Iterable[Any]) -> str:
    """One YAML stream; whoever reads it as YAML gets the very same documents."""
    return _dumped(documents, explicit_start=True)


def harmless_document(data: Any) -> str:
    """One YAML document, without a mark before it."""
    return _dumped([data], explicit_start=False)


def _dumped(documents: Iterable[Any], *, explicit_start: bool) -> str:
    # Long texts are not wrapped: a line could begin with any of their words.
    text: str = yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, explicit_start=explicit_start, width=_ENDLESS)
    return text.replace("##[", r"#\x23[")
