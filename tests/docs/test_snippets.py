"""YAML that people will copy: it parses, and has the shape that its reader expects."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.generate import pages
from docs.markdown import ROOT
from starry_gitops.settings import read_settings
from tests.docs.pages import Block, blocks

EXAMPLES = ROOT / "examples"
_GITHUB_JOB_KEYS = {"if", "runs-on", "timeout-minutes", "permissions", "concurrency", "steps", "env"}


def _snippets() -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.language in {"yaml", "json"}]


@pytest.mark.parametrize("snippet", _snippets(), ids=lambda snippet: snippet.place)
def test_snippets_parse(snippet: Block) -> None:
    assert isinstance(yaml.safe_load(snippet.text), dict)


@pytest.mark.parametrize("file", sorted((EXAMPLES / "settings").iterdir()), ids=lambda file: file.name)
def test_example_settings_are_valid(file: Path) -> None:
    assert read_settings(file.read_bytes()).domain.endswith(".mycompany.com")


def _load(path: str) -> dict[str, Any]:
    # BaseLoader: in GitHub's reading `on` is a key, not true.
    found: dict[str, Any] = yaml.load((EXAMPLES / path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


@pytest.mark.parametrize("path", ["github/preview.yaml", "github/apps-repository.yaml"])
def test_github_workflows_have_their_shape_and_least_rights(path: str) -> None:
    flow = _load(path)
    assert flow.keys() <= {"name", "on", "permissions", "concurrency", "env", "jobs"}
    assert flow["permissions"] == {}
    assert "pull_request_target" not in flow["on"]
    for job in flow["jobs"].values():
        assert job.keys() <= _GITHUB_JOB_KEYS
        assert job["runs-on"]
        assert job["timeout-minutes"]
        assert set(job.get("permissions", {})) <= {"contents"}
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            # Nothing that a stranger can choose is put into a script.
            assert "${{" not in step.get("run", "")


def test_the_github_preview_skips_forks_and_shows_its_token_to_starry_only() -> None:
    flow = _load("github/preview.yaml")
    job = flow["jobs"]["preview"]
    assert "head.repo.full_name == github.repository" in job["if"]
    assert "closed" in flow["on"]["pull_request"]["types"]
    assert "STARRY_GIT_TOKEN" not in flow["env"]
    for step in job["steps"]:
        assert ("STARRY_GIT_TOKEN" in step.get("env", {})) == step["run"].startswith("starry ")
    create, delete = job["steps"][-2:]
    assert "--sequence" in create["run"]
    assert (create["if"], delete["if"]) == ("github.event.action != 'closed'", "github.event.action == 'closed'")


def test_only_gc_may_write_in_the_apps_repository() -> None:
    jobs = _load("github/apps-repository.yaml")["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "validate": {"contents": "read"},
        "gc": {"contents": "write"},
    }
    assert _load("github/apps-repository.yaml")["on"]["schedule"]


def test_the_gitlab_preview_skips_forks_and_stops() -> None:
    jobs = _load("gitlab/preview.gitlab-ci.yml")
    create, stop = jobs["preview"], jobs["stop-preview"]
    condition = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    assert all(condition in rule["if"] for job in (create, stop) for rule in job["rules"])
    assert create["environment"]["on_stop"] == "stop-preview"
    assert stop["environment"]["action"] == "stop"
    assert create["environment"]["name"] == stop["environment"]["name"]
    assert "--sequence" in create["script"][0]
    assert jobs[".starry"]["variables"]["GIT_STRATEGY"] == "none"
    assert all(jobs[job["extends"]] for job in (create, stop))
    assert {job.get("stage", "preview") for job in jobs.values() if isinstance(job, dict)} <= set(jobs["stages"])


def test_the_gitlab_apps_repository_collects_on_a_schedule() -> None:
    jobs = _load("gitlab/apps-repository.gitlab-ci.yml")
    assert jobs["gc"]["script"] == ["starry gc"]
    assert '"schedule"' in jobs["gc"]["rules"][0]["if"]
    assert '"merge_request_event"' in jobs["validate"]["rules"][0]["if"]


def test_the_messages_of_troubleshooting_are_real() -> None:
    """Each quoted message stands in the source, but for what `…` leaves open."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "starry_gitops").rglob("*.py")).lower()
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").partition("## ")[0]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    messages = [message for cell in cells for message in re.findall(r"`([^`]+)`", cell) if message != "gc"]
    assert len(messages) > 8
    lost = [message for message in messages if not all(part in source for part in message.lower().split("…"))]
    assert lost == []
