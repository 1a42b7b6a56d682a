"""The GitHub Action: its steps run as the runner would run them, on a real apps repository."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.commands import commands, own_options, program, variable
from docs.markdown import ROOT
from tests.ci.github import Job, action_job, load
from tests.ci.programs import Programs
from tests.ci.tools import missing
from tests.support.gitserver import GitServer
from tests.support.repos import Apps

ACTION = load(ROOT / "action.yml")
OUTPUTS = ACTION["outputs"]


@pytest.fixture
def run(apps: Apps, programs: Programs, work: Path):
    """The action where Starry is installed already: the `starry` on PATH."""
    (work / "starry/bin").mkdir(parents=True)
    (work / "starry/from").write_text(str(ROOT))
    (work / "starry/bin/starry").symlink_to(programs.folder / "starry")

    def run(**given: str) -> tuple[Job, dict[str, str]]:
        inputs = {"repo": str(apps.bare), **{name.replace("_", "-"): value for name, value in given.items()}}
        job = action_job(ACTION, inputs, work, programs.path, ROOT)
        return job, job.outputs(OUTPUTS)

    return run


def test_create_gives_urls_and_expiry(run, apps: Apps) -> None:
    images = "backend=pr-1-abcd123\nfrontend1=pr-1-abcd123\n"
    job, outputs = run(pr="https://github.com/myorg/app/pull/7", images=images, owner="alice", ttl="2h", sequence="3")
    assert not job.failed, job.log
    assert (outputs["action"], outputs["name"], outputs["commit"]) == ("created", "preview-7", apps.tip())
    assert outputs["url-backend"] == outputs["url"] == "https://sample-be.preview-7.starry.mycompany.com"
    assert outputs["url-frontend1"].startswith("https://")
    assert outputs["url-frontend2"] == ""
    assert outputs["expires-at"] == apps.annotation("preview-7", "expires-at")
    assert apps.annotation("preview-7", "owner") == "alice"
    assert apps.annotation("preview-7", "sequence") == "3"
    assert "### preview-7: created" in job.summary


def test_a_previews_life(run, apps: Apps) -> None:
    run(name="preview-1", images="backend=1.0.0")
    assert run(command="update", name="preview-1", images="backend=2.0.0")[1]["action"] == "updated"
    assert run(command="extend", name="preview-1", ttl="1h")[1]["action"] == "updated"
    assert run(command="delete", name="preview-1")[1]["action"] == "deleted"
    assert run(command="delete", pr="1")[1]["action"] == "absent"
    assert apps.names() == []


def test_several_are_deleted_at_once(run, apps: Apps) -> None:
    for name in ("preview-1", "preview-2"):
        apps.create(name)
    job, outputs = run(command="delete", name="preview-1\npreview-2\n")
    assert not job.failed, job.log
    assert (outputs["names"], outputs["action"]) == ('["preview-1","preview-2"]', "deleted")


def test_gc_names_what_it_removed(run, apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=600)
    assert run(command="gc")[1]["names"] == '["preview-1"]'


def test_a_dry_run_changes_nothing(run, apps: Apps) -> None:
    before = apps.refs()
    assert run(name="preview-1", images="backend=1.0.0", dry_run="true")[1]["action"] == "created"
    assert apps.refs() == before


def test_a_failure_fails_the_step(run) -> None:
    job, outputs = run(command="update", name="preview-1", images="backend=1.0.0")
    assert job.failed == "Run Starry: exit 3"
    assert outputs["action"] == ""


@pytest.mark.parametrize("command", ["validate; id", "--version", "", "create\nid", "$(id)", "demo"])
def test_only_the_actions_own_commands_run(run, apps: Apps, command: str) -> None:
    before = apps.refs()
    job, _ = run(command=command, name="preview-1", images="backend=1.0.0")
    assert job.failed == "Run Starry: exit 2"
    assert "uid=" not in job.log
    assert apps.refs() == before


@pytest.mark.parametrize("hostile", ['"; touch owned; "', "$(touch owned)", "`touch owned`", "--help", "a b", "* ?"])
def test_no_input_becomes_a_part_of_a_script(run, apps: Apps, work: Path, hostile: str) -> None:
    names = set(work.iterdir())
    for name in ("name", "owner", "pr", "source_branch", "images", "set", "ttl", "repo", "branch", "token"):
        run(**{"name": "preview-1", "images": "backend=1.0.0", name: hostile})
    assert not list(work.rglob("owned"))
    assert {path.name for path in set(work.iterdir()) - names} <= {
        f"step-{number}-{kind}" for number in range(2) for kind in ("run", "output", "summary")
    }
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in apps.names())


def test_the_token_is_masked_before_anything_else_is_said_and_reaches_no_command_line(
    run, apps: Apps, server: GitServer
) -> None:
    job, outputs = run(name="preview-1", images="backend=1.0.0", repo=server.url, token=server.token)
    assert not job.failed, job.log
    assert outputs["action"] == "created"
    assert job.log.startswith(f"::add-mask::{server.token}\n")
    assert job.log.count(server.token) == 1
    assert server.token not in job.summary
    script = ACTION["runs"]["steps"][-1]["run"]
    assert [line for line in script.splitlines() if "TOKEN" in line] == [
        'for token in "$STARRY_GIT_TOKEN" "$STARRY_FORGE_TOKEN"; do'
    ]


def test_what_a_repository_says_is_no_command_to_the_runner(run, apps: Apps) -> None:
    """Between `::stop-commands::` and its token the runner obeys nothing; the token is new each time."""
    tokens = set()
    for _ in range(2):
        job, _ = run(name="preview-1", images="backend=1.0.0")
        first, *inside, last = [line for line in job.log.splitlines() if line]
        assert last == f"::{first.removeprefix('::stop-commands::')}::"
        assert inside[0].startswith("preview-1 ")
        tokens.add(last)
    assert len(tokens) == 2


def test_every_input_reaches_an_option() -> None:
    """Each variable of the step is an option's of some command; what is left is named here."""
    env = ACTION["runs"]["steps"][-1]["env"]
    found = {variable(option) for one in commands().values() for option in own_options(one)}
    found |= {variable(option) for option in program().params}
    assert set(env) - found == {"COMMAND", "NAME", "STARRY_GIT_TOKEN", "STARRY_FORGE_TOKEN"}
    used = {name for value in env.values() for name in re.findall(r"inputs\.([\w-]+)", value)}
    assert used == set(ACTION["inputs"])


def test_every_output_is_given(run) -> None:
    """An output that no command writes would be empty for ever."""
    images = "backend=1 frontend1=1 frontend2=1"
    _, outputs = run(name="preview-1", images=images)
    assert {name for name, value in outputs.items() if not value} == {"proposal", "proposal-state"}


def test_it_installs_itself_with_the_locked_dependencies(tmp_path: Path) -> None:
    """The first step as it is: a new environment, hashes checked; the second time it has nothing to do."""
    alone = {**ACTION, "runs": {"steps": ACTION["runs"]["steps"][:1]}}
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    first = action_job(alone, {"repo": "x"}, tmp_path, path, ROOT)
    if re.search(r"No matching distribution|Could not find a version|Max retries|ConnectionError", first.log):
        missing("no package index can be reached")
    assert not first.failed, first.log
    starry = tmp_path / "starry/bin/starry"
    before = starry.stat().st_mtime_ns
    assert not action_job(alone, {"repo": "x"}, tmp_path, "/usr/bin:/bin", ROOT).failed
    assert starry.stat().st_mtime_ns == before
    # What is installed has all that a checkout has, also in folders whose names begin with a dot.
    for forge, file in (("github", ".github/workflows/starry-review.yaml"), ("gitlab", ".gitlab-ci.yml")):
        command = [str(starry), "init", forge, "--domain", "a.example.com", "--ci", forge]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        assert (tmp_path / forge / file).is_file()
