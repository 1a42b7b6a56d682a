"""A fast first pass over many manifests that never guesses.

Manifests that came from one template differ only in their double-quoted values. With those masked, what is left is the
manifest's skeleton. The first manifest of a skeleton is read strictly, which tells on which line each field stands; the
others of the same skeleton give their fields by line. Whatever differs in any other way is read strictly itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from starry_gitops.core.manifest import Fields
from starry_gitops.core.yamltext import MAX_BYTES, Plain, Scalar, has_odd_characters, leaves, parse_document

# A line that is one key (or a dash) and one double-quoted value without escapes. What a mask may hide is bounded by it.
_LINE = re.compile(r'^ *(?:(?:- )*[A-Za-z0-9_./-]+: |(?:- )+)"([^"\\\x00-\x1f\x7f-\x9f\ufffe\uffff]*)"$', re.MULTILINE)
_QUOTED = re.compile(r'"[^"\\\x00-\x1f\x7f-\x9f\ufffe\uffff]*"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Place:
    path: tuple[str, ...]
    line: int
    quoted: bool
    value: Plain


class Skimmer:
    """Reads the wanted fields of many similar YAML documents."""

    def __init__(self, wanted: Callable[[tuple[str, ...]], bool]) -> None:
        self._wanted = wanted
        self._known: dict[str, list[_Place]] = {}

    def fields(self, data: bytes, *, file: str) -> Fields:
        """The wanted fields of one document.

        Raises:
            InvalidRepository: the document is not strict YAML.
        """
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        skeleton = _QUOTED.sub('""', text)
        places = self._known.get(skeleton) if len(data) <= MAX_BYTES else None
        if places is None or has_odd_characters(text):
            return self._learn(data, text, skeleton, file)
        lines = text.split("\n")
        return {place.path: lines[place.line].rsplit('"', 2)[1] if place.quoted else place.value for place in places}

    def _learn(self, data: bytes, text: str, skeleton: str, file: str) -> Fields:
        found = list(leaves(parse_document(data, file=file)))
        wanted = [(path, leaf) for path, leaf in found if self._wanted(path)]
        quoted = _quoted_lines(text)
        if _hides_values_only(text, found, quoted):
            self._known[skeleton] = [
                _Place(path, leaf.line - 1, leaf.line in quoted, leaf.value) for path, leaf in wanted
            ]
        return {path: leaf.value for path, leaf in wanted}


def _quoted_lines(text: str) -> dict[int, str]:
    """Line number → value, of the lines that are one key and one quoted value."""
    matches = ((number, _LINE.fullmatch(line)) for number, line in enumerate(text.split("\n"), 1))
    return {number: match[1] for number, match in matches if match}


def _hides_values_only(text: str, found: list[tuple[tuple[str, ...], Scalar]], quoted: dict[int, str]) -> bool:
    """True when each masked text is exactly one leaf of the document: not a comment, not part of a longer text."""
    on_line: dict[int, list[Plain]] = {}
    for _, leaf in found:
        on_line.setdefault(leaf.line, []).append(leaf.value)
    masked = len(_QUOTED.findall(text))
    return masked == len(quoted) and all(on_line.get(line) == [value] for line, value in quoted.items())
