"""From words on the command line to the core's values."""

import re

from starry_gitops.core.model import PullRequest, Source, ValueEdit
from starry_gitops.core.naming import check_text, parse_pull_request
from starry_gitops.core.secrets import refuse_secret_text
from starry_gitops.core.ttl import parse_duration
from starry_gitops.errors import UsageFault

_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_])?", re.ASCII)
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,15})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,15})\.\d{1,15}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 20
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
    keys = [key.replace("\0", ".") for key in place.replace("\\.", "\0").split(".")]
    if not separator or len(keys) > _MAX_DEPTH or not all(_KEY.fullmatch(key) for key in keys):
        raise UsageFault(f"--set {text[:80]!r} is not path=value", hint="e.g. --set backend.env.LOG_LEVEL=debug")
    if len(value) > _MAX_VALUE or not all(character.isprintable() for character in value):
        raise UsageFault(f"--set {place}: the value is too long or holds a control character")
    # Environment variables are strings in Kubernetes, whatever they look like.
    is_variable = len(keys) > 1 and keys[-2] == "env"
    return ValueEdit(path=tuple(keys), value=_unquoted(value) if is_variable else _scalar(value))


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
