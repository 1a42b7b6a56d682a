"""`--selector`: which previews a list speaks for, or which are to be upgraded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starry_gitops.core.naming import check_text
from starry_gitops.errors import UsageFault

ALL = "all"
_OWNER = "owner"
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_LABEL = re.compile(rf"(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_PART}", re.ASCII)
_VALUE = re.compile(rf"(?:{_PART})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """An owner, and labels of the Application; what is not named may be anything."""

    owner: str | None
    labels: Mapping[str, str]


def parse_selector(text: str) -> Selector:
    """`all`, or `owner=alice`, `team=blue` (a label of the Application), or several with commas: all must hold.

    Raises:
        UsageFault: it is none of these.
    """
    terms: dict[str, str] = {}
    for term in [] if text == ALL else text.split(","):
        key, separator, value = (part.strip() for part in term.partition("="))
        is_label = _LABEL.fullmatch(key) and _VALUE.fullmatch(value)
        if not separator or key in terms or not (key == _OWNER or is_label):
            raise UsageFault(f"--selector {text!r} is not KEY=VALUE[,KEY=VALUE…]", hint="e.g. owner=alice, or all")
        terms[key] = value
    owner = terms.pop(_OWNER, None)
    return Selector(owner=None if owner is None else check_text("--selector owner", owner), labels=terms)
