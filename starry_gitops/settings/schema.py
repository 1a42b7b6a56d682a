"""The JSON Schemas that editors use, as files of an apps repository."""

import json
from collections.abc import Iterator
from typing import Any

from starry_gitops.settings.previews import previews_schema
from starry_gitops.settings.table import SETTINGS


def schema_files() -> Iterator[tuple[str, str]]:
    """The path and text of each: of starry.yaml, and of a list for `starry apply`."""
    for name, schema in (("starry", settings_schema()), ("previews", previews_schema())):
        yield f".starry/{name}.schema.json", json.dumps(schema, indent=2) + "\n"


def settings_schema() -> dict[str, Any]:
    """JSON Schema (2020-12), from the same table that reads the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "starry.yaml",
        "description": SETTINGS.about,
        **SETTINGS.schema(),
    }
