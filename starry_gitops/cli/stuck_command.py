"""`starry stuck`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from starry_gitops.cli.cluster_options import cluster_options, find_cluster, parse_seconds
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, all_overlays_option
from starry_gitops.cli.output import emit
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.core.context import Context
from starry_gitops.core.health import Application, Namespace
from starry_gitops.core.inventory import preview_names, read_previews
from starry_gitops.core.model import Preview
from starry_gitops.core.settings import Overlay
from starry_gitops.core.stuck import Stuck, Wanted, World, find_stuck, plausible, with_names
from starry_gitops.core.texts import counted
from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.history import last_commit
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.service import current_time, open_repository, read_from
from starry_gitops.shapes import instant

_FOUND = 14
# For so many that left Git it is looked up when; each costs a walk through the newest commits.
_MOST_LOOKED_UP = 20


@click.command("stuck", cls=StarryCommand)
@click.option(
    "--older-than",
    cls=StarryOption,
    metavar="DURATION",
    default="10m",
    show_default=True,
    help="Only what has been so for longer.",
)
@all_overlays_option
@cluster_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Find what should be gone and is not, what nobody asked for, and what never came to run.

    Compares Git with the cluster, and prints with each finding the command that resolves it; nothing is run. Argo CD
    (--argocd-server) knows Applications; Kubernetes knows namespaces, load balancers and volumes too. Exit 14:
    something was found.

    \b
    Example:
      starry stuck --kubeconfig viewer.yaml --older-than 30m
    """
    start_log(options)
    older_than = timedelta(seconds=parse_seconds(values["older_than"], "--older-than"))
    cluster = find_cluster(options, values)
    if cluster is None:
        hint = "give --argocd-server, --kubernetes, --kubeconfig or --kube-context"
        raise UsageFault("stuck has to look at a cluster", hint=hint)
    found: list[Stuck] = []
    with open_repository(options.target(), whole=True) as repository:
        now = current_time()
        namespaces = cluster.namespaces()
        for world in _worlds(repository, cluster, options, namespaces, everywhere=values["all_overlays"]):
            known = {(one.kind, one.name) for one in found}
            found += [one for one in find_stuck(world, now, older_than) if (one.kind, one.name) not in known]
    _emit(options, found, now, sees_namespaces=namespaces is not None)
    return _FOUND if found else 0


def _worlds(
    repository: AppsRepository,
    cluster: Cluster,
    options: Options,
    namespaces: Sequence[Namespace] | None,
    *,
    everywhere: bool,
) -> Iterator[World]:
    def gather(context: Context) -> list[tuple[Overlay, dict[str, Wanted], frozenset[str]]]:
        overlays = context.settings.chosen([options.overlay], everywhere=everywhere)
        names = {one.name: frozenset(preview_names(context, one)) for one in context.settings.overlays.values()}
        return [
            (one, _wanted(context, one), frozenset().union(*(names[other] for other in names if other != one.name)))
            for one in overlays
        ]

    for overlay, wanted, shared in read_from(repository, gather):
        applications = plausible(cluster.applications(overlay.application_namespace))
        seen = None if namespaces is None else with_names(namespaces)
        yield World(
            overlay=overlay,
            wanted=wanted,
            applications=applications,
            namespaces=seen,
            parent=cluster.application(overlay.argocd_namespace, f"previews-{overlay.name}"),
            projects=_projects(cluster, overlay, applications),
            left_at=dict(_left(repository, overlay, wanted, applications, seen or ())),
            shared=shared,
        )


def _wanted(context: Context, overlay: Overlay) -> dict[str, Wanted]:
    """A preview that cannot be read stands in Git all the same: nothing that is missing may be concluded from it."""
    found = {}
    for name, one in zip(preview_names(context, overlay), read_previews(context, overlay), strict=True):
        created_at = one.created_at if isinstance(one, Preview) else context.now
        found[name] = Wanted(name=name, created_at=created_at)
    return found


def _projects(cluster: Cluster, overlay: Overlay, applications: Sequence[Application]) -> dict[str, bool]:
    names = {one.project for one in applications if one.deleting_since is not None}
    return {name: cluster.project(overlay.argocd_namespace, name) is not None for name in names}


def _left(
    repository: AppsRepository,
    overlay: Overlay,
    wanted: dict[str, Wanted],
    applications: Sequence[Application],
    namespaces: Sequence[Namespace],
) -> Iterator[tuple[str, datetime]]:
    names = dict.fromkeys([*(one.name for one in applications), *(one.name for one in namespaces)])
    for name in [name for name in names if name not in wanted][:_MOST_LOOKED_UP]:
        commit = last_commit(repository, f"{overlay.folder}/{name}")
        if commit is not None:
            yield name, commit.date


def _emit(options: Options, found: Sequence[Stuck], now: datetime, *, sees_namespaces: bool) -> None:
    data = {
        "now": instant(now),
        "namespacesSeen": sees_namespaces,
        "findings": [
            {
                "kind": one.kind,
                "name": one.name,
                "overlay": one.overlay,
                "since": instant(one.since),
                "ageMinutes": _minutes(one, now),
                "why": one.why,
                "command": one.command,
            }
            for one in found
        ],
    }
    emit(options, data, table=_table(found, now, sees_namespaces=sees_namespaces), names=_names(found))


def _names(found: Sequence[Stuck]) -> list[str]:
    return list(dict.fromkeys(one.name for one in found))


def _minutes(one: Stuck, now: datetime) -> int:
    return int((now - one.since).total_seconds() // 60)


def _table(found: Sequence[Stuck], now: datetime, *, sees_namespaces: bool) -> Iterator[str]:
    for one in found:
        yield f"{one.name}: {one.kind} for {_minutes(one, now)} min: {one.why}"
        yield f"  {one.command}"
    blind = "" if sees_namespaces else "; namespaces were not looked at: that needs Kubernetes"
    yield f"{counted(len(found), 'finding')}{blind}"
