"""Decides what `apply --prune` removes: previews in its scope that the list does not name, within the caps of gc."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from starry_gitops.core.caps import Share, refuse_too_many
from starry_gitops.core.collect import second_look
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.inventory import read_previews
from starry_gitops.core.model import Change, Preview, Skipped
from starry_gitops.core.pull_requests import PullRequestStates, count_repositories
from starry_gitops.core.remove import removal_changes
from starry_gitops.core.settings import Overlay
from starry_gitops.core.yamltext import text_at
from starry_gitops.errors import InvalidRepository, TooManyDeletions


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The previews that a list speaks for. What is not None must hold.

    `labels` are those of the Application. With `pull_requests`, only a preview whose own is known, and closed, is in
    scope.
    """

    owner: str | None = None
    labels: Mapping[str, str] | None = None
    pull_requests: PullRequestStates | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Prune:
    """Remove what is in scope and not listed. `max_deletes` None is the policy's; `force` lifts the caps."""

    scope: Scope
    max_deletes: int | None = None
    force: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Spared:
    """A preview that stays because it cannot be told whether it may go, and why."""

    name: str
    overlay: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """What goes, by overlay, and what was spared."""

    changes: tuple[Change, ...]
    going: tuple[Preview, ...]
    spared: tuple[Spared, ...]


def plan_prune(prune: Prune, listed: Mapping[str, AbstractSet[str]], context: Context) -> Pruned:
    """What goes from each overlay, by the names that the list has for it.

    Raises:
        TooManyDeletions: the list is empty, or more would go than the caps allow.
    """
    if not any(listed.values()):
        raise TooManyDeletions("the list is empty: nothing is pruned", hint="starry delete removes previews by name")
    rounds = [_judge(prune.scope, context.settings.overlay(name), names, context) for name, names in listed.items()]
    if not prune.force:
        shares = [Share(overlay=one.overlay.name, going=len(one.going), present=one.present) for one in rounds]
        refuse_too_many(shares, "are not on the list", context.settings.policy.gc, prune.max_deletes)
    changes = [
        change
        for one in rounds
        for change in removal_changes(context, one.overlay, [preview.name for preview in one.going])
    ]
    return Pruned(
        changes=tuple(changes),
        going=tuple(preview for one in rounds for preview in one.going),
        spared=tuple(
            Spared(name=item.name, overlay=one.overlay.name, reason=item.reason)
            for one in rounds
            for item in one.skipped
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    overlay: Overlay
    present: int
    going: tuple[Preview, ...]
    skipped: tuple[Skipped, ...]


def _judge(scope: Scope, overlay: Overlay, listed: AbstractSet[str], context: Context) -> _Round:
    previews = list(read_previews(context, overlay))
    repositories = count_repositories(found.pull_request for found in previews if isinstance(found, Preview))
    verdicts = [
        found if isinstance(found, Skipped) else _verdict(found, scope, overlay, context, repositories)
        for found in previews
        if found.name not in listed
    ]
    return _Round(
        overlay=overlay,
        present=len(previews),
        going=tuple(one for one in verdicts if isinstance(one, Preview)),
        skipped=tuple(one for one in verdicts if isinstance(one, Skipped)),
    )


def _verdict(
    found: Preview, scope: Scope, overlay: Overlay, context: Context, repositories: int
) -> Preview | Skipped | None:
    """The preview itself when it may go, why that cannot be told, or None when it stays."""
    if not found.managed or found.pinned:
        return None
    if scope.owner is not None and found.owner != scope.owner:
        return None
    states = scope.pull_requests
    if states is not None and not states.is_closed(found.pull_request, one_repository=repositories <= 1):
        return None
    try:
        has_labels = not scope.labels or _has_labels(found, scope.labels, overlay, context)
    except InvalidRepository as error:
        return Skipped(name=found.name, reason=error.message)
    return (second_look(found, overlay, context) or found) if has_labels else None


def _has_labels(preview: Preview, labels: Mapping[str, str], overlay: Overlay, context: Context) -> bool:
    existing = find_existing(context, overlay, preview.name)
    node = existing.application_node if existing else None
    return node is not None and all(text_at(node, "metadata", "labels", key) == value for key, value in labels.items())
