"""Renders templates strictly: every value is serialised as JSON, which is YAML, so no value can change the structure.

Unquoted, the tag `1e3` would become a number and a newline would start a new key.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from starry_gitops.errors import InvalidRepository

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
# Characters that JSON allows as they are, but YAML does not, or reads as line breaks.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


class Key(str):
    """A mapping key. It is written plain where that is safe, and quoted like any value where not."""

    __slots__ = ()


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, _context: Any, operator: str, _left: Any, _right: Any) -> Any:
        raise SecurityError(f"the operator {operator} is not allowed in templates")


def _scalar(value: object) -> str:
    if isinstance(value, Undefined):
        return str(value)  # raises: StrictUndefined has no text
    if isinstance(value, Key) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return str(value)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _environment() -> _Environment:
    environment = _Environment(
        undefined=StrictUndefined,
        finalize=_scalar,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    return environment


def render(template: str, values: Mapping[str, object], *, file: str) -> str:
    """The template filled in.

    Raises:
        InvalidRepository: the template is broken, uses an unknown value or does what the sandbox forbids.
    """
    try:
        return _environment().from_string(template).render(values)
    except TemplateSyntaxError as error:
        raise InvalidRepository(f"broken template: {error.message}", file=file, line=error.lineno) from None
    except (TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        raise InvalidRepository(f"the template cannot be rendered: {error}", file=file) from None
