"""Results on stdout, everything else on stderr; table, JSON, YAML and names."""

import json
import re

import pytest
import yaml

from tests.support.cli import run
from tests.support.repos import Apps

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")
READERS: dict[str, tuple[str, ...]] = {
    "list": ("list",),
    "show": ("show", "preview-1"),
    "history": ("history", "preview-1"),
    "validate": ("validate",),
    "gc": ("gc",),
    "create": CREATE,
    "delete": ("delete", "nothing-there"),
}


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
def test_yaml_and_json_hold_the_same(apps: Apps, command: tuple[str, ...]) -> None:
    apps.ok(*CREATE)
    as_json, as_yaml = apps.ok(*command), yaml.safe_load(apps.run(*command, "-o", "yaml").out)
    if command == ("gc",):
        as_json.pop("now"), as_yaml.pop("now")
    assert json.loads(json.dumps(as_yaml, default=str)) == as_json


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
def test_the_table_is_for_people(apps: Apps, command: tuple[str, ...]) -> None:
    apps.ok(*CREATE)
    done = apps.run(*command, "-o", "table")
    assert done.code == 0
    assert done.out.strip()
    assert not done.out.startswith(("{", "["))


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
def test_no_control_sequences_off_a_terminal(apps: Apps, command: tuple[str, ...]) -> None:
    apps.ok(*CREATE)
    for form in ("table", "json"):
        done = apps.run(*command, "-o", form, env={"NO_COLOR": None, "TERM": "xterm-256color"})
        assert "\x1b" not in done.out + done.err
        assert "\r" not in done.out + done.err


def test_name_is_one_name_per_line(apps: Apps) -> None:
    apps.ok(*CREATE)
    assert apps.run(*CREATE, "-o", "name").out == "preview-1\n"
    assert apps.run("delete", "preview-1", "preview-2", "-o", "name").out.split() == ["preview-1", "preview-2"]


def test_a_hostile_value_in_the_repository_cannot_move_the_cursor(apps: Apps) -> None:
    apps.ok(*CREATE, "--owner", "alice")
    apps.edit_application("preview-1", lambda text: text.replace('owner: "alice"', 'owner: "a\\e[2Jb"'))
    for command in (("list",), ("show", "preview-1")):
        done = apps.run(*command, "-o", "table")
        assert "\x1b" not in done.out + done.err


def test_json_stdout_is_one_document_also_with_verbose(apps: Apps) -> None:
    done = apps.run(*CREATE, "-v")
    assert done.json()["action"] == "created"
    assert done.err


def test_quiet_says_nothing_but_errors_on_stderr(apps: Apps) -> None:
    assert apps.run(*CREATE, "-q").err == ""
    assert apps.run("extend", "nothing", "--pin", "-q").err


def test_success_in_json_is_silent_on_stderr(apps: Apps) -> None:
    assert apps.run(*CREATE).err == ""


def test_errors_with_json_are_one_object_on_stderr(apps: Apps) -> None:
    done = apps.run("update", "preview-1", "--image", "backend=1.0.0")
    assert done.code == 3
    assert done.out == ""
    error = json.loads(done.err)["error"]
    assert set(error) == {"code", "message", "hint"}


def test_errors_for_people_are_one_line_with_what_to_do(apps: Apps) -> None:
    done = apps.run("create", "preview-1", "--image", "backend=1.0.0", "--ttl", "9h", "-o", "table")
    assert done.code == 5
    assert done.out == ""
    assert 1 <= len(done.err.strip().splitlines()) <= 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "args",
    [
        ["--nosuch"],
        ["create", "--nosuch"],
        ["nosuch"],
        ["create", "a", "b"],
        ["list", "-o", "xml"],
        ["list", "--timeout", "soon"],
        ["list", "--timeout", "-1"],
        ["-v", "-q", "list", "--repo"],
        ["validate", "--rev"],
    ],
)
@pytest.mark.parametrize("form", ["json", "table"])
def test_a_wrong_command_line_is_exit_2_and_says_where_help_is(args: list[str], form: str) -> None:
    done = run(*args, env={"STARRY_OUTPUT": form} if "-o" not in args else {})
    assert done.code == 2
    assert done.out == ""
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_usage_errors_are_json_too_when_json_was_asked_for() -> None:
    for args in (["create", "-o", "json", "--nosuch"], ["-o", "json", "create", "--nosuch"]):
        assert run(*args).error()["code"] == "usage"


def test_an_unknown_command_gets_the_nearest_one() -> None:
    assert "create" in run("craete").err


def test_version_is_one_line() -> None:
    done = run("--version")
    assert done.code == 0
    assert re.fullmatch(r"starry \d+\.\d+\.\d+\S*\n", done.out)


def test_no_arguments_show_the_help() -> None:
    done = run()
    assert "create" in done.out + done.err


def test_global_options_stand_before_or_after_the_command(apps: Apps) -> None:
    apps.ok(*CREATE)
    before = run("--repo", str(apps.bare), "-o", "json", "list")
    after = run("list", "--repo", str(apps.bare), "-o", "json")
    assert before.json() == after.json()
    assert before.json()[0]["name"] == "preview-1"


def test_the_option_after_the_command_wins(apps: Apps) -> None:
    assert run("-o", "table", "list", "--repo", str(apps.bare), "-o", "json").json() == []
