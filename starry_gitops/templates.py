"""Finds templates: the apps repository's own ones first, then those that ship with Starry."""

from starry_gitops.core.context import Template
from starry_gitops.core.model import Snapshot
from starry_gitops.core.settings import Settings
from starry_gitops.data import data_root
from starry_gitops.errors import InvalidRepository

TEMPLATE = "preview"


def load_engines() -> None:
    """Loads what a new preview needs, and compiles the shipped templates: 80 ms that a clone can be waited for in."""
    import jsonschema_rs  # noqa: F401, PLC0415 - loaded for core.chart_schema

    from starry_gitops.core.render import compiled  # noqa: PLC0415

    for file in (data_root("templates") / "applications" / TEMPLATE).glob("*.j2"):
        compiled(file.read_text(encoding="utf-8"))


def find_template(snapshot: Snapshot, settings: Settings) -> Template:
    """Looks a file of the template up in `settings.templates` of the repository, else in `templates/applications`."""

    def look_up(name: str) -> tuple[str, str]:
        path = f"{settings.templates}/{TEMPLATE}/{name}"
        own = snapshot.read(path)
        if own is None:
            shipped = data_root("templates") / "applications" / TEMPLATE / name
            return f"templates/applications/{TEMPLATE}/{name}", shipped.read_text(encoding="utf-8")
        try:
            return path, own.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidRepository("not UTF-8 text", file=path) from None

    return look_up
