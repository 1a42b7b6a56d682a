"""validate: where it reads from, and the forms of what it finds."""

import json
from pathlib import Path

import pytest
import yaml

from tests.support.basics import git
from tests.support.cli import run
from tests.support.repos import PREVIEWS, Apps

APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"


@pytest.fixture
def one(apps: Apps) -> Apps:
    """A repository with two valid previews."""
    apps.create("preview-1")
    apps.create("preview-2")
    return apps


@pytest.fixture
def checkout(one: Apps, tmp_path: Path) -> Path:
    """A person's clone with a broken preview on disk, not committed."""
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(one.bare), str(folder))
    file = folder / APPLICATION
    file.write_text(file.read_text(encoding="utf-8").replace('project: "starry"', 'project: "x"'), encoding="utf-8")
    return folder


def test_a_folder_on_disk(checkout: Path) -> None:
    done = run("validate", str(checkout), "-o", "json")
    assert done.code == 7
    assert {finding["file"] for finding in done.json()["findings"]} == {APPLICATION}


def test_the_folder_you_stand_in(checkout: Path) -> None:
    assert run("validate", "-o", "json", cwd=checkout).code == 7


def test_a_revision_of_the_repository_you_stand_in(checkout: Path) -> None:
    assert run("validate", "--rev", "HEAD", "-o", "json", cwd=checkout).json() == {
        "ok": True, "previews": 2, "findings": [],
    }  # fmt: skip
    assert run("validate", "--rev", "HEAD~2", "-o", "json", cwd=checkout).json()["previews"] == 0


def test_a_revision_that_does_not_exist_is_not_found(checkout: Path) -> None:
    assert run("validate", "--rev", "nosuch", cwd=checkout).code == 3


def test_a_folder_that_is_no_apps_repository_is_invalid(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run("validate", str(empty))
    assert done.code == 7
    assert "starry.yaml" in done.out + done.err


# Output forms


def test_sarif_names_each_finding(checkout: Path) -> None:
    done = run("validate", str(checkout), "-o", "sarif")
    assert done.code == 7
    log = json.loads(done.out)
    assert log["version"] == "2.1.0"
    (ran,) = log["runs"]
    (result,) = ran["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == APPLICATION
    line = place["region"]["startLine"]
    assert "project" in (checkout / APPLICATION).read_text(encoding="utf-8").splitlines()[line - 1]
    assert result["ruleId"] in {rule["id"] for rule in ran["tool"]["driver"]["rules"]}


def test_github_annotations_name_each_finding(checkout: Path) -> None:
    done = run("validate", str(checkout), "-o", "github")
    assert done.code == 7
    (line,) = [line for line in done.out.splitlines() if line.startswith("::")]
    assert line.startswith("::error ")
    assert f"file={APPLICATION}" in line
    assert ",line=" in line


def test_sarif_of_a_valid_repository_has_no_results(one: Apps) -> None:
    assert json.loads(one.run("validate", "-o", "sarif").out)["runs"][0]["results"] == []


def test_yaml_and_json_say_the_same(one: Apps) -> None:
    assert yaml.safe_load(one.run("validate", "-o", "yaml").out) == one.ok("validate")
