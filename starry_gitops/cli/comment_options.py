"""Options of the commands that speak to pull requests of component repositories."""

from typing import Any

import click

from starry_gitops.cli.options import StarryOption


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
