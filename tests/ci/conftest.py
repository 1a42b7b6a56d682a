"""What the tests of pipelines share."""

from pathlib import Path

import pytest

from tests.ci.programs import Programs, make_programs


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """`starry`, and recorders for what a pipeline calls beside it."""
    return make_programs(tmp_path / "programs", "pipx", "pip", "docker", "gcloud")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder for a job's files."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
