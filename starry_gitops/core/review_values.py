"""Which values of a preview are not what Starry would have written.

Commit messages tell who made a change, but anybody can write one. So it is told from the content: the files are held
against what today's templates make of the facts and images that stand in them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starry_gitops.core.context import Context
from starry_gitops.core.manifest import APPLICATION_FILE, FILES, VALUES_FILE
from starry_gitops.core.merge import MISSING, Path, same
from starry_gitops.core.model import Preview
from starry_gitops.core.paths import join_path
from starry_gitops.core.preview_files import NewPreview, render_application, render_values
from starry_gitops.core.review_model import ValueChange
from starry_gitops.core.secrets import secret_reason, secret_shape
from starry_gitops.core.settings import Overlay
from starry_gitops.core.texts import printable
from starry_gitops.core.tree_changes import shown_path
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.core.yamltext import Node, line_of, parse_document, plain, text_at
from starry_gitops.errors import StarryError

_MASKED = "***"
_LONGEST = 120
_SHOWN = 20

Files = Mapping[str, "ReadFile"]
"""A preview's two files, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFile:
    """A file that was read strictly."""

    text: str
    node: Node

    @property
    def data(self) -> dict[str, Any]:
        """As maps and lists; a file that holds something else holds nothing."""
        found = plain(self.node)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class HandEdits:
    """What a person wrote: those that are shown, how many more, and whether it is all but comments and spacing."""

    shown: tuple[ValueChange, ...] = ()
    more: int = 0
    layout_only: bool = False


def hand_edits(before: Files | None, after: Files, preview: Preview, overlay: Overlay, context: Context) -> HandEdits:
    """Every leaf that changed, and is not what the templates make of the preview; `before` None: it is new."""
    rendered = _rendered(after, preview, overlay, context)
    if rendered is None:
        return HandEdits()
    found: list[ValueChange] = []
    for file in sorted(FILES):
        old = before[file].data if before else {}
        found += _edits(file, old, after[file], rendered[file].data)
    if not found and not _is_as_written(before, after, rendered):
        return HandEdits(layout_only=True)
    return HandEdits(shown=tuple(found[:_SHOWN]), more=max(len(found) - _SHOWN, 0))


def _rendered(after: Files, preview: Preview, overlay: Overlay, context: Context) -> Files | None:
    """What Starry would write today; None where the templates refuse what stands in the files."""
    images = images_of(image_fields(after[VALUES_FILE].node), context.settings)
    new = NewPreview(preview=preview, overlay=overlay, images=images)
    # Which URL is the right one, the rules say.
    node = after[APPLICATION_FILE].node
    url = text_at(node, "spec", "source", "repoURL") or text_at(node, "spec", "sources", "1", "repoURL")
    context = replace(context, apps_url=url or context.apps_url)
    try:
        texts = {APPLICATION_FILE: render_application(new, context), VALUES_FILE: render_values(new, context)}
        return {file: ReadFile(text=text, node=parse_document(text, file=file)) for file, text in texts.items()}
    except StarryError:
        return None


def _edits(file: str, old: Mapping[str, Any], new: ReadFile, template: Mapping[str, Any]) -> Iterator[ValueChange]:
    before, after, wanted = (dict(_flat(data)) for data in (old, new.data, template))
    for path in dict.fromkeys((*after, *before)):
        was, now = before.get(path, MISSING), after.get(path, MISSING)
        if not same(was, now) and not same(now, wanted.get(path, MISSING)):
            yield ValueChange(
                file=file,
                line=line_of(new.node, *path),
                path=shown_key(path),
                before=_side(path, was),
                after=_side(path, now),
            )


def _flat(data: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf by its path, through maps and lists; an empty one of these is a leaf too."""
    below: Iterable[tuple[str, object]] = ()
    if isinstance(data, dict):
        below = data.items()
    elif isinstance(data, list):
        below = ((str(number), item) for number, item in enumerate(data))
    else:
        yield path, data
    if path and data in ({}, []):
        yield path, data
    for key, value in below:
        yield from _flat(value, (*path, key))


def _is_as_written(before: Files | None, after: Files, rendered: Files) -> bool:
    """Whether no more than values differ.

    A new preview's files are what Starry writes letter by letter; a file that stood there has new values, or its text.
    """
    if before is None:
        return all(after[file].text == rendered[file].text for file in FILES)
    return all(before[file].text == after[file].text or not same(before[file].data, after[file].data) for file in FILES)


def _side(path: Path, value: object) -> str | None:
    return None if value is MISSING else shown_value(path, value)


def shown_key(path: Path) -> str:
    """A path on one line of bounded length."""
    text = join_path(path)
    return _MASKED if secret_shape(text) else shown_path(text)


def masked(text: str) -> str:
    """A text that may repeat what stands in the repository: it is hidden where that looks like a secret."""
    shape = secret_shape(text)
    return f"(hidden: the text looks like {shape})" if shape else text


def shown_value(path: Path, value: object) -> str:
    """A value on one line of bounded length; what looks like a secret, or hangs on a key that names one, is masked."""
    masked = _mask(path, value)
    text = printable(masked if isinstance(masked, str) else _word(masked))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _mask(path: Path, value: object) -> object:
    if isinstance(value, dict):
        return {key: _mask((*path, key), below) for key, below in value.items()}
    if isinstance(value, list):
        return [_mask((*path, str(number)), item) for number, item in enumerate(value)]
    return _MASKED if secret_reason(path, value) else value


def _word(value: object) -> str:
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
