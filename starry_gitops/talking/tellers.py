"""Finds who speaks in a component's repository."""

from collections.abc import Callable
from functools import cache

from starry_gitops.core.settings import Settings
from starry_gitops.forges.finding import find_forge
from starry_gitops.forges.telling import Manner, Teller

Find = Callable[[str], Teller]
"""From the page of a repository, or of its pull request, to who speaks there."""


def finder(settings: Settings, manner: Manner, seconds: float) -> Find:
    """Each repository's forge is found once."""

    @cache
    def find(url: str) -> Teller:
        forge = find_forge(url, kind=settings.forge.kind, api_url=settings.forge.api_url, seconds=seconds)
        return Teller(forge, manner)

    return find
