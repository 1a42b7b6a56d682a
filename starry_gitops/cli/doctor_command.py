"""`starry doctor`."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import click

from starry_gitops.cli.cluster_options import cluster_options, find_cluster
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand
from starry_gitops.cli.output import columns, emit
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.core.context import Context
from starry_gitops.core.doctor import CHECKS, Outcome
from starry_gitops.core.doctor_judge import judge_app_of_apps, judge_installation, judge_projects
from starry_gitops.core.manifest import KEEP_FILE
from starry_gitops.core.settings import Overlay
from starry_gitops.core.texts import counted
from starry_gitops.core.validate import validate
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.rights import check_push
from starry_gitops.service import current_time, make_context, open_repository

_FAILED = 14
_APPS_PROJECT = "starry-apps"
_FORGE_TOKEN = "STARRY_FORGE_TOKEN"  # noqa: S105 - a variable's name
_NO_CLUSTER = "no cluster is named: --argocd-server, --kubernetes, --kubeconfig or --kube-context"
_OF_REPOSITORY = ("git-read", "git-push", "settings", "invariants", "scaffold", "forge")


@click.command("doctor", cls=StarryCommand)
@cluster_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Check the whole set-up and say what to change: Git, settings, forge, Argo CD, operators. Exit 14: a check fails.

    Only reads. What cannot be looked at is skipped, and it is said why. Kubernetes tells more than Argo CD's API.

    \b
    Example:
      starry doctor --kubeconfig viewer.yaml
    """
    start_log(options)
    cluster = find_cluster(options, values)
    outcomes = list(_outcomes(options, cluster))
    order = list(CHECKS)
    outcomes.sort(key=lambda one: order.index(one.check))
    emit(options, [_data(one) for one in outcomes], table=_table(outcomes), names=_bad(outcomes))
    return _FAILED if any(one.state == "fail" for one in outcomes) else 0


def _outcomes(options: Options, cluster: Cluster | None) -> Iterator[Outcome]:
    try:
        with open_repository(options.target(), whole=True) as repository:
            yield Outcome(check="git-read", state="ok", detail=f"branch {repository.branch}")
            yield from _attempt("git-push", lambda: _push(repository))
            yield from _of_repository(repository, options, cluster)
    except StarryError as error:
        yield Outcome(check="git-read", state="fail", detail=error.message)
        for check in CHECKS:
            if check != "git-read":
                yield Outcome(check=check, state="skipped", detail="the apps repository cannot be read")


def _attempt(check: str, judge: Callable[[], Outcome]) -> Iterator[Outcome]:
    try:
        yield judge()
    except StarryError as error:
        yield Outcome(check=check, state="fail", detail=error.message)


def _push(repository: AppsRepository) -> Outcome:
    check_push(repository)
    return Outcome(check="git-push", state="ok", detail=f"to {repository.branch}")


def _of_repository(repository: AppsRepository, options: Options, cluster: Cluster | None) -> Iterator[Outcome]:
    try:
        context = make_context(repository.snapshot(), repository.remote, current_time())
        overlay = context.settings.overlay(options.overlay)
    except StarryError as error:
        yield Outcome(check="settings", state="fail", detail=error.message)
        for check in list(CHECKS)[list(CHECKS).index("settings") + 1 :]:
            yield Outcome(check=check, state="skipped", detail="the settings cannot be read")
        return
    yield Outcome(check="settings", state="ok", detail=f"overlay {overlay.name}")
    yield from _attempt("invariants", lambda: _invariants(context))
    yield from _attempt("scaffold", lambda: _scaffold(context, overlay))
    yield from _attempt("forge", lambda: _forge(context, options))
    yield from _of_cluster(context, overlay, cluster)


def _invariants(context: Context) -> Outcome:
    report = validate(context)
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = len(report.findings) - errors
    detail = f"{counted(report.previews, 'preview')}, {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return Outcome(check="invariants", state="fail" if errors else "warn" if warnings else "ok", detail=detail)


def _scaffold(context: Context, overlay: Overlay) -> Outcome:
    paths = [f"root/{overlay.name}.yaml", f"{overlay.path}/previews.yaml", f"{overlay.folder}/{KEEP_FILE}"]
    found = context.snapshot.read_many(paths)
    missing = [path for path in paths if path not in found]
    if missing:
        return Outcome(check="scaffold", state="fail", detail=f"missing: {', '.join(missing)}")
    return Outcome(check="scaffold", state="ok", detail=", ".join(paths))


def _forge(context: Context, options: Options) -> Outcome:
    from starry_gitops.forges.finding import find_forge  # noqa: PLC0415 - only where a token is set

    if not os.environ.get(_FORGE_TOKEN):
        return Outcome(check="forge", state="skipped", detail=f"{_FORGE_TOKEN} is not set")
    forge_settings = context.settings.forge
    forge = find_forge(
        context.apps_url, kind=forge_settings.kind, api_url=forge_settings.api_url, seconds=options.timeout
    )
    return Outcome(check="forge", state="ok", detail=f"{forge.kind}: {forge.me() or 'the token names nobody'}")


def _of_cluster(context: Context, overlay: Overlay, cluster: Cluster | None) -> Iterator[Outcome]:
    asked = [check for check in CHECKS if check not in _OF_REPOSITORY]
    if cluster is None:
        yield from (Outcome(check=check, state="skipped", detail=_NO_CLUSTER) for check in asked)
        return
    try:
        installation = cluster.installation(overlay.argocd_namespace)
    except StarryError as error:
        yield Outcome(check="argocd-version", state="fail", detail=error.message)
        rest = [check for check in asked if check != "argocd-version"]
        yield from (Outcome(check=check, state="skipped", detail="the cluster cannot be read") for check in rest)
        return
    yield from judge_installation(installation, context.settings, overlay)
    yield from _attempt("projects", lambda: _projects(context, overlay, cluster))
    name = f"previews-{overlay.name}"
    yield from _attempt(
        "app-of-apps", lambda: judge_app_of_apps(overlay, cluster.application(overlay.argocd_namespace, name))
    )


def _projects(context: Context, overlay: Overlay, cluster: Cluster) -> Outcome:
    names = (context.settings.project, _APPS_PROJECT)
    found = {name: cluster.project(overlay.argocd_namespace, name) for name in names}
    return judge_projects(found, context.settings, overlay, context.repo_url)


def _data(one: Outcome) -> dict[str, str]:
    check = CHECKS[one.check]
    return {
        "check": one.check,
        "state": one.state,
        "question": check.question,
        "detail": one.detail,
        "change": one.change,
    }


def _bad(outcomes: list[Outcome]) -> list[str]:
    return [one.check for one in outcomes if one.state == "fail"]


def _table(outcomes: list[Outcome]) -> Iterator[str]:
    yield from columns(("CHECK", "STATE", "DETAIL"), [(one.check, one.state, one.detail) for one in outcomes])
    for one in outcomes:
        if one.change:
            yield f"{one.check}: {one.change}"
