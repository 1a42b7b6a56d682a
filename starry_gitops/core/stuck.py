"""Finds what should be gone and is not, what nobody asked for, and what never came to run; each with a command.

The commands are for a person to read and run. Every name in them is quoted for a POSIX shell: it may be anybody's.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from starry_gitops.core.causes import by_rank, explain
from starry_gitops.core.health import Application, Held, Namespace
from starry_gitops.core.naming import is_label
from starry_gitops.core.settings import Overlay
from starry_gitops.core.stuck_namespaces import apiservice_of, what_holds
from starry_gitops.core.texts import shown
from starry_gitops.core.waiting import condition_causes

Kind = Literal[
    "application_deleting",
    "application_without_file",
    "namespace_terminating",
    "namespace_without_file",
    "object_held",
    "not_deployed",
    "not_healthy",
]

KINDS: Mapping[Kind, str] = {
    "application_deleting": "an Application that is being deleted and does not go",
    "application_without_file": "an Application of Starry's without a file in Git",
    "namespace_terminating": "a preview's namespace that is being deleted and does not go",
    "namespace_without_file": "a preview's namespace without a file in Git and without an Application",
    "object_held": "an object that holds a namespace: a load balancer, a certificate, a volume",
    "not_deployed": "a preview that stands in Git, and Argo CD has no Application of it",
    "not_healthy": "a preview that stands in Git and does not run",
}
"""What is looked for."""

# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_NO_FINALIZERS = '{"metadata":{"finalizers":null}}'
_REFRESH = "argocd.argoproj.io/refresh=normal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stuck:
    """One thing: since when (UTC), why as far as that is known, and the command that resolves it."""

    kind: Kind
    name: str
    overlay: str
    since: datetime
    why: str
    command: str

    def __post_init__(self) -> None:
        """What a cluster says may be of any length."""
        object.__setattr__(self, "why", shown(self.why))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A preview that stands in Git, and since when."""

    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """What Git and the cluster hold for one overlay.

    `projects` says of each AppProject whether it exists. `namespaces` None: they cannot be seen. `left_at`: when the
    last commit took a preview's files away. `shared`: names that other overlays of the same cluster have.
    """

    overlay: Overlay
    wanted: Mapping[str, Wanted]
    applications: Sequence[Application]
    namespaces: Sequence[Namespace] | None
    parent: Application | None
    projects: Mapping[str, bool]
    left_at: Mapping[str, datetime]
    shared: frozenset[str] = frozenset()


def find_stuck(world: World, now: datetime, older_than: timedelta) -> list[Stuck]:
    """Everything that has been so for longer than is patient, the oldest first."""
    found = [*_deleting(world), *_orphans(world), *_namespaces(world, now), *_wanted(world)]
    return sorted((one for one in found if now - one.since >= older_than), key=lambda one: (one.since, one.name))


def _deleting(world: World) -> Iterator[Stuck]:
    for one in world.applications:
        if one.deleting_since is not None:
            why, command = _deletion(world, one)
            yield _stuck(world, "application_deleting", one.name, one.deleting_since, why, command)


def _deletion(world: World, one: Application) -> tuple[str, str]:
    if world.projects.get(one.project) is False:
        why = f"its AppProject {one.project} is gone, so Argo CD can never finish"
        return why, command("kubectl", "apply", "-n", world.overlay.argocd_namespace, "-f", "base/appprojects.yaml")
    held_by = ", ".join(one.finalizers) or "nothing"
    namespace = next((it for it in world.namespaces or () if it.name == one.destination_namespace), None)
    if namespace is not None and namespace.deleting_since is not None:
        why = f"held by {held_by}: its namespace {namespace.name} is still being deleted"
        return why, _release_of(namespace)
    reason = next(iter(by_rank(condition_causes(one))), None)
    more = f"; {reason.words}" if reason else ""
    return f"held by {held_by}{more}", release("application.argoproj.io", one.name, one.namespace)


def _orphans(world: World) -> Iterator[Stuck]:
    """Pruning is the App of Apps' work: why it does not is said, and what removes the Application all the same."""
    for one in world.applications:
        if one.name in world.wanted or one.name in world.shared or one.deleting_since is not None:
            continue
        since = world.left_at.get(one.name, one.created_at)
        why = "no file in Git" + _parent_words(world.parent)
        remove = command("kubectl", "delete", "application.argoproj.io", one.name, "-n", one.namespace)
        yield _stuck(world, "application_without_file", one.name, since, why, remove)


def _parent_words(parent: Application | None) -> str:
    if parent is None:
        return ", and no App of Apps that would remove it"
    reason = next(iter(by_rank(condition_causes(parent))), None)
    if reason is not None:
        return f"; {parent.name} does not remove it: {reason.words}"
    return f"; {parent.name} is {parent.sync} and has not removed it"


def _namespaces(world: World, now: datetime) -> Iterator[Stuck]:
    applications = {one.destination_namespace for one in world.applications}
    for one in world.namespaces or ():
        if one.deleting_since is not None:
            why = what_holds(one, now)
            yield _stuck(world, "namespace_terminating", one.name, one.deleting_since, why, _release_of(one))
            for held in one.held[1:]:
                why = f"{held.resource} {held.name}: held by {', '.join(held.finalizers)}"
                yield _stuck(world, "object_held", one.name, held.since, why, _release(held))
        elif one.name not in world.wanted and one.name not in applications and one.name not in world.shared:
            since = world.left_at.get(one.name, one.created_at)
            remove = command("kubectl", "delete", "namespace", one.name)
            yield _stuck(world, "namespace_without_file", one.name, since, "no file in Git and no Application", remove)


def _release_of(namespace: Namespace) -> str:
    """What lets a namespace go: the object that holds it, or the API that does not answer."""
    if namespace.held:
        return _release(namespace.held[0])
    service = apiservice_of(namespace)
    if service is not None:
        return command("kubectl", "delete", "apiservice", service)
    return command("kubectl", "get", "events", "-n", namespace.name, "--sort-by=.lastTimestamp")


def _release(held: Held) -> str:
    return release(held.resource, held.name, held.namespace)


def release(resource: str, name: str, namespace: str) -> str:
    """Takes the finalizers off an object: whatever they stood for may stay behind."""
    return command("kubectl", "patch", resource, name, "-n", namespace, "--type=merge", "-p", _NO_FINALIZERS)


def _wanted(world: World) -> Iterator[Stuck]:
    applications = {one.name: one for one in world.applications}
    for wanted in world.wanted.values():
        one = applications.get(wanted.name)
        if one is None:
            parent, overlay = f"previews-{world.overlay.name}", world.overlay
            why = "Argo CD has no Application of it" + _absence(world.parent)
            refresh = command(
                "kubectl", "annotate", "application.argoproj.io", parent, "-n", overlay.argocd_namespace, _REFRESH,
                "--overwrite",
            )  # fmt: skip
            yield _stuck(world, "not_deployed", wanted.name, wanted.created_at, why, refresh)
        elif one.deleting_since is None and (one.health != "Healthy" or one.sync != "Synced"):
            yield _unhealthy(world, wanted, one)


def _absence(parent: Application | None) -> str:
    reason = next(iter(by_rank(condition_causes(parent))), None) if parent is not None else None
    return f"; {parent.name}: {reason.words}" if parent is not None and reason is not None else ""


def _unhealthy(world: World, wanted: Wanted, one: Application) -> Stuck:
    never = "" if one.was_deployed else ", and was never deployed"
    said = [*condition_causes(one)]
    if one.operation is not None and one.operation.phase != "Succeeded":
        known = explain(f"Application {one.name}", one.operation.message)
        said += [known] if known else []
    reason = next(iter(by_rank(said)), None)
    more = f"; {reason.cause.cause} {reason.cause.next_step}" if reason else ""
    since = max(one.health_since or wanted.created_at, wanted.created_at)
    why = f"{one.sync} and {one.health}{never}{more}"
    give_up = command("starry", "delete", one.name, "--overlay", world.overlay.name)
    return _stuck(world, "not_healthy", one.name, since, why, give_up)


def _stuck(world: World, kind: Kind, name: str, since: datetime, why: str, what: str) -> Stuck:
    return Stuck(kind=kind, name=name, overlay=world.overlay.name, since=since, why=why, command=what)


def command(*words: str) -> str:
    """The words as one line for a POSIX shell. A word that would be an option stays a word: names are checked."""
    return shlex.join(words)


def plausible(applications: Iterable[Application]) -> list[Application]:
    """Those whose names Kubernetes could have given; others come from no API server, and are in no command."""
    return [one for one in applications if _SUBDOMAIN.fullmatch(one.name) and is_label(one.namespace)]


def with_names(namespaces: Sequence[Namespace]) -> list[Namespace]:
    """The namespaces with names that Kubernetes could have given, and of what holds them the same."""
    good = [one for one in namespaces if is_label(one.name)]
    return [replace(one, held=tuple(it for it in one.held if not it.name.startswith("-"))) for one in good]
