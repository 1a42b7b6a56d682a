"""Fills the pages' templates in. Everything that is filled in is escaped."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from starry_gitops import __version__
from starry_gitops.core.ttl import parse_instant
from starry_gitops.web import htmlviews
from starry_gitops.web.listing import Row, State

STATIC = Path(__file__).parent / "static"
"""What the pages load: a style sheet, a script, a picture."""
WORDS: Mapping[State, str] = {"live": "live", "soon": "expires soon", "expired": "expired", "pinned": "pinned"}


def prepare() -> None:
    """Reads all templates: the first who comes need not wait for that."""
    environment = _environment()
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


def render(template: str, values: Mapping[str, Any]) -> str:
    """A page."""
    return _environment().get_template(template).render(values)


def render_rows(rows: Sequence[Row], now: datetime) -> Markup:
    """The lines of the list."""
    values = {
        "rows": [(row, _fixed(row), row.state(now)) for row in rows],
        "now": now,
        "relative": htmlviews.relative,
    }
    return Markup(render("rows.html.j2", values))  # noqa: S704 - escaped there


_kept: WeakKeyDictionary[Row, tuple[Markup, Markup, str]] = WeakKeyDictionary()


def _fixed(row: Row) -> tuple[Markup, Markup, str]:
    """What of a line stays as it is: its beginning, its end, and when the preview expires."""
    kept = _kept.get(row)
    if kept is None:
        macros: Any = _environment().get_template("row.html.j2").module
        kept = _kept[row] = (macros.begin(row), macros.end(row), htmlviews.written(row.expires_at))
    return kept


@lru_cache(maxsize=8)
def static_url(name: str) -> str:
    """Where the file is; the address changes with its content, so browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "html"),
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"static": static_url, "version": __version__, "words": WORDS}
    environment.filters |= {
        "instant": parse_instant,
        "relative": htmlviews.relative,
        "shell": shlex.quote,
        "stamp": htmlviews.stamp,
        "ttl_bounds": htmlviews.ttl_bounds,
        "ttl_steps": htmlviews.ttl_steps,
        "written": htmlviews.written,
    }
    return environment
