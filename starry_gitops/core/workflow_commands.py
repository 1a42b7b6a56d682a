"""Keeps a pipeline's log from taking what stands in a repository for a command to its runner.

GitHub's runner obeys `::command::` at a line's beginning, after spaces too, and `##[command]` anywhere in a line: it
masks words, makes annotations, or obeys nothing any more until a word comes that the author chose.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    _Base = yaml.SafeDumper
else:
    _Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
_ENDLESS = 2**31 - 1


class _Dumper(_Base):
    """Texts that hold a command stand in double quotes: where a line ends in them, none ends in the YAML."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _COMMAND.search(text) else None)


_Dumper.add_representer(str, _represent_text)


def harmless_yaml(documents: Iterable[Any]) -> str:
    """One YAML stream, in which no line is a command; whoever reads it as YAML gets the very same documents."""
    # Long texts are not wrapped: a line could begin with any of their words.
    text: str = yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=_ENDLESS)
    return text.replace("##[", r"#\x23[")


def harmless_json(text: str) -> str:
    """JSON in which no line is a command; whoever reads it as JSON gets the very same data."""
    return text.replace("##[", r"#\u0023[")


def harmless_line(line: str) -> str:
    """A line for people, with a space in what would be a command."""
    text = line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line
    return text.replace("##[", "## [")
