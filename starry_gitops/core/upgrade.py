"""Decides what `upgrade` changes: live previews get what their templates and settings make of them today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from starry_gitops.core.application_edit import existing_changes
from starry_gitops.core.authorship import Written
from starry_gitops.core.check import refuse_findings
from starry_gitops.core.context import Context, Existing, find_existing, folder_of
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.intent import result_of
from starry_gitops.core.inventory import preview_names
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE
from starry_gitops.core.merge import Path, edits_between, merge
from starry_gitops.core.message import compose
from starry_gitops.core.model import Change, Plan, Result, Skipped
from starry_gitops.core.naming import is_label
from starry_gitops.core.paths import join_path
from starry_gitops.core.policy import refuse_taken_name, refuse_unmanaged
from starry_gitops.core.preview_files import NewPreview, render_application, render_values
from starry_gitops.core.settings import Overlay
from starry_gitops.core.texts import printable
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.core.yamltext import Node, parse_document, plain, text_at
from starry_gitops.errors import NotFound, StarryError

Authorship = Mapping[tuple[str, str], Written]
"""What Starry wrote, by overlay and preview."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """What `upgrade` wants.

    Attributes:
        overlays: the overlays' names; None is the default one.
        names: the previews; None is all of them. One that is in none of the overlays is an error.
        owner: only this owner's.
        labels: only those whose Application has these labels.
        batch: at most so many in this commit, the oldest first; None is no limit.
    """

    overlays: tuple[str | None, ...] = (None,)
    names: tuple[str, ...] | None = None
    owner: str | None = None
    labels: Mapping[str, str] | None = None
    batch: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Places of a preview's files where a person's change stands against the template."""

    name: str
    overlay: str
    paths: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgraded:
    """How many were looked at, which are brought up to date, and how many are left for a further batch."""

    checked: int
    updated: tuple[Result, ...]
    remaining: int
    kept: tuple[Kept, ...]
    skipped: tuple[Skipped, ...]

    @property
    def outdated(self) -> int:
        """How many were not up to date."""
        return len(self.updated) + self.remaining


@dataclass(frozen=True, kw_only=True, slots=True)
class _Renewed:
    existing: Existing
    changes: tuple[Change, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    path: str
    text: str
    node: Node


def plan_upgrade(intent: Upgrade, context: Context, authorship: Authorship) -> Plan[Upgraded]:
    """One change set for all that are out of date. One that is broken, or would break a rule, is skipped.

    Raises:
        NotFound: a preview or an overlay does not exist.
    """
    context = replace(context, template=cache(context.template))
    renewed, skipped, checked = list[_Renewed](), list[Skipped](), 0
    for overlay, names in selected_names(intent, context).items():
        for name in names:
            found = _renew(name, intent, context, overlay, authorship)
            checked += found is not None
            if isinstance(found, Skipped):
                skipped.append(found)
            elif found is not None:
                renewed.append(found)
    outdated = sorted((one for one in renewed if one.changes), key=_age)
    now = outdated[: intent.batch]
    answer = Upgraded(
        checked=checked,
        updated=tuple(_result(one, context) for one in now),
        remaining=len(outdated) - len(now),
        kept=tuple(_kept(one) for one in renewed if one.kept),
        skipped=tuple(skipped),
    )
    changes = tuple(change for one in now for change in one.changes)
    return Plan(changes=changes, message=_message(answer, context.version) if changes else "", answer=answer)


def _age(one: _Renewed) -> tuple[datetime, str]:
    return one.existing.preview.created_at, one.existing.preview.name


def selected_names(intent: Upgrade, context: Context) -> dict[Overlay, list[str]]:
    """The previews of each overlay that are meant by name.

    Raises:
        NotFound: one that was named is in none of the overlays, or there is no such overlay.
    """
    overlays = list(map(context.settings.overlay, dict.fromkeys(intent.overlays)))
    present = {overlay: preview_names(context, overlay) for overlay in overlays}
    if intent.names is None:
        return present
    found = {overlay: set(names) for overlay, names in present.items()}
    for name in intent.names:
        if not any(name in names for names in found.values()):
            where = ", ".join(overlay.name for overlay in overlays)
            raise NotFound(f"no preview {name} in overlay {where}", hint="starry list shows what there is")
    wanted = dict.fromkeys(intent.names)
    return {overlay: [name for name in wanted if name in names] for overlay, names in found.items()}


def _renew(
    name: str, intent: Upgrade, context: Context, overlay: Overlay, authorship: Authorship
) -> _Renewed | Skipped | None:
    """The preview as it should be today; None when the selector does not mean it."""
    if not is_label(name):
        return Skipped(name=printable(name), reason="not a preview's name")
    try:
        existing = find_existing(context, overlay, name)
        if existing is None or not _is_meant(existing, intent):
            return None
        refuse_unmanaged(existing.preview)
        return _plan(existing, context, authorship.get((overlay.name, name)))
    except StarryError as error:
        return Skipped(name=name, reason=error.message)


def _is_meant(existing: Existing, intent: Upgrade) -> bool:
    labels = (intent.labels or {}).items()
    return (intent.owner is None or existing.preview.owner == intent.owner) and all(
        text_at(existing.application_node, "metadata", "labels", key) == value for key, value in labels
    )


def _plan(existing: Existing, context: Context, written: Written | None) -> _Renewed:
    preview, overlay = existing.preview, existing.overlay
    start = _with_url(context, existing)
    images = images_of(image_fields(existing.values_node), context.settings)
    new = NewPreview(preview=preview, overlay=overlay, images=images)
    folder = folder_of(overlay, preview.name)
    application, kept = _merged(
        _File(path=f"{folder}/{APPLICATION_FILE}", text=existing.application, node=existing.application_node),
        render_application(new, start),
        written,
    )
    values, more = _merged(
        _File(path=f"{folder}/{VALUES_FILE}", text=existing.values, node=existing.values_node),
        render_values(new, start),
        written,
    )
    changes = existing_changes(existing, application, values)
    if changes:
        refuse_taken_name(start, overlay, preview.name)
        refuse_findings(start, overlay, preview.name, application, values, existing)
    return _Renewed(existing=existing, changes=changes, kept=(*kept, *more))


def _with_url(context: Context, existing: Existing) -> Context:
    """Unless the settings say how Argo CD reaches the repository, the preview's own URL stays: ours may be another."""
    node = existing.application_node
    url = text_at(node, "spec", "source", "repoURL") or text_at(node, "spec", "sources", "1", "repoURL")
    return replace(context, apps_url=url) if url else context


def _merged(file: _File, template: str, written: Written | None) -> tuple[str, list[str]]:
    """The file's text as it should be, and the places where a person's change stands against the template."""
    name = file.path.rpartition("/")[2]
    current, wanted = _data(file.node), _data(parse_document(template, file=file.path))
    own = written.own if written and name == VALUES_FILE else frozenset[Path]()
    merged = merge(current, wanted, written.leaves[name] if written else None, own)
    kept = [f"{name}: {join_path(place)}" for place in merged.kept]
    return edit_yaml(file.text, edits_between(current, merged.data), file=file.path), kept


def _data(node: Node) -> dict[str, Any]:
    data = plain(node)
    return data if isinstance(data, dict) else {}


def _result(one: _Renewed, context: Context) -> Result:
    existing = one.existing
    images = images_of(image_fields(existing.values_node), context.settings)
    return result_of("updated", existing.preview, images, context, existing.overlay)


def _kept(one: _Renewed) -> Kept:
    preview = one.existing.preview
    return Kept(name=preview.name, overlay=preview.overlay, paths=one.kept)


def _message(answer: Upgraded, version: str) -> str:
    overlays = list(dict.fromkeys(result.overlay for result in answer.updated))
    count = len(answer.updated)
    subject = f"previews({','.join(overlays)}): upgrade {count} preview{'' if count == 1 else 's'}"
    return compose(subject, _body(answer), _trailers(answer, overlays, version))


def _body(answer: Upgraded) -> Iterator[str]:
    kept = {(one.overlay, one.name): one.paths for one in answer.kept}
    for result in answer.updated:
        paths = kept.get((result.overlay, result.name))
        yield f"{result.name}: kept {', '.join(paths)}" if paths else result.name


def _trailers(answer: Upgraded, overlays: list[str], version: str) -> Iterator[tuple[str, str]]:
    yield "Starry-Action", "upgrade"
    for result in answer.updated:
        yield "Starry-Preview", result.name
    for overlay in overlays:
        yield "Starry-Overlay", overlay
    yield "Starry-Version", version
