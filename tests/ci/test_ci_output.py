"""`--github-output` and `--dotenv`: what later steps and jobs get, whatever stands in a result."""

import json
from pathlib import Path

import pytest

from docs.commands import options, variable
from starry_gitops.cli.ci_output import Pipeline, tell_collection, tell_results
from starry_gitops.cli.program import COMMANDS, make_program
from tests.ci.github import read_outputs
from tests.support.repos import Apps

RESULT = {
    "name": "preview-1",
    "namespace": "preview-1",
    "action": "created",
    "commit": "a" * 40,
    "urls": {"backend": "https://be.example.com", "front-end": "https://fe.example.com"},
    "expiresAt": "2026-01-31T18:00:00Z",
    "dryRun": False,
}


def told(folder: Path, **changes) -> tuple[dict[str, str], str, str]:
    place = Pipeline(output=folder / "output", summary=folder / "summary", dotenv=folder / "dotenv")
    tell_results(place, [{**RESULT, **changes}])
    output, summary, dotenv = ((folder / name).read_text("utf-8") for name in ("output", "summary", "dotenv"))
    return read_outputs(output), summary, dotenv


def test_create_gives_its_result_to_later_steps(apps: Apps, tmp_path: Path) -> None:
    env = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    result = apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--github-output", env=env)
    outputs = read_outputs((tmp_path / "output").read_text())
    assert outputs == {
        "action": "created",
        "name": "preview-1",
        "namespace": "preview-1",
        "commit": apps.tip(),
        "expires-at": result["expiresAt"],
        "names": '["preview-1"]',
        "urls": json.dumps(result["urls"], separators=(",", ":")),
        "url": result["urls"]["backend"],
        "url-backend": result["urls"]["backend"],
    }
    summary = (tmp_path / "summary").read_text()
    assert summary.startswith("### preview-1: created\n")
    assert result["urls"]["backend"] in summary


def test_outputs_are_added_to_what_the_step_has_written_before(apps: Apps, tmp_path: Path) -> None:
    (tmp_path / "output").write_text("mine=1\n")
    env = {"GITHUB_OUTPUT": str(tmp_path / "output"), "STARRY_GITHUB_OUTPUT": "true"}
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", env=env)
    assert read_outputs((tmp_path / "output").read_text())["mine"] == "1"


@pytest.mark.parametrize("command", ["update", "extend", "delete"])
def test_every_writing_command_tells(apps: Apps, tmp_path: Path, command: str) -> None:
    apps.create("preview-1")
    more = {"update": ("--image", "backend=2.0.0"), "extend": ("--ttl", "1h"), "delete": ()}[command]
    env = {"GITHUB_OUTPUT": str(tmp_path / "output")}
    action = apps.ok(command, "preview-1", *more, "--github-output", env=env)["action"]
    outputs = read_outputs((tmp_path / "output").read_text())
    assert (outputs["action"], outputs["name"], outputs["commit"]) == (action, "preview-1", apps.tip())


def test_several_deletions_tell_what_they_have_in_common(apps: Apps, tmp_path: Path) -> None:
    apps.create("preview-2")
    apps.ok("delete", "preview-1", "preview-2", "--github-output", env={"GITHUB_OUTPUT": str(tmp_path / "output")})
    outputs = read_outputs((tmp_path / "output").read_text())
    assert outputs == {"action": "deleted", "commit": apps.tip(), "names": '["preview-1","preview-2"]'}


def test_gc_tells_what_it_removed_and_what_it_skipped(apps: Apps, tmp_path: Path) -> None:
    for name in ("preview-1", "preview-2", "preview-3"):
        apps.create(name)
    apps.age("preview-1", minutes=600)
    apps.edit_application("preview-2", lambda text: text.replace("starry.env/expires-at: ", "starry.env/expires-at: x"))
    env = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    assert apps.run("gc", "--github-output", env=env).code == 9
    assert read_outputs((tmp_path / "output").read_text()) == {
        "action": "deleted",
        "commit": apps.tip(),
        "kept": "1",
        "names": '["preview-1"]',
        "skipped": '["preview-2"]',
    }
    assert "### Previews: 1 removed, 1 kept, 1 skipped" in (tmp_path / "summary").read_text()


def test_without_a_file_for_outputs_nothing_is_done(apps: Apps) -> None:
    error = apps.fails(2, "create", "preview-1", "--image", "backend=1.0.0", "--github-output")
    assert "GITHUB_OUTPUT" in error["message"]


@pytest.mark.parametrize("place", ["no/such/folder.env", "."])
def test_without_a_place_for_the_dotenv_report_nothing_is_done(apps: Apps, tmp_path: Path, place: str) -> None:
    apps.fails(2, "create", "preview-1", "--image", "backend=1.0.0", "--dotenv", str(tmp_path / place))


def test_a_file_that_cannot_be_written_fails_and_says_what_stands(apps: Apps) -> None:
    env = {"GITHUB_OUTPUT": "/dev/full"}
    done = apps.run("create", "preview-1", "--image", "backend=1.0.0", "--github-output", env=env)
    assert done.code == 1
    assert "stands in the repository" in done.error()["hint"]
    assert apps.names() == ["preview-1"]


def test_the_dotenv_report_names_urls_and_expiry(apps: Apps, tmp_path: Path) -> None:
    report = tmp_path / "starry.env"
    result = apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--dotenv", str(report))
    assert report.read_text().splitlines() == [
        "STARRY_ACTION=created",
        "STARRY_NAME=preview-1",
        "STARRY_NAMESPACE=preview-1",
        f"STARRY_APPS_COMMIT={apps.tip()}",
        f"STARRY_EXPIRES_AT={result['expiresAt']}",
        'STARRY_NAMES=["preview-1"]',
        f"STARRY_PREVIEW_URL={result['urls']['backend']}",
        f"STARRY_URL_BACKEND={result['urls']['backend']}",
    ]


@pytest.mark.parametrize("url", ["https://x\nname=evil", "x\nstarry-00\nname=evil", "x<<EOF", "$(id) `id` ${{ x }}"])
def test_no_value_can_become_another_output_or_variable(tmp_path: Path, url: str) -> None:
    outputs, _, dotenv = told(tmp_path, urls={"backend": url})
    assert (outputs["url-backend"], outputs["name"]) == (url, "preview-1")
    lines = [line.split("=", 1) for line in dotenv.splitlines()]
    assert dict(lines)["STARRY_NAME"] == "preview-1"
    assert len({key for key, _ in lines}) == len(lines)


def test_what_gitlab_would_refuse_is_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, _, dotenv = told(tmp_path, urls={"backend": "https://a b", "front-end": "https://fe.example.com"})
    assert "STARRY_URL_BACKEND" not in dotenv
    assert "STARRY_URL_FRONT_END=https://fe.example.com\n" in dotenv
    assert "STARRY_URL_BACKEND" in caplog.text


@pytest.mark.parametrize(("count", "length"), [(50, 30), (12, 2000)])
def test_the_dotenv_report_stays_within_gitlabs_limits(tmp_path: Path, count: int, length: int) -> None:
    urls = {f"app{number}": f"https://{'a' * length}" for number in range(count)}
    outputs, _, dotenv = told(tmp_path, urls=urls)
    assert len(dotenv.encode()) <= 5 * 1024
    assert len(dotenv.splitlines()) <= 20
    assert "STARRY_EXPIRES_AT=" in dotenv
    assert json.loads(outputs["urls"]) == urls


def test_a_variable_of_the_report_is_no_option_of_a_later_command(tmp_path: Path) -> None:
    """A later job inherits the report: none of it may change what a command does there."""
    group = make_program()
    commands = [group, *(group.get_command(None, name) for name in COMMANDS)]
    taken = {variable(option) for command in commands for option in options(command)}
    _, _, dotenv = told(tmp_path)
    tell_collection(
        Pipeline(output=None, summary=None, dotenv=tmp_path / "gc"),
        {"removed": ["a"], "kept": 1, "skipped": [{"name": "b", "reason": "c"}], "commit": "d" * 40, "dryRun": False},
    )
    names = {line.split("=")[0] for line in (dotenv + (tmp_path / "gc").read_text()).splitlines()}
    assert len(names) > 8
    assert names & (taken | {"STARRY_GIT_TOKEN", "STARRY_FORGE_TOKEN", "STARRY_GIT_USERNAME"}) == set()


def test_the_summary_shows_text_as_text(tmp_path: Path) -> None:
    place = Pipeline(output=None, summary=tmp_path / "summary", dotenv=None)
    reason = "<img src=x>|\n# [click](javascript:x) `code` ![](x) @everyone"
    item = {"name": "preview-1", "reason": reason}
    tell_collection(place, {"removed": [], "kept": 0, "skipped": [item], "commit": None, "dryRun": True})
    text = (tmp_path / "summary").read_text()
    assert "0 would be removed" in text
    row = text.splitlines()[-2]
    assert row.startswith("| preview-1 | ")
    assert row.count("|") == 3
    assert not {"<", ">", "`", "[", "]", "@", "!"} & set(row)


def test_a_long_summary_is_cut(tmp_path: Path) -> None:
    place = Pipeline(output=None, summary=tmp_path / "summary", dotenv=None)
    names = [f"preview-{number}" for number in range(10_000)]
    tell_collection(place, {"removed": names, "kept": 0, "skipped": [], "commit": None, "dryRun": False})
    text = (tmp_path / "summary").read_text()
    assert len(text.encode()) < 10_000
    assert "… and 9900 more" in text
