"""The pipelines of examples/ that build, push and show: what can run without a forge or a cloud is run."""

import re
from pathlib import Path
from typing import Any

import pytest

from docs.markdown import ROOT
from tests.ci import github, gitlab
from tests.ci.programs import Programs
from tests.support.repos import Apps

EXAMPLES = ROOT / "examples"
BRANCH = 'feature/"; touch owned; $(touch owned)'
SHA = "abcd123456" * 4
# What each component's example shows: the preview's name, the images, whose URL the environment has.
CASES = {
    "backend": ("preview-123", {"backend": "TAG"}, "sample-be"),
    "frontend": ("fe-1-123", {"frontend1": "TAG", "backend": "main"}, "sample-fe-1"),
}
APP = {"backend": "sample-be", "frontend": "sample-fe-1"}
component = pytest.mark.parametrize("component", list(CASES))


def tags(apps: Apps, name: str) -> dict[str, str]:
    blocks = apps.values(name).items()
    return {key: block["image"]["tag"] for key, block in blocks if isinstance(block, dict) and "image" in block}


def expected(component: str, tag: str) -> dict[str, str]:
    return {key: tag if value == "TAG" else value for key, value in CASES[component][1].items()}


class GitHub:
    """A component's workflow on GitHub."""

    def __init__(self, component: str, apps: Apps, programs: Programs, work: Path) -> None:
        self.flow = github.load(EXAMPLES / f"github/component-{component}.yaml")
        self.flow["env"]["STARRY_REPO"] = str(apps.bare)
        self.path, self.work = programs.path, work

    def run(self, name: str, action: str, *, owner: str = "myorg", **needs: Any) -> github.Job | None:
        head = {"sha": SHA, "ref": BRANCH, "repo": {"full_name": f"{owner}/app"}}
        url = "https://github.com/myorg/app/pull/123"
        pull = {"number": 123, "html_url": url, "head": head, "user": {"login": "alice"}}
        context = {
            "github": {"event": {"action": action, "pull_request": pull}, "repository": "myorg/app", "token": "own"},
            "secrets": {"STARRY_GIT_TOKEN": "apps"},
            "needs": needs,
        }
        return github.run_job(self.flow, name, self.work, self.path, context, GITHUB_RUN_NUMBER="9")


@component
def test_github_builds_shows_and_deletes(component: str, apps: Apps, programs: Programs, work: Path) -> None:
    name, _, host = CASES[component]
    flow = GitHub(component, apps, programs, work)
    build = flow.run("build", "synchronize")
    assert build is not None
    assert not build.failed, build.log
    outputs = build.outputs(flow.flow["jobs"]["build"]["outputs"])
    assert outputs == {"tag": "pr-123-abcd123"}
    image = f"us-docker.pkg.dev/myproj/{APP[component]}/{APP[component]}:pr-123-abcd123"
    assert programs.calls() == [
        ["docker", "build", "--tag", image, "."],
        ["gcloud", "auth", "configure-docker", "us-docker.pkg.dev", "--quiet"],
        ["docker", "push", image],
    ]
    (_, checkout), (_, auth) = build.used
    assert checkout == {"ref": SHA, "persist-credentials": "false"}
    assert auth.keys() == {"workload_identity_provider", "service_account"}, "no key is stored"

    shown = flow.run("preview", "synchronize", build={"outputs": outputs})
    assert shown is not None
    assert not shown.failed, shown.log
    assert tags(apps, name) == expected(component, "pr-123-abcd123")
    assert (apps.annotation(name, "owner"), apps.annotation(name, "branch")) == ("alice", BRANCH)
    url = flow.flow["jobs"]["preview"]["environment"]["url"]
    assert shown.outputs({"url": url})["url"] == f"https://{host}.{name}.starry.mycompany.com"
    comment = ["starry", "comment", name]
    assert programs.calls("starry") == [comment, ["starry", "wait", name, "--wait-timeout", "10m"]]
    assert flow.run("delete", "synchronize") is None

    gone = flow.run("delete", "closed")
    assert gone is not None
    assert not gone.failed, gone.log
    assert apps.names() == []
    assert programs.calls("starry")[2:] == [comment]
    tokens = {"STARRY_GIT_TOKEN": "apps", "STARRY_FORGE_TOKEN": "own"}
    assert programs.tokens("starry") == [tokens, {"STARRY_GIT_TOKEN": "apps"}, tokens]
    assert not list(work.rglob("owned"))


@component
def test_a_push_that_changes_nothing_is_waited_for_without_a_commit(
    component: str, apps: Apps, programs: Programs, work: Path
) -> None:
    flow = GitHub(component, apps, programs, work)
    for _ in range(2):
        job = flow.run("preview", "synchronize", build={"outputs": {"tag": "pr-123-abcd123"}})
        assert job is not None
        assert not job.failed, job.log
    assert apps.count() == 2


@component
def test_a_preview_does_not_fail_with_its_comment(component: str, apps: Apps, programs: Programs, work: Path) -> None:
    programs.break_("comment")
    flow = GitHub(component, apps, programs, work)
    shown = flow.run("preview", "synchronize", build={"outputs": {"tag": "pr-123-abcd123"}})
    gone = flow.run("delete", "closed")
    for job in (shown, gone):
        assert job is not None
        assert not job.failed, job.log
    assert [call[1] for call in programs.calls("starry")] == ["comment", "wait", "comment"]


@component
def test_what_failed_itself_is_not_told(component: str, apps: Apps, programs: Programs, work: Path) -> None:
    flow = GitHub(component, apps, programs, work)
    flow.flow["env"]["STARRY_REPO"] = str(work / "missing")
    shown = flow.run("preview", "synchronize", build={"outputs": {"tag": "pr-123-abcd123"}})
    assert shown is not None
    assert shown.failed.startswith("Create or update: ")
    assert programs.calls("starry") == []


@component
def test_github_gives_forks_nothing(component: str, apps: Apps, programs: Programs, work: Path) -> None:
    flow = GitHub(component, apps, programs, work)
    assert flow.run("build", "opened", owner="stranger") is None
    assert flow.run("delete", "closed", owner="stranger") is None
    assert flow.flow["jobs"]["preview"]["needs"] == "build"


@component
def test_github_shows_each_token_to_the_step_that_needs_it(component: str) -> None:
    flow = github.load(EXAMPLES / f"github/component-{component}.yaml")
    assert flow["permissions"] == {}
    assert "secrets." not in str(flow["env"])
    for job in flow["jobs"].values():
        assert "secrets." not in str(job.get("env", ""))
        for step in job["steps"]:
            asks = step.get("run", "").startswith("starry ")
            assert ("STARRY_GIT_TOKEN" in step.get("env", {})) == asks, step
            assert ("STARRY_FORGE_TOKEN" in step.get("env", {})) == step.get("run", "").startswith("starry comment")
    comments = {"pull-requests": "write", "statuses": "write"}
    build = {"contents": "read", "id-token": "write"}
    rights = {name: job["permissions"] for name, job in flow["jobs"].items()}
    assert rights == {"build": build, "preview": comments, "delete": comments}


MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7",
    "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.com/myorg/app",
    "CI_MERGE_REQUEST_IID": "123",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": BRANCH,
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_SHORT_SHA": SHA[:8],
    "CI_PIPELINE_IID": "9",
    "GITLAB_USER_LOGIN": "alice",
}


def gitlab_pipeline(component: str, apps: Apps) -> dict[str, Any]:
    pipeline = gitlab.load(EXAMPLES / f"gitlab/component-{component}.gitlab-ci.yml")
    for name in ("preview", "stop-preview"):
        pipeline[name]["variables"]["STARRY_REPO"] = str(apps.bare)
    return pipeline


@component
def test_gitlab_builds_shows_and_stops(component: str, apps: Apps, programs: Programs, work: Path) -> None:
    name, _, host = CASES[component]
    pipeline, variables = gitlab_pipeline(component, apps), MERGE_REQUEST
    assert gitlab.jobs_of(pipeline, variables) == ["build", "preview", "wait", "stop-preview"]
    assert gitlab.jobs_of(pipeline, {**variables, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"}) == []

    done = gitlab.run_job(pipeline, "build", work, programs.path, {**variables, "GCP_ID_TOKEN": "a.b.c"})
    assert done.code == 0, done.log
    image = f"us-docker.pkg.dev/myproj/{APP[component]}/{APP[component]}:pr-123-abcd1234"
    build, config, login, docker, push = programs.calls()
    assert (build, push) == (["docker", "build", "--tag", image, "."], ["docker", "push", image])
    provider = pipeline["build"]["variables"]["PROVIDER"]
    assert config[1:5] == ["iam", "workload-identity-pools", "create-cred-config", provider]
    assert pipeline["build"]["id_tokens"]["GCP_ID_TOKEN"]["aud"] == f"https://iam.googleapis.com/{provider}"
    assert (login[1:3], docker[1:3]) == (["auth", "login"], ["auth", "configure-docker"])
    assert not any("a.b.c" in word for call in programs.calls() for word in call)

    done = gitlab.run_job(pipeline, "preview", work, programs.path, variables)
    assert done.code == 0, done.log
    assert tags(apps, name) == expected(component, "pr-123-abcd1234")
    report = (work / "starry.env").read_text()
    variable = pipeline["preview"]["environment"]["url"].removeprefix("$")
    assert f"{variable}=https://{host}.{name}.starry.mycompany.com\n" in report

    done = gitlab.run_job(pipeline, "wait", work, programs.path, variables, given=report)
    assert done.code == 0, done.log
    done = gitlab.run_job(pipeline, "stop-preview", work, programs.path, variables)
    assert done.code == 0, done.log
    assert apps.names() == []
    comment = ["starry", "comment", *([name] if component == "frontend" else [])]
    assert programs.calls("starry") == [comment, ["starry", "wait", name, "--wait-timeout", "10m"], comment]
    assert not list(work.rglob("owned"))


@component
def test_a_merge_requests_preview_does_not_fail_with_its_comment(
    component: str, apps: Apps, programs: Programs, work: Path
) -> None:
    programs.break_("comment")
    pipeline = gitlab_pipeline(component, apps)
    for job, said in (("preview", "The preview is there"), ("stop-preview", "The preview is gone")):
        done = gitlab.run_job(pipeline, job, work, programs.path, MERGE_REQUEST)
        assert done.code == 0, done.log
        assert said in done.log
    assert [call[1] for call in programs.calls("starry")] == ["comment", "comment"]


@component
def test_a_merge_request_that_got_no_preview_fails_and_is_not_told(
    component: str, apps: Apps, programs: Programs, work: Path
) -> None:
    pipeline = gitlab_pipeline(component, apps)
    pipeline["preview"]["variables"]["STARRY_REPO"] = str(work / "missing")
    assert gitlab.run_job(pipeline, "preview", work, programs.path, MERGE_REQUEST).code != 0
    assert programs.calls("starry") == []


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/component-*")), ids=lambda file: file.name)
def test_each_component_pushes_as_whom_terraform_makes_for_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    terraform = (ROOT / "terraform" / "google" / "pipelines.tf").read_text(encoding="utf-8")
    account = re.search(r'account_id += "(.*)\$\{each\.key\}"', terraform)
    pushed = re.search(r"IMAGE: us-docker\.pkg\.dev/(?P<project>[^/\s]+)/(?P<repository>[^/\s]+)/", text)
    assert account
    assert pushed
    wanted = f"{account[1]}{pushed['repository']}@{pushed['project']}.iam.gserviceaccount.com"
    assert re.findall(r"\S+@\S+\.iam\.gserviceaccount\.com", text) == [wanted]
