"""`starry list`."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption, all_overlays_option
from starry_gitops.cli.output import columns, emit
from starry_gitops.core.context import Context
from starry_gitops.core.inventory import Listed, list_previews
from starry_gitops.core.model import Skipped
from starry_gitops.core.parameters import parse_ttl
from starry_gitops.service import read
from starry_gitops.shapes import preview_data

log = logging.getLogger("starry")

_HEAD = ("OVERLAY", "NAME", "OWNER", "EXPIRES", "STATE", "IMAGES")


@click.command("list", cls=StarryCommand)
@click.option("--expired", cls=StarryOption, is_flag=True, help="Only expired ones.")
@click.option("--owner", cls=StarryOption, metavar="NAME", help="Only this owner's.")
@click.option("--expires-within", cls=StarryOption, metavar="DURATION", help="Only those that expire by then.")
@all_overlays_option
@click.pass_obj
def command(
    options: Options, *, expired: bool, owner: str | None, expires_within: str | None, all_overlays: bool
) -> None:
    r"""List the previews of an overlay, or of all, from Git alone.

    \b
    Example:
      starry list --owner alice --expires-within 30m
    """
    start_log(options)
    minutes = parse_ttl(expires_within, "--expires-within")
    rows = read(options.target(), lambda context: _rows(context, options.overlay, everywhere=all_overlays), whole=True)
    wanted = [
        row
        for row, remaining in rows
        if (not expired or row["expired"])
        and (owner is None or row["owner"] == owner)
        and (minutes is None or (not row["pinned"] and remaining <= timedelta(minutes=minutes)))
    ]
    cells = [(row["overlay"], *_cells(row)) if all_overlays else _cells(row) for row in wanted]
    table = columns(_HEAD[0 if all_overlays else 1 :], cells)
    emit(options, wanted, table=table, names=[row["name"] for row in wanted])


def _rows(context: Context, overlay: str | None, *, everywhere: bool) -> list[tuple[dict[str, Any], timedelta]]:
    rows = []
    for found in _found(context, overlay, everywhere=everywhere):
        if isinstance(found, Skipped):
            log.warning("skipped %s: %s", found.name, found.reason)
        else:
            rows.append((preview_data(found, context), found.preview.expires_at - context.now))
    return sorted(rows, key=lambda row: (row[0]["name"], row[0]["overlay"]))


def _found(context: Context, overlay: str | None, *, everywhere: bool) -> Iterator[Listed | Skipped]:
    for one in context.settings.chosen([overlay], everywhere=everywhere):
        yield from list_previews(context, one)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    state = "pinned" if row["pinned"] else "expired" if row["expired"] else "live"
    images = " ".join(f"{component}={tag}" for component, tag in row["images"].items())
    return row["name"], row["owner"] or "-", row["expiresAt"], state, images
