"""The JSON Schema of starry.yaml, for editors."""

from typing import Any

from starry_gitops.settings.table import SETTINGS


def settings_schema() -> dict[str, Any]:
    """JSON Schema (2020-12), from the same table that reads the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "starry.yaml",
        "description": SETTINGS.about,
        **SETTINGS.schema(),
    }
