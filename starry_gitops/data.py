"""Finds the files that ship beside the code: templates and charts."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def data_root(kind: Literal["templates", "charts"]) -> Path:
    """The folder `templates` or `charts`: inside the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind
