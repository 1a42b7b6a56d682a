"""Label values: Kubernetes allows 63 characters of `[A-Za-z0-9._-]`, beginning and ending with a letter or digit."""

import hashlib
import re

_VALID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII)
_INVALID = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_HASH_LENGTH = 8
_MAX = 63


def label_value(text: str) -> str:
    """The text as a label value; where anything had to change it ends in a hash of the whole text."""
    if _VALID.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]
    stem = _INVALID.sub("-", text).strip("-._")[: _MAX - _HASH_LENGTH - 1].strip("-._")
    return f"{stem}-{digest}".lstrip("-")
