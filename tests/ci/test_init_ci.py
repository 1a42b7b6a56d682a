"""`starry init --ci`: the pipeline's files, written without touching anything, and their scripts run."""

from pathlib import Path
from typing import Any

import pytest

from tests.ci import github, gitlab
from tests.ci.programs import Programs
from tests.support.basics import git
from tests.support.cli import run
from tests.support.repos import DOMAIN, REPO_URL, Apps

REVIEW, SCHEDULE = ".github/workflows/starry-review.yaml", ".github/workflows/starry-schedule.yaml"
FILES = {"github": {REVIEW, SCHEDULE}, "gitlab": {".gitlab-ci.yml"}}
COMMENT = ["starry", "comment", "--all", "--all-overlays"]
TOKENS = {"github": {"token": "ghs-built-in"}}


def init(folder: Path, *args: str) -> Any:
    done = run("init", str(folder), *args, "-o", "json")
    assert done.code == 0, done.err
    return done.json()


def files_of(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_pipeline_is_all_that_the_option_adds(tmp_path: Path, forge: str) -> None:
    set_up = ("--domain", DOMAIN, "--repo-url", REPO_URL)
    init(tmp_path / "with", *set_up, "--ci", forge)
    init(tmp_path / "without", *set_up)
    both = files_of(tmp_path / "with"), files_of(tmp_path / "without")
    assert both[0].keys() - both[1].keys() == FILES[forge]
    assert {path: text for path, text in both[0].items() if path not in FILES[forge]} == both[1]


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_repository_that_is_set_up_gets_the_pipeline_alone(tmp_path: Path, forge: str) -> None:
    folder = tmp_path / "apps"
    init(folder, "--domain", DOMAIN)
    (folder / "base/image-updater.yaml").unlink()
    assert set(init(folder, "--ci", forge, "--repo-url", REPO_URL)["created"]) == FILES[forge]
    assert not (folder / "base/image-updater.yaml").exists()
    mine = folder / min(FILES[forge])
    mine.write_text("mine\n")
    again = init(folder, "--ci", forge)
    assert (again["created"], set(again["kept"])) == ([], FILES[forge])
    assert mine.read_text() == "mine\n"


def test_a_dry_run_shows_the_pipeline_and_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "apps"
    init(folder, "--domain", DOMAIN)
    before = files_of(folder)
    shown = init(folder, "--ci", "github", "--dry-run")
    assert set(shown["created"]) == FILES["github"]
    assert "+name: starry-review" in shown["diff"]
    assert files_of(folder) == before


def test_an_empty_folder_still_needs_a_domain(tmp_path: Path) -> None:
    assert run("init", str(tmp_path / "apps"), "--ci", "github").code == 2
    assert not (tmp_path / "apps").exists()


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("https://gitlab.com/group/sub/apps.git", "git+https://gitlab.com/group/sub/starry.git@v0.1.0"),
        ("git@github.com:myorg/apps.git", "git+ssh://git@github.com/myorg/starry.git@v0.1.0"),
        ("ssh://git@host:2222/myorg/apps.git", "git+ssh://git@host:2222/myorg/starry.git@v0.1.0"),
        ("/srv/git/apps.git", "git+file:///srv/git/starry.git@v0.1.0"),
        ('https://example.com/a"b: {c}\n#/apps.git', 'git+https://example.com/a"b: {c}\n#/starry.git@v0.1.0'),
    ],
)  # fmt: skip
def test_starry_is_expected_beside_the_repository(tmp_path: Path, url: str, package: str) -> None:
    init(tmp_path / "a", "--domain", DOMAIN)
    for forge, read in (("github", github.load), ("gitlab", gitlab.load)):
        init(tmp_path / "a", "--ci", forge, "--repo-url", url)
        for name in FILES[forge]:
            flow = read(tmp_path / "a" / name)
            assert (flow.get("env") or flow["variables"])["STARRY_PACKAGE"] == package


@pytest.fixture
def clone(apps: Apps, tmp_path: Path) -> Path:
    """A clone of the apps repository with both pipelines, on a pull request's branch."""
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(apps.bare), str(folder))
    for forge in ("github", "gitlab"):
        init(folder, "--ci", forge, "--repo-url", REPO_URL)
    return folder


def context(apps: Apps, event: str, *, sync: str = "", fork: bool = False) -> dict[str, Any]:
    owner = "stranger" if fork else "myorg"
    pull = {"html_url": f"{REPO_URL}/pull/5", "number": 5, "head": {"repo": {"full_name": f"{owner}/argocd-apps"}}}
    return {
        "github": {
            "event_name": event,
            "event": {"pull_request": pull} if event == "pull_request" else {},
            "repository": "myorg/argocd-apps",
            "server_url": apps.bare.parent.as_uri(),
            "token": "built-in",
        },
        "secrets": {"STARRY_FORGE_TOKEN": "forge"},
        "vars": {"STARRY_SYNC": sync},
    }


@pytest.fixture
def at_url(apps: Apps) -> Apps:
    """The repository where `github.server_url`/`github.repository`.git points to."""
    (apps.bare.parent / "myorg").mkdir()
    (apps.bare.parent / "myorg/argocd-apps.git").symlink_to(apps.bare)
    return apps


def test_github_validates_what_is_proposed(clone: Path, apps: Apps, programs: Programs) -> None:
    flow = github.load(clone / REVIEW)
    steps = flow["jobs"]["validate"]["steps"]
    assert ["pipx" in step.get("run", "") for step in steps] == [True, False, False], "installed before the checkout"
    job = github.Job(folder=clone, path=programs.path, context={"github": {}}, env=flow["env"]).run(steps)
    assert not job.failed, job.log
    assert programs.calls("pipx") == [["pipx", "install", "git+https://github.com/myorg/starry.git@v0.1.0"]]
    (clone / "overlays/dev/previews/stray.yaml").write_text("a: 1\n")
    job = github.Job(folder=clone, path=programs.path, context={"github": {}}, env=flow["env"]).run(steps)
    assert job.failed == "Validate: exit 7"
    assert "::error file=overlays/dev/previews/stray.yaml,line=1," in job.log


@pytest.mark.parametrize("fork", [False, True])
def test_github_reviews_a_pull_request(clone: Path, at_url: Apps, programs: Programs, work: Path, fork: bool) -> None:
    flow, known = github.load(clone / REVIEW), context(at_url, "pull_request", fork=fork)
    job = github.run_job(flow, "review", work, programs.path, known)
    assert job is not None
    assert not job.failed, job.log
    assert programs.calls("starry") == [["starry", "review", "--pr", f"{REPO_URL}/pull/5", "-o", "github"]]
    env = github.Job(folder=work, path="", context=known)._filled(flow["jobs"]["review"]["steps"][-1]["env"])
    assert env["STARRY_COMMENT"] == ("false" if fork else "true")
    assert programs.tokens("starry") == [{"STARRY_GIT_TOKEN": "built-in", "STARRY_FORGE_TOKEN": "built-in"}]
    assert github.run_job(flow, "review", work, programs.path, context(at_url, "merge_group")) is None


def test_github_collects_on_a_schedule(clone: Path, at_url: Apps, programs: Programs, work: Path) -> None:
    at_url.create("preview-1")
    at_url.age("preview-1", minutes=600)
    flow, known = github.load(clone / SCHEDULE), context(at_url, "schedule")
    assert github.run_job(flow, "sync", work, programs.path, known) is None
    assert github.run_job(flow, "comment", work, programs.path, known) is None
    job = github.run_job(flow, "gc", work, programs.path, known)
    assert job is not None
    assert not job.failed, job.log
    assert "1 removed" in job.summary
    assert at_url.names() == []


def test_github_syncs_and_comments_where_it_is_wanted(
    clone: Path, at_url: Apps, programs: Programs, work: Path
) -> None:
    flow = github.load(clone / SCHEDULE)
    known = context(at_url, "repository_dispatch", sync="true")
    ran = [name for name in flow["jobs"] if github.run_job(flow, name, work, programs.path, known)]
    assert ran == ["sync", "comment"]
    assert programs.calls("starry") == [["starry", "sync"], COMMENT]
    assert programs.tokens("starry") == [{"STARRY_GIT_TOKEN": "built-in", "STARRY_FORGE_TOKEN": "forge"}] * 2


def test_each_github_job_may_do_what_it_needs_and_no_more(clone: Path) -> None:
    rights = {
        name: (job["permissions"], "secrets." in str(job), job.get("environment", {}).get("name"))
        for file in (REVIEW, SCHEDULE)
        for name, job in github.load(clone / file)["jobs"].items()
    }
    assert rights == {
        "validate": ({"contents": "read"}, False, None),
        "review": ({"contents": "read", "pull-requests": "write"}, False, None),
        "sync": ({"contents": "write"}, True, "starry"),
        "gc": ({"contents": "write"}, False, None),
        "comment": ({"contents": "read"}, True, "starry"),
    }


MERGE_REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_REF_PROTECTED": "false"}
SCHEDULED = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_REF_PROTECTED": "true"}


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (MERGE_REQUEST, ["validate", "review"]),
        ({**MERGE_REQUEST, "STARRY_SYNC": "true"}, ["validate", "review"]),
        (SCHEDULED, ["gc"]),
        ({**SCHEDULED, "STARRY_SYNC": "true"}, ["sync", "gc", "comment"]),
        ({**SCHEDULED, "CI_PIPELINE_SOURCE": "trigger", "STARRY_SYNC": "true"}, ["sync", "comment"]),
        ({**SCHEDULED, "CI_COMMIT_REF_PROTECTED": "false"}, []),
        ({**SCHEDULED, "CI_PIPELINE_SOURCE": "push"}, []),
    ],
)
def test_gitlab_runs_what_belongs_to_the_event(clone: Path, variables: dict[str, str], jobs: list[str]) -> None:
    assert gitlab.jobs_of(gitlab.load(clone / ".gitlab-ci.yml"), variables) == jobs


def test_gitlab_validates_what_is_proposed(clone: Path, programs: Programs) -> None:
    pipeline = gitlab.load(clone / ".gitlab-ci.yml")
    done = gitlab.run_job(pipeline, "validate", clone, programs.path, MERGE_REQUEST)
    assert done.code == 0, done.log
    assert programs.calls("pip") == [
        ["pip", "install", "--quiet", "git+https://github.com/myorg/starry.git@v0.1.0"]
    ]  # fmt: skip
    (clone / "overlays/dev/previews/stray.yaml").write_text("a: 1\n")
    assert gitlab.run_job(pipeline, "validate", clone, programs.path, MERGE_REQUEST).code == 7


def test_gitlab_reviews_against_the_target_branch_as_it_is_without_a_token(
    clone: Path, apps: Apps, programs: Programs
) -> None:
    pipeline = gitlab.load(clone / ".gitlab-ci.yml")
    apps.create("preview-9")  # after the merge request began
    known = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": "b" * 40}
    done = gitlab.run_job(pipeline, "review", clone, programs.path, {**MERGE_REQUEST, **known})
    assert done.code == 0, done.log
    assert git(clone, "rev-parse", "refs/starry/target") == git(apps.bare, "rev-parse", "main")
    span = f"refs/starry/target...{'b' * 40}"
    calls = programs.calls("starry")
    assert calls == [["starry", "review", span, "-o", "gitlab"], ["starry", "review", span, "-o", "markdown"]]
    assert (clone / pipeline["review"]["artifacts"]["reports"]["codequality"]).is_file()
    assert not any(name.endswith("_TOKEN") for name in pipeline["review"]["variables"])


def test_gitlab_collects_on_a_schedule(clone: Path, at_url: Apps, programs: Programs, work: Path) -> None:
    at_url.create("preview-1")
    at_url.age("preview-1", minutes=600)
    pipeline = gitlab.load(clone / ".gitlab-ci.yml")
    project = {"CI_PROJECT_URL": f"{at_url.bare.parent}/myorg/argocd-apps"}
    done = gitlab.run_job(pipeline, "gc", work, programs.path, {**SCHEDULED, **project})
    assert done.code == 0, done.log
    assert at_url.names() == []
    assert pipeline["gc"]["resource_group"] == "starry"


def test_gitlab_syncs_and_comments(clone: Path, programs: Programs, work: Path) -> None:
    pipeline = gitlab.load(clone / ".gitlab-ci.yml")
    for name in ("sync", "comment"):
        assert gitlab.run_job(pipeline, name, work, programs.path, {**SCHEDULED, "CI_PROJECT_URL": "x"}).code == 0
    assert programs.calls("starry") == [["starry", "sync"], COMMENT]
