"""Decides, from what Argo CD, the cluster or the URLs say, whether a preview is ready, may become so, or will not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from starry_gitops.core.causes import Found, by_rank, explain, named
from starry_gitops.core.context import Existing
from starry_gitops.core.health import Application, Page, Sign
from starry_gitops.core.manifest import CREATED_AT, EXPIRES_AT
from starry_gitops.core.yamltext import text_at

State = Literal["ready", "waiting", "failed"]

# How long what Argo CD says may still be about an earlier commit: it looks every three minutes, with jitter.
_STALE = timedelta(seconds=240)
# Events from before the commit are about what ran before; clocks differ a little.
_CLOCKS = timedelta(seconds=60)
_OK = frozenset(range(200, 400)) | {401, 403}
_QUIET_CONDITIONS = frozenset({"OrphanedResourceWarning", "RepeatedResourceWarning", "ExcludedResourceWarning"})
_FAILED = frozenset({"Failed", "Error"})
# The name by which value files refer to the apps repository.
_VALUES = "values"
_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """What is waited for: a preview as a commit left it. Times are UTC, texts as the manifest's annotations hold them.

    `committed_at` None: it is not known when.
    """

    name: str
    created_at: str
    expires_at: str
    committed_at: datetime | None


def goal_of(existing: Existing, committed_at: datetime | None) -> Goal:
    """A preview as it stands is what is waited for."""
    node = existing.application_node
    return Goal(
        name=existing.preview.name,
        created_at=text_at(node, "metadata", "annotations", CREATED_AT) or "",
        expires_at=text_at(node, "metadata", "annotations", EXPIRES_AT) or "",
        committed_at=committed_at,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One look. `holds`: whether the revision that Argo CD compares with holds the preview's files as they should be.

    `parent` is the App of Apps, looked at while the Application is not what the commit says.
    """

    application: Application | None = None
    holds: bool = False
    parent: Application | None = None
    signs: tuple[Sign, ...] = ()
    pages: tuple[Page, ...] | None = None
    asked_cluster: bool = True
    superseded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a look comes to; `found` holds all causes, the most telling first; the first one is the reason."""

    state: State
    found: tuple[Found, ...] = ()


Memory = Mapping[str, datetime]
"""Since when each cause has been seen without a break."""


def judge(goal: Goal, seen: Observation, memory: Memory, now: datetime) -> tuple[Verdict, Memory]:
    """What the look comes to, and what to remember for the next one."""
    found = by_rank(_causes(goal, seen))
    remembered = {one.cause.id: memory.get(one.cause.id, now) for one in found}
    if not found:
        return Verdict(state="ready"), remembered
    more = timedelta() if _is_current(goal, seen) else _STALE
    lasting = [one for one in found if _lasts(one, remembered[one.cause.id], now, more)]
    others = [one for one in found if one not in lasting]
    state: State = "failed" if lasting else "waiting"
    return Verdict(state=state, found=tuple(dict.fromkeys([*lasting, *others]))), remembered


def _lasts(found: Found, since: datetime, now: datetime, more: timedelta) -> bool:
    patience = found.cause.patience
    if patience is None:
        return False
    extra = timedelta() if found.cause.id == "superseded" else more
    return now - since >= timedelta(seconds=patience) + extra


def _is_current(goal: Goal, seen: Observation) -> bool:
    """Whether what is said is surely about the commit: Argo CD names it, or only knows the preview since then."""
    application = seen.application
    if seen.holds or application is None:
        return seen.holds
    return goal.committed_at is not None and application.created_at >= goal.committed_at


def _causes(goal: Goal, seen: Observation) -> Iterator[Found]:
    if seen.superseded:
        yield _state("superseded", goal.name)
    if seen.asked_cluster:
        yield from _cluster_causes(goal, seen)
    for page in seen.pages or ():
        yield from _page_causes(page)


def _cluster_causes(goal: Goal, seen: Observation) -> Iterator[Found]:
    application = seen.application
    if application is None:
        yield from _parent_causes(seen.parent)
        yield _state("absent", goal.name)
    elif application.deleting_since is not None:
        yield _state("being_deleted", goal.name, f"held by {', '.join(application.finalizers) or 'no finalizer'}")
    elif is_outdated(goal, application):
        yield from _parent_causes(seen.parent)
        yield _state("outdated", goal.name)
    else:
        yield from _application_causes(goal, application, seen)


def is_outdated(goal: Goal, application: Application) -> bool:
    """Whether the Application is not yet the one of the commit."""
    wanted = {CREATED_AT: goal.created_at, EXPIRES_AT: goal.expires_at}
    return any(application.annotations.get(key) != value for key, value in wanted.items())


def is_settled(application: Application) -> bool:
    """Whether Argo CD has done what it wanted, and looked again since: before that, its health is an older one's."""
    operation = application.operation
    if application.is_pending or (operation is not None and operation.phase in {"Running", "Terminating"}):
        return False
    if operation is None or operation.finished_at is None:
        return True
    return application.reconciled_at is not None and application.reconciled_at >= operation.finished_at


def _application_causes(goal: Goal, application: Application, seen: Observation) -> Iterator[Found]:
    where = f"Application {application.name}"
    is_fine = (application.sync, application.health) == ("Synced", "Healthy")
    if seen.holds and is_settled(application) and is_fine:
        return
    yield from condition_causes(application)
    if not seen.holds:
        yield _state("unseen", goal.name)
    yield from _sync_causes(application, where)
    if application.health != "Healthy":
        yield from _health_causes(goal, application, seen)


def condition_causes(application: Application) -> Iterator[Found]:
    """What the conditions of an Application mean."""
    for condition in application.conditions:
        if condition.type not in _QUIET_CONDITIONS:
            found = explain(f"Application {application.name}", f"{condition.type}: {condition.message}")
            if found is not None:
                yield found


def _sync_causes(application: Application, where: str) -> Iterator[Found]:
    operation = application.operation
    if operation is not None and operation.phase != "Succeeded":
        found = explain(where, operation.message)
        if found is not None:
            yield found
        elif operation.phase in _FAILED:
            yield Found(cause=named("sync_failed"), where=where, words=operation.message)
    if not is_settled(application):
        yield _state("syncing", application.name)
    elif application.sync != "Synced":
        succeeded = operation is not None and operation.phase == "Succeeded"
        is_loop = succeeded and operation is not None and operation.revisions == application.revisions
        yield _state("self_heal_loop" if is_loop and application.sync == "OutOfSync" else "out_of_sync", where)


def _health_causes(goal: Goal, application: Application, seen: Observation) -> Iterator[Found]:
    for sign in (*_resource_signs(application), *seen.signs):
        if goal.committed_at is None or sign.at is None or sign.at >= goal.committed_at - _CLOCKS:
            found = explain(sign.where, sign.text)
            if found is not None:
                yield found
    cause = "degraded" if application.health == "Degraded" else "progressing"
    yield _state(cause, application.name, f"health is {application.health}")


def _resource_signs(application: Application) -> Iterator[Sign]:
    for resource in application.resources:
        if resource.message and resource.health not in {"", "Healthy"}:
            yield Sign(where=f"{resource.kind} {resource.name}", text=resource.message)


def _parent_causes(parent: Application | None) -> Iterator[Found]:
    """Why the App of Apps brings nothing new: its own conditions, and a sync of its own that failed."""
    if parent is None:
        return
    yield from condition_causes(parent)
    operation = parent.operation
    if operation is not None and operation.phase in _FAILED:
        where = f"Application {parent.name}"
        yield explain(where, operation.message) or Found(
            cause=named("sync_failed"), where=where, words=operation.message
        )


def _page_causes(page: Page) -> Iterator[Found]:
    if page.status in _OK:
        return
    words = f"no answer: {page.problem}" if page.status is None else f"HTTP {page.status} {page.words}"
    yield explain(page.url, words) or Found(cause=named("url_refused"), where=page.url, words=words)


def _state(cause: str, name: str, words: str = "") -> Found:
    where = name if name.startswith("Application ") else f"Application {name}"
    return Found(cause=named(cause), where=where, words=words or named(cause).looks)


def revision_of(application: Application, repo_url: str) -> str | None:
    """The commit of the apps repository that Argo CD compares with; None while it names none.

    With several sources each has its revision, in the order of the sources. The apps repository is the one that value
    files refer to.
    """
    if len(application.revisions) != len(application.sources):
        return None
    pairs = list(zip(application.sources, application.revisions, strict=True))
    named_values = [revision for source, revision in pairs if source.ref == _VALUES]
    own = [revision for source, revision in pairs if same_repository(source.repo_url, repo_url)]
    alone = [revision for _, revision in pairs] if len(pairs) == 1 else []
    found = next(iter([*named_values, *own, *alone]), "")
    return found if _COMMIT.fullmatch(found) else None


def same_repository(one: str, other: str) -> bool:
    """Whether two URLs differ in a slash or `.git` at the end at most."""
    return one.rstrip("/").removesuffix(".git") == other.rstrip("/").removesuffix(".git")
