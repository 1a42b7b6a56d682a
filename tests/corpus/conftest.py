"""The cases touch no home or folder of their own: the session's isolation will do, in less time for each."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def isolation(_session_isolation: None) -> Path:
    """The session's isolated folder; a test that writes takes `tmp_path`, one that sets variables `monkeypatch`."""
    return Path(os.environ["HOME"]).parent
