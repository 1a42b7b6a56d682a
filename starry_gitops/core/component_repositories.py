"""Which repositories Starry speaks to of previews: those that are named, none that an event or a manifest names.

A token goes only to forges that somebody who runs Starry has named.
"""

from collections.abc import Iterable

from starry_gitops.core.model import PullRequest
from starry_gitops.core.pull_requests import read_pull_request
from starry_gitops.core.settings import Settings
from starry_gitops.core.sync_facts import number_in
from starry_gitops.core.sync_settings import SyncRepository


class ComponentRepositories:
    """The repositories of `sync` in starry.yaml, and those of `--component-repo`, by their pages."""

    def __init__(self, settings: Settings, pages: Iterable[str]) -> None:
        self._synced = tuple(settings.sync.repositories.values())
        named = (page.rstrip("/").removesuffix(".git") for page in pages)
        self._all = (*self._synced, *(SyncRepository(name=page, url=page, component="") for page in named))

    def page(self, page: str) -> str | None:
        """The repository's page as it was named here; None for any other."""
        return next((one.url for one in self._all if _key(one.url) == _key(page)), None)

    def synced(self, page: str) -> SyncRepository | None:
        """What starry.yaml says of the repository."""
        return next((one for one in self._synced if _key(one.url) == _key(page)), None)

    def find(self, pull_request: str | None) -> tuple[str, PullRequest] | None:
        """The repository's page, and the pull request, of a manifest's text; None: it is none of theirs."""
        read = read_pull_request(pull_request)
        if read is None:
            return None
        return next(((one.url, read) for one in self._all if number_in(pull_request, one) == read.number), None)

    @property
    def names(self) -> str:
        """All of them, for a message."""
        return ", ".join(one.url for one in self._all) or "none"


def _key(page: str) -> str:
    return page.rstrip("/").partition("://")[2].casefold()
