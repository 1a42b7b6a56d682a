"""`starry history`."""

from typing import Any

import click

from starry_gitops.cli.options import Options, StarryCommand, source_options
from starry_gitops.cli.output import columns, emit, start_log
from starry_gitops.cli.parameters import parse_source
from starry_gitops.cli.show_command import commit_data
from starry_gitops.core.context import folder_of
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.ttl import format_instant
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.history import full_history
from starry_gitops.service import load_settings, open_repository


@click.command("history", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Show a preview's commits, newest first, also after it is gone. Fetches the branch's whole history.

    \b
    Example:
      starry history preview-123
    """
    start_log(options)
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    with open_repository(options.target()) as repository:
        settings = load_settings(repository.snapshot())
        overlay = settings.overlay(options.overlay)
        name = resolve_name(source, settings, overlay)
        commits = full_history(repository, folder_of(overlay, name))
    if not commits:
        raise NotFound(f"no commit ever touched a preview {name} in overlay {overlay.name}")
    data = [commit_data(commit) for commit in commits]
    rows = [(commit.commit[:12], format_instant(commit.date), commit.author, commit.subject) for commit in commits]
    table = columns(("COMMIT", "DATE", "AUTHOR", "SUBJECT"), rows)
    emit(options, data, table=table, names=[commit.commit for commit in commits])
