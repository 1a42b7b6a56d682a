"""The pre-commit hook, run by pre-commit itself in a clone of an apps repository."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from docs.markdown import ROOT
from tests.ci.programs import Programs
from tests.ci.tools import find, missing
from tests.support.basics import git
from tests.support.repos import Apps

_PROJECT = ("starry_gitops", "templates", "charts", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
STRAY = "overlays/dev/previews/stray.yaml"


@pytest.fixture
def clone(apps: Apps, tmp_path: Path) -> Path:
    apps.create("preview-1")
    git(tmp_path, "clone", "--quiet", str(apps.bare), "clone")
    return tmp_path / "clone"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What pre-commit would clone: the project, with everything committed."""
    folder = tmp_path / "starry"
    folder.mkdir()
    for name in _PROJECT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all of it")
    return folder


def pre_commit(clone: Path, *args: str, path: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [find("pre-commit"), *args],
        cwd=clone,
        env={**os.environ, "PATH": path or os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_hook_installs_itself_and_judges_the_repository(clone: Path, project: Path) -> None:
    command = ("try-repo", str(project), "starry-validate", "--all-files", "--color", "never")
    code, log = pre_commit(clone, *command)
    if re.search(r"No matching distribution|Could not find a version|Max retries|ConnectionError", log):
        missing("no package index can be reached")
    assert code == 0, log
    assert re.search(r"starry validate\.+Passed", log), log
    (clone / STRAY).write_text("a: 1\n")
    git(clone, "add", STRAY)
    code, log = pre_commit(clone, *command)
    assert code == 1
    assert f"{STRAY}: error:" in log


def test_the_hook_of_an_installed_starry_stops_a_commit(clone: Path, programs: Programs) -> None:
    """`language: system`, for those who have Starry already."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    local = {"repo": "local", "hooks": [{**hook, "language": "system"}]}
    (clone / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [local]}))
    git(clone, "add", ".pre-commit-config.yaml")
    code, log = pre_commit(clone, "run", "--color", "never", path=programs.path)
    assert code == 0, log
    (clone / STRAY).write_text("a: 1\n")
    git(clone, "add", STRAY)
    code, log = pre_commit(clone, "run", "--color", "never", path=programs.path)
    assert code == 1
    assert f"{STRAY}: error:" in log
