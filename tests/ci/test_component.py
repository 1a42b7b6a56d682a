"""The GitLab CI components: inputs filled in as GitLab does, their scripts run on a real apps repository."""

import re
from pathlib import Path

import pytest
import yaml

from docs.markdown import ROOT
from starry_gitops.core.ttl import parse_duration
from tests.ci import gitlab
from tests.ci.programs import Programs
from tests.support.repos import Apps

PREVIEW, GC = (ROOT / "templates" / name / "template.yml" for name in ("preview", "gc"))
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7",
    "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.com/myorg/app",
    "CI_MERGE_REQUEST_IID": "12",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": '"; touch owned; $(touch owned) #',
    "CI_COMMIT_SHA": "abcd1234" * 5,
    "CI_COMMIT_SHORT_SHA": "abcd1234",
    "CI_PIPELINE_IID": "40",
    "GITLAB_USER_LOGIN": "alice",
}


def test_a_merge_requests_preview_comes_and_goes(apps: Apps, programs: Programs, work: Path) -> None:
    _, pipeline = gitlab.component(PREVIEW, repo=str(apps.bare))
    done = gitlab.run_job(pipeline, "preview", work, programs.path, MERGE_REQUEST)
    assert done.code == 0, done.log
    assert apps.values("preview-12")["backend"]["image"]["tag"] == "pr-12-abcd1234"
    assert apps.annotation("preview-12", "owner") == "alice"
    assert apps.annotation("preview-12", "sequence") == "40"
    assert apps.annotation("preview-12", "ttl-minutes") == "120"
    assert apps.annotation("preview-12", "pull-request") == "https://gitlab.com/myorg/app/-/merge_requests/12"
    job = pipeline["preview"]
    report = dict(
        line.split("=", 1) for line in (work / job["artifacts"]["reports"]["dotenv"]).read_text().splitlines()
    )
    assert report[job["environment"]["url"].removeprefix("$")] == "https://sample-be.preview-12.starry.mycompany.com"
    done = gitlab.run_job(pipeline, "stop-preview", work, programs.path, MERGE_REQUEST)
    assert done.code == 0, done.log
    assert apps.names() == []
    assert not list(work.rglob("owned"))


def test_a_comment_is_kept_where_there_is_a_token_for_it(apps: Apps, programs: Programs, work: Path) -> None:
    _, pipeline = gitlab.component(PREVIEW, repo=str(apps.bare))
    for token in ("", "forge"):
        for name in ("preview", "stop-preview"):
            variables = {**MERGE_REQUEST, "STARRY_FORGE_TOKEN": token}
            assert gitlab.run_job(pipeline, name, work, programs.path, variables).code == 0
    assert programs.calls("starry") == [["starry", "comment"]] * 2
    assert programs.tokens("starry") == [{"STARRY_FORGE_TOKEN": "forge"}] * 2


def test_the_preview_does_not_fail_with_its_comment(apps: Apps, programs: Programs, work: Path) -> None:
    programs.break_("comment")
    _, pipeline = gitlab.component(PREVIEW, repo=str(apps.bare))
    variables = {**MERGE_REQUEST, "STARRY_FORGE_TOKEN": "forge"}
    for name, said in (("preview", "The preview is there"), ("stop-preview", "The preview is gone")):
        done = gitlab.run_job(pipeline, name, work, programs.path, variables)
        assert done.code == 0, done.log
        assert said in done.log
    assert programs.calls("starry") == [["starry", "comment"]] * 2


def test_what_failed_itself_is_not_told(programs: Programs, work: Path) -> None:
    _, pipeline = gitlab.component(PREVIEW, repo=str(work / "missing"))
    variables = {**MERGE_REQUEST, "STARRY_FORGE_TOKEN": "forge"}
    assert gitlab.run_job(pipeline, "preview", work, programs.path, variables).code != 0
    assert programs.calls("starry") == []


def test_the_environment_stops_through_the_other_job() -> None:
    _, pipeline = gitlab.component(PREVIEW, repo="x", job_name="shop", auto_stop_in="never")
    start, stop = pipeline["shop"]["environment"], pipeline["stop-shop"]["environment"]
    assert (start["on_stop"], start["auto_stop_in"]) == ("stop-shop", "never")
    assert (stop["name"], stop["action"]) == (start["name"], "stop")
    assert pipeline["stop-shop"]["rules"][0]["when"] == "manual"
    assert pipeline["stop-shop"]["variables"]["GIT_STRATEGY"] == "none", "the branch is gone by then"


def test_gitlab_stops_the_environment_when_the_preview_expires() -> None:
    inputs, _ = gitlab.component(PREVIEW, repo="x")
    hours, unit = inputs["auto-stop-in"]["default"].split()
    assert unit == "hours"
    assert parse_duration(inputs["ttl"]["default"]) == int(hours) * 60


def test_a_fork_gets_no_preview() -> None:
    _, pipeline = gitlab.component(PREVIEW, repo="x")
    assert gitlab.jobs_of(pipeline, MERGE_REQUEST) == ["preview", "stop-preview"]
    assert gitlab.jobs_of(pipeline, {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"}) == []
    assert gitlab.jobs_of(pipeline, {**MERGE_REQUEST, "CI_PIPELINE_SOURCE": "push"}) == []


def test_gc_collects_on_a_schedule(apps: Apps, programs: Programs, work: Path) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=600)
    _, pipeline = gitlab.component(GC)
    project = {"CI_PROJECT_URL": str(apps.bare).removesuffix(".git")}
    done = gitlab.run_job(pipeline, "starry-gc", work, programs.path, project)
    assert done.code == 0, done.log
    assert apps.names() == []
    assert gitlab.jobs_of(pipeline, {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_REF_PROTECTED": "true"})
    assert not gitlab.jobs_of(pipeline, {"CI_PIPELINE_SOURCE": "merge_request_event"})


@pytest.mark.parametrize("path", [PREVIEW, GC], ids=["preview", "gc"])
def test_no_input_and_no_value_becomes_a_part_of_a_script(path: Path) -> None:
    _, body = path.read_text("utf-8").split("\n---\n")
    for name, job in yaml.safe_load(body.replace("$[[ inputs.job-name ]]", "job")).items():
        lines = [*job.get("before_script", []), *job.get("script", [])]
        assert not any("$[[" in line for line in lines), name
        for line in lines:
            command = line.removeprefix('test -z "$STARRY_FORGE_TOKEN" || ')
            assert command.startswith("starry ") or '"$STARRY_PACKAGE"' in command, name
            assert set(re.findall(r"\$\w*", line)) <= {"$STARRY_PACKAGE", "$STARRY_FORGE_TOKEN"}, name


@pytest.mark.parametrize(
    "given", [{"ttl": "2h; id"}, {"job_name": "a b"}, {"job_name": "a:\n  script: id"}, {"auto_stop_in": "soon"}]
)
def test_inputs_have_a_shape(given: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        gitlab.component(PREVIEW, repo="x", **given)
