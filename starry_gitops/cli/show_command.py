"""`starry show`."""

from typing import Any

import click

from starry_gitops.cli.list_command import preview_data
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, source_options
from starry_gitops.cli.output import described, emit
from starry_gitops.cli.parameters import parse_source
from starry_gitops.core.context import Context, find_existing, folder_of
from starry_gitops.core.inventory import Listed
from starry_gitops.core.model import Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.policy import refuse_other_source
from starry_gitops.core.ttl import format_instant
from starry_gitops.core.values import image_fields, images_of
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.history import LoggedCommit, last_commit
from starry_gitops.service import open_repository, read_from


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
        data, folder = read_from(repository, lambda context: _describe(context, source, options.overlay))
        data["lastCommit"] = commit_data(last_commit(repository, folder))
    emit(options, data, table=_table(data), names=[data["name"]])


def _describe(context: Context, source: Source, overlay_name: str | None) -> tuple[dict[str, Any], str]:
    overlay = context.settings.overlay(overlay_name)
    name = resolve_name(source, context.settings, overlay)
    existing = find_existing(context, overlay, name)
    if existing is None:
        raise NotFound(f"no preview {name} in overlay {overlay.name}", hint="starry list shows what there is")
    refuse_other_source(existing.preview, source)
    preview = existing.preview
    images = images_of(image_fields(existing.values_node), context.settings)
    data = preview_data(Listed(preview=preview, images=images), context)
    more = {
        "ttlMinutes": preview.ttl_minutes,
        "repositories": {component: image.repository for component, image in images.items()},
        "branch": preview.branch,
        "commit": preview.commit,
        "sequence": preview.sequence,
    }
    return {**data, **more}, folder_of(overlay, name)


def commit_data(commit: LoggedCommit | None) -> dict[str, Any] | None:
    """One commit, as programs get it."""
    if commit is None:
        return None
    return {
        "commit": commit.commit,
        "date": format_instant(commit.date),
        "author": commit.author,
        "subject": commit.subject,
    }


def _table(data: dict[str, Any]) -> list[str]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": text for inner, text in value.items()}
        else:
            flat[key] = value
    return described(flat)
