"""`starry create`."""

from typing import Any

import click

from starry_gitops.cli.applying import apply_options, run_apply
from starry_gitops.cli.options import Options, StarryCommand, StarryOption


@click.command("create", cls=StarryCommand)
@click.argument("name", required=False)
@apply_options
@click.option("--only-new", cls=StarryOption, is_flag=True, help="Refuse to change a preview that exists.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Create a preview, or update it: the same command again changes nothing.

    NAME may be left out with --pr (preview-N) or --source-branch (a slug of the branch).

    \b
    Example:
      starry create --pr 123 --image backend=pr-123-abcd123 --owner alice --ttl 2h
    """
    run_apply(options, values, must_exist=False)
