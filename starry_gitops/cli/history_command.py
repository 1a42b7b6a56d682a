"""`starry history`."""

import logging
from datetime import datetime, timedelta
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, source_options
from starry_gitops.cli.output import columns, emit
from starry_gitops.core.context import folder_of
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.parameters import parse_source, parse_ttl
from starry_gitops.core.texts import counted
from starry_gitops.core.ttl import format_instant, parse_instant
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.history import History, history_of
from starry_gitops.service import current_time, load_settings, open_repository
from starry_gitops.shapes import commit_data

log = logging.getLogger("starry")


@click.command("history", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.option("--limit", cls=StarryOption, type=click.IntRange(min=1), metavar="N", help="Only the newest N commits.")
@click.option("--since", cls=StarryOption, metavar="AGE|TIME", help="Only commits since then: 2h, 7d or a time.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Show a preview's commits, newest first, also after it is gone.

    Fetches the branch's whole history, or with --limit or --since only as much as it needs, and says on
    stderr how far it looked.

    \b
    Example:
      starry history preview-123 --since 7d
    """
    start_log(options)
    since = _instant(values["since"])
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    with open_repository(options.target()) as repository:
        settings = load_settings(repository.snapshot())
        overlay = settings.overlay(options.overlay)
        name = resolve_name(source, settings, overlay)
        history = history_of(repository, folder_of(overlay, name), limit=values["limit"], since=since)
    commits, how_far = history.commits, _how_far(history)
    if not commits:
        raise NotFound(f"no commit touched a preview {name} in overlay {overlay.name}; {how_far}")
    data = [commit_data(commit) for commit in commits]
    rows = [(commit.commit[:12], format_instant(commit.date), commit.author, commit.subject) for commit in commits]
    table = columns(("COMMIT", "DATE", "AUTHOR", "SUBJECT"), rows)
    log.info(how_far)
    if not (options.quiet or options.verbose or options.log_format == "json"):
        click.echo(how_far, err=True)
    emit(options, data, table=table, names=[commit.commit for commit in commits])


def _instant(text: str | None) -> datetime | None:
    """An age (from now) or a time, in UTC."""
    if text is None:
        return None
    if text[:1].isdigit() and "T" in text.upper():
        return parse_instant(text)
    return current_time() - timedelta(minutes=parse_ttl(text, "--since") or 0)


def _how_far(history: History) -> str:
    whole = "the whole history" if history.is_whole else "not all there is"
    return f"looked at {counted(history.searched, 'commit')}: {whole}"
