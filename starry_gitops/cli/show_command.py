"""`starry show`."""

from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, source_options
from starry_gitops.cli.output import described, emit
from starry_gitops.core.parameters import parse_source
from starry_gitops.gitrepo.history import last_commit
from starry_gitops.service import open_repository, read_from
from starry_gitops.shapes import commit_data, preview_details


@click.command("show", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Show everything known about one preview: images, URLs, expiry, owner, pull request, last commit.

    \b
    Example:
      starry show preview-123 -o json
    """
    start_log(options)
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    with open_repository(options.target()) as repository:
        data, folder = read_from(repository, lambda context: preview_details(context, source, options.overlay))
        data["lastCommit"] = commit_data(last_commit(repository, folder))
    emit(options, data, table=_table(data), names=[data["name"]])


def _table(data: dict[str, Any]) -> list[str]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": text for inner, text in value.items()}
        else:
            flat[key] = value
    return described(flat)
