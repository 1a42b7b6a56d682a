"""Options of the commands that speak to pull requests of component repositories, and finding their forges."""

from collections.abc import Callable
from functools import cache
from typing import Any

import click

from starry_gitops.cli.options import StarryOption
from starry_gitops.core.settings import Settings
from starry_gitops.forges.finding import find_forge
from starry_gitops.forges.telling import Manner, Teller

Find = Callable[[str], Teller]
"""From the page of a repository, or of its pull request, to who speaks there."""


def comment_options(command: Any) -> Any:
    """Adds which repositories are spoken to, when expiry is near, and whether commits get a status."""
    for decorate in (
        click.option(
            "--status/--no-status", cls=StarryOption, default=True, help="Set a status beside the commit. Default: yes."
        ),
        click.option(
            "--warn-before",
            cls=StarryOption,
            metavar="DURATION",
            default="15m",
            show_default=True,
            help="Warn when less is left.",
        ),
        click.option(
            "--component-repo",
            "component_repos",
            cls=StarryOption,
            multiple=True,
            metavar="URL",
            help="A component's repository, beside those of sync in starry.yaml. May be repeated.",
        ),
    ):
        command = decorate(command)
    return command


def finder(settings: Settings, manner: Manner, seconds: float) -> Find:
    """Each repository's forge is found once."""

    @cache
    def find(url: str) -> Teller:
        forge = find_forge(url, kind=settings.forge.kind, api_url=settings.forge.api_url, seconds=seconds)
        return Teller(forge, manner)

    return find
