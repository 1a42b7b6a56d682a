"""Patterns for branches and paths: `*` and `?` stop at a slash; `**` as a whole part stands for any folders."""

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches(text: str, pattern: str) -> bool:
    """True when the pattern stands for all of the text. `src/**` is all that lies below src.

    It takes at most as many steps as there are parts in the text times parts in the pattern: a path may be anybody's.
    """
    wanted = pattern.split("/")
    if wanted[-1] == "**":
        wanted.append("*")
    places = _with_skipped({0}, wanted)
    for part in text.split("/"):
        going = {place for place in places if place < len(wanted)}
        stay = {place for place in going if wanted[place] == "**"}
        places = _with_skipped(stay | {place + 1 for place in going - stay if fnmatchcase(part, wanted[place])}, wanted)
    return len(wanted) in places


def _with_skipped(places: set[int], wanted: Sequence[str]) -> set[int]:
    """Places in the pattern, with those behind a `**` that stands for nothing more."""
    found = set(places)
    for place, part in enumerate(wanted):
        if place in found and part == "**":
            found.add(place + 1)
    return found
