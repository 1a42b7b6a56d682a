"""What an Application manifest says about its preview: the names of the annotations, and reading them."""

import re
from collections.abc import Mapping
from datetime import datetime

from starry_gitops.core.model import Preview
from starry_gitops.core.ttl import LONGEST, parse_instant
from starry_gitops.core.yamltext import Node, Plain, leaves, line_of, parse_document
from starry_gitops.errors import InvalidRepository, UsageFault

CREATED_AT = "starry.env/created-at"
EXPIRES_AT = "starry.env/expires-at"
TTL_MINUTES = "starry.env/ttl-minutes"
OWNER = "starry.env/owner"
PULL_REQUEST = "starry.env/pull-request"
BRANCH = "starry.env/branch"
COMMIT = "starry.env/commit"
SEQUENCE = "starry.env/sequence"
PINNED = "starry.env/pinned"
GENERATE_PATHS = "argocd.argoproj.io/manifest-generate-paths"

MANAGED_BY = "app.kubernetes.io/managed-by"
PART_OF = "app.kubernetes.io/part-of"
ENV_LABEL = "starry.env"
FINALIZER = "resources-finalizer.argocd.argoproj.io"

APPLICATION_FILE = "application.yaml"
VALUES_FILE = "values.yaml"
KEEP_FILE = "keep.yaml"
FILES = frozenset({APPLICATION_FILE, VALUES_FILE})

Fields = Mapping[tuple[str, ...], Plain]

_ANNOTATIONS = ("metadata", "annotations")
_LABELS = ("metadata", "labels")
_YEARS = (2000, 2999)
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


def annotation(fields: Fields, key: str) -> str | None:
    """An annotation's text; numbers and booleans that a person left unquoted are no text and give None."""
    value = fields.get((*_ANNOTATIONS, key))
    return value if isinstance(value, str) else None


def is_managed(fields: Fields) -> bool:
    """True when the manifest carries Starry's `managed-by` label."""
    return fields.get((*_LABELS, MANAGED_BY)) == "starry"


def is_preview_field(path: tuple[str, ...]) -> bool:
    """True for the fields that `read_preview` needs."""
    return path[:2] in (_ANNOTATIONS, _LABELS)


def read_preview(fields: Fields, *, name: str, overlay: str) -> Preview:
    """The preview that a manifest's fields describe.

    Raises:
        UsageFault: an annotation that decides about expiry is missing or cannot be read; it names the annotation.
    """
    return Preview(
        name=name,
        overlay=overlay,
        namespace=name,
        created_at=_instant(fields, CREATED_AT),
        expires_at=_instant(fields, EXPIRES_AT),
        ttl_minutes=_number(fields, TTL_MINUTES),
        pinned=_pinned(fields),
        managed=is_managed(fields),
        owner=_printable(fields, OWNER),
        pull_request=_printable(fields, PULL_REQUEST),
        branch=_printable(fields, BRANCH),
        commit=_printable(fields, COMMIT),
        sequence=_number(fields, SEQUENCE) if (*_ANNOTATIONS, SEQUENCE) in fields else None,
    )


def parse_preview(data: bytes, *, name: str, overlay: str, file: str) -> tuple[Node, Preview]:
    """Strictly reads a manifest.

    Raises:
        InvalidRepository: broken YAML or unreadable annotations; names file and line.
    """
    node = parse_document(data, file=file)
    fields = {path: leaf.value for path, leaf in leaves(node) if is_preview_field(path)}
    try:
        return node, read_preview(fields, name=name, overlay=overlay)
    except UnreadableAnnotation as error:
        line = line_of(node, *_ANNOTATIONS, error.annotation)
        raise InvalidRepository(error.message, file=file, line=line, hint=error.hint) from None


class UnreadableAnnotation(UsageFault):
    """An annotation is missing or has no readable value; `annotation` is its key."""

    def __init__(self, annotation: str, problem: str) -> None:
        super().__init__(f"annotation {annotation} {problem}", hint="repair the manifest, or delete the preview")
        self.annotation = annotation


def _needed(fields: Fields, key: str) -> str:
    path = (*_ANNOTATIONS, key)
    if path not in fields:
        raise UnreadableAnnotation(key, "is missing")
    value = fields[path]
    if not isinstance(value, str):
        raise UnreadableAnnotation(key, f"must be a quoted string, not {value!r}")
    return value


def _printable(fields: Fields, key: str) -> str | None:
    text = annotation(fields, key)
    if text is not None and not text.isprintable():
        raise UnreadableAnnotation(key, "holds a control character")
    return text


def _instant(fields: Fields, key: str) -> datetime:
    text = _needed(fields, key)
    try:
        instant = parse_instant(text)
    except UsageFault as error:
        raise UnreadableAnnotation(key, f"cannot be read: {error.message}") from None
    if not _YEARS[0] <= instant.year <= _YEARS[1]:
        raise UnreadableAnnotation(key, f"cannot be right: the year is {instant.year}")
    return instant


def _number(fields: Fields, key: str) -> int:
    text = _needed(fields, key)
    if not _DIGITS.fullmatch(text):
        raise UnreadableAnnotation(key, f"cannot be read: {text!r} is not a whole number")
    number = int(text)
    if key == TTL_MINUTES and not 0 < number <= LONGEST:
        raise UnreadableAnnotation(key, f"cannot be right: {number} minutes")
    return number


def _pinned(fields: Fields) -> bool:
    if (*_ANNOTATIONS, PINNED) not in fields:
        return False
    text = _needed(fields, PINNED)
    if text not in {"true", "false"}:
        raise UnreadableAnnotation(PINNED, f'cannot be read: {text!r} is neither "true" nor "false"')
    return text == "true"
