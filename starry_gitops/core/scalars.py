"""How a value is written into YAML: as JSON, which is YAML, so that it stays one value whatever it holds."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
# Characters that JSON allows as they are, but YAML does not, or reads as line breaks.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class Key(str):
    """A mapping key. It is written plain where that is safe, and quoted like any value where not."""

    __slots__ = ()


def scalar_text(value: object) -> str:
    """The value as JSON; unquoted, the tag `1e3` would become a number and a newline would start a new key."""
    if isinstance(value, Key) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return str(value)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
