"""The steps that comment, against a real Gitea: what the action and the pipelines leave on a pull request."""

from pathlib import Path
from typing import Any

import pytest

from docs.markdown import ROOT
from starry_gitops.scaffold import EXAMPLE, render_pipeline
from tests.ci import github, gitlab
from tests.ci.programs import make_programs
from tests.ci.scene import Component, Scene, make_scene
from tests.support.gitea_server import GiteaServer
from tests.support.repos import Apps

ACTION = github.load(ROOT / "action.yml")
READY, GONE = "Ready to be deployed", "was closed"


@pytest.fixture(scope="module")
def component(gitea: GiteaServer) -> Component:
    repository = gitea.new_repository("app", private=True)
    return repository, repository.user("starry", "write"), repository.user("reader", "read")


@pytest.fixture
def scene(component: Component, apps: Apps, tmp_path: Path, work: Path) -> Scene:
    programs = make_programs(tmp_path / "programs", "pipx", "pip", elsewhere=("wait",))
    return make_scene(component, apps, programs, work)


def example(path: str, apps: Apps) -> Any:
    """An example's pipeline with the test's apps repository in it."""
    forge, read = ("github", github.load) if path.startswith("github/") else ("gitlab", gitlab.load)
    flow = read(ROOT / "examples" / path)
    if forge == "github":
        flow["env"]["STARRY_REPO"] = str(apps.bare)
    else:
        for name in ("preview", "stop-preview"):
            flow[name]["variables"]["STARRY_REPO"] = str(apps.bare)
    return flow


def told(scene: Scene) -> None:
    """The preview is there, and its pull request knows."""
    assert READY in scene.sticky()
    (status,) = scene.repository.call("GET", f"/commits/{scene.commit}/statuses")
    assert (status["status"], status["target_url"][:8]) == ("success", "https://")


def last_word(scene: Scene) -> None:
    """The preview is gone, the same comment says so, and nothing of the pull request ran."""
    assert scene.apps.names() == []
    assert GONE in scene.sticky()
    assert not list(scene.work.rglob("owned"))


@pytest.mark.parametrize("name", ["backend", "frontend"])
def test_the_examples_for_github(scene: Scene, name: str) -> None:
    flow = example(f"github/component-{name}.yaml", scene.apps)
    job = scene.github(flow, "preview", "opened", scene.bot.token)
    assert not job.failed, job.log
    told(scene)
    scene.close()
    job = scene.github(flow, "delete", "closed", scene.bot.token)
    assert not job.failed, job.log
    last_word(scene)


@pytest.mark.parametrize("name", ["backend", "frontend"])
def test_the_examples_for_gitlab(scene: Scene, name: str) -> None:
    pipeline = example(f"gitlab/component-{name}.gitlab-ci.yml", scene.apps)
    done = scene.gitlab(pipeline, "preview", scene.bot.token)
    assert done.code == 0, done.log
    told(scene)
    scene.close()
    done = scene.gitlab(pipeline, "stop-preview", scene.bot.token)
    assert done.code == 0, done.log
    last_word(scene)


def test_the_component_for_gitlab(scene: Scene) -> None:
    _, pipeline = gitlab.component(ROOT / "templates/preview/template.yml", repo=str(scene.apps.bare))
    assert scene.gitlab(pipeline, "preview", scene.bot.token).code == 0
    told(scene)
    scene.close()
    assert scene.gitlab(pipeline, "stop-preview", scene.bot.token).code == 0
    last_word(scene)


def test_on_github_a_token_that_may_not_comment_fails_no_preview(scene: Scene) -> None:
    job = scene.github(example("github/component-backend.yaml", scene.apps), "preview", "opened", scene.reader.token)
    assert not job.failed, job.log
    assert "STARRY_FORGE_TOKEN" in job.log, "it says what to look at"
    assert (scene.apps.names(), scene.sticky()) == ([f"preview-{scene.number}"], "")


def test_on_gitlab_a_token_that_may_not_comment_fails_no_preview(scene: Scene) -> None:
    pipeline = example("gitlab/component-backend.gitlab-ci.yml", scene.apps)
    done = scene.gitlab(pipeline, "preview", scene.reader.token)
    assert done.code == 0, done.log
    assert "STARRY_FORGE_TOKEN" in done.log, "it says what to look at"
    assert "The preview is there; only its comment is not." in done.log
    assert (scene.apps.names(), scene.sticky()) == ([f"preview-{scene.number}"], "")


@pytest.fixture
def act(scene: Scene):
    """The action where Starry is installed already."""
    (scene.work / "starry/bin").mkdir(parents=True)
    (scene.work / "starry/from").write_text(str(ROOT))
    (scene.work / "starry/bin/starry").symlink_to(scene.programs.folder / "starry")

    def act(**given: str) -> github.Job:
        inputs = {"repo": str(scene.apps.bare), **given}
        return github.action_job(ACTION, inputs, scene.work, scene.programs.path, ROOT)

    return act


def test_the_action(act, scene: Scene) -> None:
    comment = {"command": "comment", "pr": scene.url, "forge-token": scene.bot.token}
    act(pr=scene.url, images="backend=1.0.0", commit=scene.commit)
    job = act(**comment)
    assert not job.failed, job.log
    assert job.log.startswith(f"::add-mask::{scene.bot.token}\n")
    assert job.log.count(scene.bot.token) == 1
    told(scene)
    scene.close()
    act(command="delete", pr=scene.url)
    assert not act(**comment).failed
    last_word(scene)


def test_the_action_on_a_schedule(act, scene: Scene) -> None:
    act(pr=scene.url, images="backend=1.0.0", commit=scene.commit)
    job = act(**{"command": "comment", "all": "true", "forge-token": scene.bot.token})
    assert not job.failed, job.log
    told(scene)


def test_the_action_says_what_comment_needs(act, scene: Scene) -> None:
    act(pr=scene.url, images="backend=1.0.0")
    assert act(command="comment", pr=str(scene.number)).failed == "Run Starry: exit 2"
    assert act(command="comment").failed == "Run Starry: exit 2"
    refused = act(command="comment", pr=scene.url, **{"forge-token": scene.reader.token})
    assert refused.failed == "Run Starry: exit 6"
    assert scene.sticky() == ""


@pytest.fixture
def written(tmp_path: Path) -> tuple[Any, Any]:
    """What `starry init --ci` writes for a schedule: on GitHub, on GitLab."""
    for forge in ("github", "gitlab"):
        for path, text in render_pipeline(forge, EXAMPLE).items():
            (tmp_path / Path(path).name).write_text(text, encoding="utf-8")
    return github.load(tmp_path / "starry-schedule.yaml"), gitlab.load(tmp_path / ".gitlab-ci.yml")


def test_what_init_writes_comments_after_sync_and_gc_whatever_became_of_them(written: tuple[Any, Any]) -> None:
    flow, pipeline = written
    job = flow["jobs"]["comment"]
    assert job["needs"] == ["sync", "gc"]
    assert "!cancelled()" in job["if"], "else a job that was skipped or failed would skip this one"
    assert pipeline["stages"][-3:] == [pipeline[name]["stage"] for name in ("sync", "gc", "comment")]
    assert [rule["when"] for rule in pipeline["comment"]["rules"]] == ["always"]


def test_what_init_writes_has_the_last_word_after_gc(scene: Scene, written: tuple[Any, Any]) -> None:
    """GitHub's schedule and GitLab's, one after the other: a preview is told, expires, is collected, is told gone."""
    flow, pipeline = written
    context = {
        "github": {
            "event_name": "schedule",
            "server_url": scene.apps.bare.parent.as_uri(),
            "repository": scene.apps.bare.stem,
        },
        "secrets": {"STARRY_FORGE_TOKEN": scene.bot.token},
        "vars": {"STARRY_SYNC": "true"},
    }
    name = f"preview-{scene.number}"
    scene.apps.ok("create", "--pr", scene.url, "--image", "backend=1.0.0", "--commit", scene.commit)
    job = github.run_job(flow, "comment", scene.work, scene.programs.path, context)
    assert job is not None
    assert not job.failed, job.log
    told(scene)
    scene.apps.age(name, minutes=600)
    known = {"CI_PROJECT_URL": str(scene.apps.bare.with_suffix("")), "STARRY_FORGE_TOKEN": scene.bot.token}
    for stage in ("gc", "comment"):
        done = gitlab.run_job(pipeline, stage, scene.work, scene.programs.path, known)
        assert done.code == 0, done.log
    assert scene.apps.names() == []
    assert "It had expired" in scene.sticky()
