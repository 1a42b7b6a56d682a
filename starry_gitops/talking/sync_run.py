"""Runs `sync`: all pull requests of the component repositories, or a single one."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from starry_gitops.core.proposal import branch_of_run
from starry_gitops.core.sync import Sync, Synced
from starry_gitops.core.sync_settings import ForgeSettings
from starry_gitops.core.sync_work import Made
from starry_gitops.forges.finding import find_forge
from starry_gitops.forges.protocol import Forge
from starry_gitops.forges.syncing import Find, Scope, Syncing
from starry_gitops.gitrepo.made import made_before
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome, publish
from starry_gitops.service import open_repository
from starry_gitops.templates import load_engines


def run_sync(
    target: Target, intent: Sync, scope: Scope, *, now: datetime, meter: Meter | None = None
) -> Outcome[Synced]:
    """Makes the previews equal to the pull requests. A repository whose forge fails is a fault of the answer.

    Raises:
        StarryError: the settings name no such repository, or the apps repository fails.
    """
    decide = Syncing(intent, scope, _finder(target.timeout), _history(target))
    naming = branch_of_run("sync", [None], everywhere=True)
    return publish(target, decide, proposal=naming, now=now, whole=True, meanwhile=load_engines, meter=meter)


def _finder(seconds: float) -> Find:
    def find(url: str, forge: ForgeSettings) -> Forge:
        return find_forge(url, kind=forge.kind, api_url=forge.api_url, seconds=seconds)

    return find


def _history(target: Target) -> Callable[[], Made]:
    """Looks the history up once, however often it is asked for."""

    @cache
    def made() -> Made:
        with open_repository(target) as repository:
            return made_before(repository)

    return made
