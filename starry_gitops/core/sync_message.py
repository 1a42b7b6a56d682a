"""The commit message of a sync."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.message import compose, set_trailers
from starry_gitops.core.model import ValueEdit

SyncAction = Literal["created", "updated", "renewed", "removed"]
SYNC_ACTIONS: tuple[SyncAction, ...] = ("created", "updated", "renewed", "removed")

COMMIT_TRAILER = "Starry-Commit"
"""For which head commit a preview was made: so that one that has expired is not made again for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What becomes of one preview. `about` is its pull request, or why it goes; `commit` the head commit it is of."""

    name: str
    overlay: str
    action: SyncAction
    about: str
    commit: str | None = None
    edits: tuple[ValueEdit, ...] = ()


def message_of(done: Sequence[Done], version: str) -> str:
    """Subject, a line for each preview, and the trailers."""
    counts = [f"{count} {action}" for action in SYNC_ACTIONS if (count := sum(one.action == action for one in done))]
    overlays = list(dict.fromkeys(one.overlay for one in done))
    body = [f"{one.name}: {one.action}, {one.about}" for one in done]
    return compose(f"previews({','.join(overlays)}): sync, {', '.join(counts)}", body, _trailers(done, version))


def _trailers(done: Sequence[Done], version: str) -> Iterator[tuple[str, str]]:
    yield "Starry-Action", "sync"
    for one in done:
        yield "Starry-Preview", one.name
    for one in done:
        if one.commit:
            yield COMMIT_TRAILER, f"{one.name} {one.commit}"
        yield from set_trailers(one.name, one.edits)
    for overlay in dict.fromkeys(one.overlay for one in done):
        yield "Starry-Overlay", overlay
    yield "Starry-Version", version
