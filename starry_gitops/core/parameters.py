"""From words on the command line to the core's values."""

import math
import re
from collections.abc import Iterable
from itertools import pairwise

from starry_gitops.core.model import PullRequest, Source, ValueEdit
from starry_gitops.core.naming import check_text, parse_pull_request
from starry_gitops.core.paths import split_path
from starry_gitops.core.secrets import refuse_secret_text
from starry_gitops.core.ttl import parse_duration
from starry_gitops.core.yamltext import Plain
from starry_gitops.errors import UsageFault

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,15})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,15})\.\d{1,15}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_MAX_VALUE = 4096


def parse_source(name: str | None, pr: str | None, source_branch: str | None) -> Source:
    """What the preview is made for. An empty NAME is refused: it is an unset variable of a pipeline."""
    if name is not None:
        check_text("NAME", name)
    pull_request: PullRequest | None = None
    if pr is not None:
        pull_request = parse_pull_request(pr)
    branch = None if source_branch is None else check_text("--source-branch", source_branch)
    return Source(name=name, pull_request=pull_request, branch=branch)


def parse_text(option: str, value: str | None) -> str | None:
    """A value for an annotation."""
    return None if value is None else check_text(option, value)


def parse_ttl(value: str | None, option: str = "--ttl") -> int | None:
    """Minutes."""
    if value is None:
        return None
    try:
        return parse_duration(value)
    except UsageFault as error:
        raise UsageFault(f"{option}: {error.message}", hint=error.hint) from None


def parse_edit(text: str) -> ValueEdit:
    r"""`path=value`: keys divided by dots; `\.` is a dot in a key.

    true, false, null and numbers are what they look like; a value in double quotes, an environment variable, and all
    else is a string.
    """
    refuse_secret_text("--set", text)
    place, separator, value = text.partition("=")
    keys = split_path(place)
    if not separator or keys is None:
        raise UsageFault(f"--set {text[:80]!r} is not path=value", hint="e.g. --set backend.env.LOG_LEVEL=debug")
    if len(value) > _MAX_VALUE or not all(character.isprintable() for character in value):
        raise UsageFault(f"--set {place}: the value is too long or holds a control character")
    return ValueEdit(path=keys, value=_unquoted(value) if _is_variable(keys) else _scalar(value))


def make_edit(place: str, value: Plain) -> ValueEdit:
    """A path with a value that already has its type, as a file gives it."""
    refuse_secret_text("set", place)
    keys = split_path(place)
    if keys is None:
        raise UsageFault(f"set: {place[:80]!r} is not a path", hint="e.g. backend.env.LOG_LEVEL: debug")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageFault(f"set: {place}: the number is too large")
    if isinstance(value, str) and (len(value) > _MAX_VALUE or not value.isprintable()):
        raise UsageFault(f"set: {place}: the value is too long or holds a control character")
    if _is_variable(keys) and not isinstance(value, str):
        raise UsageFault(f"set: {place}: an environment variable is a text", hint="write quotes around it")
    return ValueEdit(path=keys, value=value)


def _is_variable(keys: tuple[str, ...]) -> bool:
    """Environment variables are strings in Kubernetes, whatever they look like."""
    return len(keys) > 1 and keys[-2] == "env"


def refuse_contradictions(edits: Iterable[ValueEdit]) -> None:
    """No edit's path leads through another's. Sorted, a path stands right before those below it."""
    for one, other in pairwise(sorted(edit.path for edit in edits)):
        if other[: len(one)] == one:
            raise UsageFault(f"--set {'.'.join(one)} and --set {'.'.join(other)} contradict each other")


def _scalar(value: str) -> str | int | float | bool | None:
    if value in _WORDS:
        return _WORDS[value]
    if _WHOLE.fullmatch(value):
        return int(value)
    if _DECIMAL.fullmatch(value):
        return float(value)
    return _unquoted(value)


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
    return value[1:-1] if quoted else value
