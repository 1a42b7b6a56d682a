"""What happens to one preview: its files before and after, as a reviewer would tell it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.manifest import APPLICATION_FILE, FILES, VALUES_FILE, UnreadableAnnotation, read_preview
from starry_gitops.core.model import Preview, Snapshot
from starry_gitops.core.review_model import Facts, ImageChange, PreviewReview, ReviewAction
from starry_gitops.core.review_values import HandEdits, ReadFile, hand_edits, masked
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.texts import shown
from starry_gitops.core.tree_changes import TreeChange, shown_path
from starry_gitops.core.ttl import is_expired
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.core.yamltext import leaves, parse_document
from starry_gitops.errors import InvalidRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One commit's files of a preview, as far as they can be read; `preview` None: they say nothing that is sure."""

    files: Mapping[str, ReadFile]
    preview: Preview | None = None


def read_side(snapshot: Snapshot, overlay: Overlay, name: str) -> Side:
    """What a commit says of a preview. Whatever cannot be read is left out: the rules name it."""
    paths = {file: f"{folder_of(overlay, name)}/{file}" for file in FILES}
    contents = snapshot.read_many(list(paths.values()))
    files: dict[str, ReadFile] = {}
    for file, path in paths.items():
        try:
            data = contents.get(path, b"")
            files[file] = ReadFile(node=parse_document(data, file=path), text=data.decode())
        except InvalidRepository:
            continue
    return Side(files=files, preview=_preview(files, overlay, name))


def _preview(files: Mapping[str, ReadFile], overlay: Overlay, name: str) -> Preview | None:
    if files.keys() != FILES:
        return None
    fields = {path: leaf.value for path, leaf in leaves(files[APPLICATION_FILE].node)}
    try:
        return read_preview(fields, name=name, overlay=overlay.name)
    except UnreadableAnnotation:
        return None


def review_preview(
    change: TreeChange, overlay: Overlay, context: Context, fork: Snapshot, head: Snapshot, *, contested: bool
) -> PreviewReview:
    """One changed folder of previews."""
    name = change.path.rpartition("/")[2]
    was, now = _is_folder(change.before), _is_folder(change.after)
    before = read_side(fork, overlay, name) if was else Side(files={})
    after = read_side(head, overlay, name) if now else Side(files={})
    facts = _facts(before, context.settings), _facts(after, context.settings)
    edits = _hand_edits(before, after, overlay, context, is_new=not was)
    images = tuple(_images(*facts))
    action: ReviewAction = "changed" if was and now else ("added" if now else "removed")
    return PreviewReview(
        name=shown_path(name),
        overlay=overlay.name,
        action=action,
        before=facts[0],
        after=facts[1],
        events=tuple(_events(action, *facts, images, edits, context.now)),
        images=images,
        edits=edits.shown,
        more_edits=edits.more,
        layout_only=edits.layout_only,
        contested=contested,
    )


def _is_folder(entry: object) -> bool:
    return getattr(entry, "kind", "") == "folder"


def _facts(side: Side, settings: Settings) -> Facts | None:
    preview = side.preview
    if preview is None:
        return None
    images = images_of(image_fields(side.files[VALUES_FILE].node), settings)
    return Facts(
        expires_at=preview.expires_at,
        ttl_minutes=preview.ttl_minutes,
        pinned=preview.pinned,
        owner=_text(preview.owner),
        pull_request=_text(preview.pull_request),
        branch=_text(preview.branch),
        images={component: masked(shown(image.reference)) for component, image in images.items()},
    )


def _text(value: str | None) -> str | None:
    return None if value is None else masked(shown(value))


def _hand_edits(before: Side, after: Side, overlay: Overlay, context: Context, *, is_new: bool) -> HandEdits:
    if after.preview is None or (not is_new and before.files.keys() != FILES):
        return HandEdits()
    return hand_edits(None if is_new else before.files, after.files, after.preview, overlay, context)


def _images(before: Facts | None, after: Facts | None) -> Iterator[ImageChange]:
    old, new = (facts.images if facts else {} for facts in (before, after))
    for component in dict.fromkeys((*new, *old)):
        if old.get(component) != new.get(component):
            yield ImageChange(component=component, before=old.get(component), after=new.get(component))


def _events(
    action: ReviewAction,
    before: Facts | None,
    after: Facts | None,
    images: tuple[ImageChange, ...],
    edits: HandEdits,
    now: datetime,
) -> Iterator[str]:
    if action == "removed":
        yield from _last_words(before, now)
    elif action == "added":
        yield from ["pinned"] if after and after.pinned else []
    elif before and after:
        yield from _differences(before, after)
    if action == "changed" and images:
        yield "images"
    if edits.shown or edits.layout_only:
        yield "edited by hand"


def _last_words(before: Facts | None, now: datetime) -> Iterator[str]:
    """Whether it was due: a person who removes one before its time should be seen."""
    if before and before.pinned:
        yield "was pinned"
    elif before:
        yield "had expired" if is_expired(before.expires_at, now) else "before its expiry"


def _differences(before: Facts, after: Facts) -> Iterator[str]:
    if before.expires_at != after.expires_at:
        yield "renewed" if after.expires_at > before.expires_at else "shortened"
    if before.pinned != after.pinned:
        yield "pinned" if after.pinned else "unpinned"
    if before.owner != after.owner:
        yield "owner"
    if (before.pull_request, before.branch) != (after.pull_request, after.branch):
        yield "source"
