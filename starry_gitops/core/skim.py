"""A fast first pass over many manifests that never guesses.

Manifests that came from one template differ only in their double-quoted values. With those masked, what is left is the
manifest's skeleton. The first manifest of a skeleton is read strictly, which tells on which line each field stands; the
others of the same skeleton give their fields by line. Whatever differs in any other way is read strictly itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from starry_gitops.core.manifest import Fields
from starry_gitops.core.yamltext import Plain, leaves, parse_document

# A whole double-quoted value without escapes, at the end of a line, after "key: " or "- ".
_QUOTED = re.compile(r'(?<=[:-] )"[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*"$', re.MULTILINE)


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
            text = None
        places = None if text is None else self._known.get(_QUOTED.sub('""', text))
        if text is None or places is None:
            return self._learn(data, text, file)
        lines = text.split("\n")
        return {place.path: lines[place.line].rsplit('"', 2)[1] if place.quoted else place.value for place in places}

    def _learn(self, data: bytes, text: str | None, file: str) -> Fields:
        found = [(path, leaf) for path, leaf in leaves(parse_document(data, file=file)) if self._wanted(path)]
        if text is not None:
            lines = text.split("\n")
            self._known[_QUOTED.sub('""', text)] = [
                _Place(path, leaf.line - 1, _QUOTED.search(lines[leaf.line - 1]) is not None, leaf.value)
                for path, leaf in found
            ]
        return {path: leaf.value for path, leaf in found}
