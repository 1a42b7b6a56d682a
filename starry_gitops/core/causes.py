"""From what Argo CD, Kubernetes and the operators say to a cause in plain words, and what to do next."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starry_gitops.core.cause import Cause
from starry_gitops.core.causes_reach import REACH_CAUSES
from starry_gitops.core.causes_sync import SYNC_CAUSES
from starry_gitops.core.causes_workload import WORKLOAD_CAUSES
from starry_gitops.core.texts import shown

_STATES: tuple[Cause, ...] = (
    Cause(
        id="superseded",
        looks="the preview's files have changed again since --commit",
        cause="A later commit changed the preview, so Argo CD deploys that one.",
        next_step="Wait for the later commit: its own pipeline does, or leave --commit out.",
        patience=0,
    ),
    Cause(
        id="being_deleted",
        looks="the Application carries a deletionTimestamp",
        cause="The Application of that name is still being deleted, with all that belongs to it.",
        next_step="Wait until it is gone; where it does not go, starry stuck says what holds it.",
        patience=900,
    ),
    Cause(
        id="self_heal_loop",
        looks="OutOfSync although the last sync succeeded",
        cause="Something in the cluster changes what Argo CD has applied, and Argo CD applies it again.",
        next_step="Look at the differences in Argo CD; add ignoreDifferences for fields that a controller owns.",
        patience=600,
    ),
    Cause(
        id="absent",
        looks="there is no Application of that name",
        cause="The App of Apps has not created the preview's Application yet.",
        next_step="Argo CD looks every few minutes, or at once with a webhook. Look at previews-OVERLAY in Argo CD.",
        patience=None,
    ),
    Cause(
        id="outdated",
        looks="the Application's annotations are those of an earlier commit",
        cause="The App of Apps has not applied the new application.yaml yet.",
        next_step="Argo CD looks every few minutes, or at once with a webhook. Look at previews-OVERLAY in Argo CD.",
        patience=None,
    ),
    Cause(
        id="unseen",
        looks="status.sync names no commit that holds the preview's files",
        cause="Argo CD has not looked at the commit yet.",
        next_step="Argo CD looks every few minutes; a webhook from the forge makes it look at once.",
        patience=None,
    ),
    Cause(
        id="syncing",
        looks="an operation is Running, or asked for",
        cause="Argo CD applies the commit just now.",
        next_step="Wait; the first sync of a preview takes some minutes.",
        patience=None,
    ),
    Cause(
        id="out_of_sync",
        looks="status.sync.status is OutOfSync or Unknown",
        cause="Argo CD has seen the commit, but not applied it yet.",
        next_step="Wait; where it stays, look at the Application's conditions in Argo CD.",
        patience=None,
    ),
    Cause(
        id="progressing",
        looks="health is Progressing or Missing",
        cause="The objects are there, and not all of them run yet.",
        next_step="Wait; where it stays, look at the pods' events and logs.",
        patience=None,
    ),
    Cause(
        id="degraded",
        looks="health is Degraded, for no reason that is known here",
        cause="Some object of the preview has failed.",
        next_step="Open the Application in Argo CD: the red object's events say more.",
        patience=600,
    ),
)

CAUSES: tuple[Cause, ...] = (*SYNC_CAUSES, *WORKLOAD_CAUSES, *REACH_CAUSES, *_STATES)
"""Every cause, the one that tells most first: of several, the first is shown."""

_RANKS: Mapping[str, int] = {cause.id: number for number, cause in enumerate(CAUSES)}
_BY_ID: Mapping[str, Cause] = {cause.id: cause for cause in CAUSES}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A cause and what it was read from: the object, and its words."""

    cause: Cause
    where: str
    words: str

    def __post_init__(self) -> None:
        """What a cluster says may be of any length."""
        object.__setattr__(self, "where", shown(self.where))
        object.__setattr__(self, "words", shown(self.words))


def named(cause: str) -> Cause:
    """The cause of an id."""
    return _BY_ID[cause]


def cause_of(words: str) -> Cause | None:
    """The first cause whose pattern is in the words."""
    return next((cause for cause in CAUSES if cause.pattern and re.search(cause.pattern, words)), None)


def explain(where: str, words: str) -> Found | None:
    """What the words of an object mean; None when nothing is known of them."""
    cause = cause_of(words)
    return None if cause is None else Found(cause=cause, where=where, words=words)


def by_rank(found: Iterable[Found]) -> list[Found]:
    """The most telling first."""
    return sorted(found, key=lambda one: _RANKS[one.cause.id])
