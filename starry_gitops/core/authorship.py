"""What Starry itself wrote into a preview's files, told from the commits that changed them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from starry_gitops.core.manifest import FILES
from starry_gitops.core.merge import MISSING, Path, leaves_of, same
from starry_gitops.core.paths import split_path
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import InvalidRepository

Contents = Mapping[str, bytes]
"""A file's content by its blob's id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """What one commit did to one preview.

    Attributes:
        by_starry: the commit has Starry's trailers.
        own: paths that a person set through Starry (`--set`), as the trailers name them.
        files: by file name, the blob's id before (None: the commit adds it) and after.
    """

    by_starry: bool
    own: tuple[str, ...]
    files: Mapping[str, tuple[str | None, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What Starry wrote last, by file and leaf, and which values of the chart a person set through it."""

    leaves: Mapping[str, Mapping[Path, object]]
    own: frozenset[Path]


def replay(revisions: Iterable[Revision], contents: Contents) -> Written:
    """The revisions in order, oldest first; each leaf that a commit of Starry's changed is Starry's from then on.

    A list into which a person wrote stays the person's: Starry may have added an item, but the others are not its own.
    """
    leaves: dict[str, dict[Path, object]] = {file: {} for file in FILES}
    own: set[Path] = set()
    # What one commit leaves is what the next one finds.
    read = cache(partial(_leaves, contents=contents))
    for revision in revisions:
        if not revision.by_starry:
            continue
        own |= {path for text in revision.own if (path := split_path(text))}
        for file, (old, new) in revision.files.items():
            before, after = read(old, file), read(new, file)
            if before is not None and after is not None:
                _note(leaves[file], before, after)
    return Written(leaves=leaves, own=frozenset(own))


def _leaves(blob: str | None, file: str, contents: Contents) -> Mapping[Path, object] | None:
    """What the file held: nothing before it was there; None when that cannot be known."""
    if blob is None:
        return {}
    try:
        found = plain(parse_document(contents.get(blob, b""), file=file))
    except InvalidRepository:
        return None
    return leaves_of(found) if isinstance(found, dict) else None


def _note(written: dict[Path, object], before: Mapping[Path, object], after: Mapping[Path, object]) -> None:
    for path in before.keys() - after.keys():
        written.pop(path, None)
    for path, value in after.items():
        old = before.get(path, MISSING)
        is_persons = isinstance(old, list) and not same(old, written.get(path, MISSING))
        if not same(old, value) and not (is_persons and isinstance(value, list)):
            written[path] = value
