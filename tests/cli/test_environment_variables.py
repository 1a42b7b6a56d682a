"""Every option has an environment variable STARRY_<OPTION>."""

import re

import pytest

from tests.support.cli import run
from tests.support.repos import Apps

COMMANDS = ("create", "update", "extend", "delete", "list", "show", "history", "gc", "validate", "init", "demo")
NO_VARIABLE = {"help", "version"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_names_the_variable_of_each_option(command: str) -> None:
    shown = "".join(run(*args, "--help").out.partition("\nOptions:\n")[2] for args in ((), (command,)))
    options = set(re.findall(r"^ +(?:-\w, )?--([a-z][-a-z]+)", shown, re.MULTILINE)) - NO_VARIABLE
    assert options >= {"repo", "branch", "overlay", "output", "dry-run", "timeout"}
    for option in options:
        assert f"STARRY_{option.upper().replace('-', '_')}" in shown, option


def test_global_options_come_from_the_environment(apps: Apps) -> None:
    env = {"STARRY_REPO": str(apps.bare), "STARRY_OUTPUT": "json", "STARRY_BRANCH": "main", "STARRY_OVERLAY": "dev"}
    result = run("create", "preview-1", "--image", "backend=1.0.0", env=env).json()
    assert (result["name"], result["branch"], result["overlay"]) == ("preview-1", "main", "dev")


def test_create_comes_from_the_environment_alone(apps: Apps) -> None:
    env = {
        "STARRY_REPO": str(apps.bare),
        "STARRY_OUTPUT": "json",
        "STARRY_PR": "12",
        "STARRY_IMAGE": "backend=1.0.0",
        "STARRY_OWNER": "alice",
        "STARRY_TTL": "2h",
        "STARRY_COMMIT": "abcd123",
        "STARRY_SEQUENCE": "5",
        "STARRY_PIN": "true",
        "STARRY_SET": "backend.env.LOG_LEVEL=debug",
    }
    done = run("create", env=env)
    assert done.code == 0, done.err
    result = done.json()
    assert (result["name"], result["ttlMinutes"], result["pinned"]) == ("preview-12", 120, True)
    assert apps.annotation("preview-12", "sequence") == "5"
    assert apps.values("preview-12")["backend"]["env"]["LOG_LEVEL"] == "debug"


def test_several_images_in_one_variable(apps: Apps) -> None:
    result = apps.ok("create", "preview-1", env={"STARRY_IMAGE": "backend=1.0.0 frontend1=2.0.0"})
    assert set(result["urls"]) == {"backend", "frontend1"}


def test_an_option_beats_its_variable(apps: Apps) -> None:
    assert apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--ttl", "1h", env={"STARRY_TTL": "2h"})[
        "ttlMinutes"
    ] == 60  # fmt: skip


@pytest.mark.parametrize("value", ["1", "true"])
def test_a_flag_comes_from_the_environment(apps: Apps, value: str) -> None:
    before = apps.refs()
    result = apps.ok("create", "preview-1", "--image", "backend=1.0.0", env={"STARRY_DRY_RUN": value})
    assert result["dryRun"] is True
    assert apps.refs() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [("STARRY_TTL", "soon"), ("STARRY_TIMEOUT", "x"), ("STARRY_SEQUENCE", "x"), ("STARRY_DRY_RUN", "perhaps"),
     ("STARRY_OUTPUT", "xml"), ("STARRY_IMAGE", "nonsense")],
)  # fmt: skip
def test_a_bad_value_in_the_environment_is_a_usage_error(apps: Apps, name: str, value: str) -> None:
    before = apps.refs()
    env = {"STARRY_IMAGE": "backend=1.0.0", "STARRY_REPO": str(apps.bare), name: value}
    done = run("create", "preview-1", env=env)
    assert done.code == 2, done.err
    assert apps.refs() == before


def test_an_empty_variable_is_as_good_as_none(apps: Apps) -> None:
    env = {"STARRY_TTL": "", "STARRY_OWNER": "", "STARRY_BRANCH": "", "STARRY_PR": ""}
    assert apps.ok("create", "preview-1", "--image", "backend=1.0.0", env=env)["ttlMinutes"] == 30
