"""`starry update`."""

from typing import Any

import click

from starry_gitops.cli.applying import apply_options, run_apply
from starry_gitops.cli.options import Options, StarryCommand, StarryOption


@click.command("update", cls=StarryCommand)
@click.argument("name", required=False)
@apply_options
@click.option("--keep-expiry", cls=StarryOption, is_flag=True, help="Do not renew the TTL when an image changes.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Change a preview that exists; a changed image renews its TTL.

    \b
    Example:
      starry update preview-123 --image backend=pr-123-ef45678 --sequence 42
    """
    run_apply(options, values, must_exist=True)
