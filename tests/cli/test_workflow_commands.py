"""What stands in a repository is no command to a pipeline's runner, in whatever form it is printed."""

import json
from typing import Any

import pytest
import yaml

from tests.cli.review_support import propose
from tests.support.repos import PREVIEWS, Apps

FILE = f"{PREVIEWS}/preview-1/x ##[stop-commands]word.yaml"
ENV = {"A": "one\n::error::two", "B": "x ##[add-mask]y", "C": "kept\n::a::\n"}
STAYS = "    x: |\n      ::error::x\n      ##[add-mask]y\n"
FORMS = ("table", "json", "yaml", "name")


@pytest.fixture
def one(apps: Apps) -> Apps:
    apps.create("preview-1")
    return apps


@pytest.fixture
def stray(one: Apps) -> Apps:
    one.commit({FILE: "a: 1\n"})
    return one


@pytest.fixture
def hostile(one: Apps) -> Apps:
    one.edit_values("preview-1", lambda text: text.replace("backend:", f"backend:\n  env: {json.dumps(ENV)}", 1))
    return one


def obeyed(text: str) -> list[str]:
    """The lines that GitHub's runner obeys. What begins with `::` is read as that, and `##[` in it means nothing."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize("form", [*FORMS, "sarif", "gitlab"])
def test_findings(stray: Apps, form: str) -> None:
    done = stray.run("validate", "-o", form)
    assert (done.code, obeyed(done.out)) == (7, [])
    assert "stop-commands" in done.out


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_programs_get_the_very_name(stray: Apps, form: str, read: Any) -> None:
    (found,) = read(stray.run("validate", "-o", form).out)["findings"]
    assert found["file"] == FILE


def test_gitlab_gets_the_very_name(stray: Apps) -> None:
    (found,) = json.loads(stray.run("validate", "-o", "gitlab").out)
    assert found["location"]["path"] == FILE


def test_annotations_are_the_only_commands(stray: Apps) -> None:
    lines = obeyed(stray.run("validate", "-o", "github").out)
    assert [line.split(" ", 1)[0] for line in lines] == ["::error"]


@pytest.mark.parametrize("form", FORMS)
def test_rendered_objects(hostile: Apps, form: str) -> None:
    assert obeyed(hostile.run("render", "preview-1", "-o", form).out) == []


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_programs_get_the_very_objects(hostile: Apps, form: str, read: Any) -> None:
    objects = read(hostile.run("render", "preview-1", "-o", form).out)["objects"]
    [config] = [thing for thing in objects if thing.get("data", {}).get("A")]
    assert ENV.items() <= config["data"].items()


@pytest.mark.parametrize("form", FORMS)
def test_what_a_dry_run_would_change(one: Apps, form: str) -> None:
    """Lines that stay stand in the diff after one space."""
    one.edit_values("preview-1", lambda text: text.replace("    tag:", f"{STAYS}    tag:", 1))
    done = one.run("update", "preview-1", "--image", "backend=2.0.0", "--dry-run", "-o", form)
    assert (done.code, obeyed(done.out)) == (0, [])


def test_programs_get_the_very_diff(one: Apps) -> None:
    one.edit_values("preview-1", lambda text: text.replace("    tag:", f"{STAYS}    tag:", 1))
    done = one.run("update", "preview-1", "--image", "backend=2.0.0", "--dry-run")
    assert "\n       ##[add-mask]y\n" in done.json()["diff"]


@pytest.mark.parametrize("form", [*FORMS, "markdown", "sarif", "gitlab"])
def test_a_review(one: Apps, form: str) -> None:
    change = propose(one)
    text = json.dumps(ENV)
    change.head.edit_values("preview-1", lambda values: values.replace("backend:", f"backend:\n  env: {text}", 1))
    change.head.commit({"docs/##[stop-commands]x.md": "", "docs/::a.md": "", "::b/x ##[c].md": "", FILE: "a: 1\n"})
    done = change.run("--render", "1", "-o", form)
    assert (done.code, done.err, obeyed(done.out)) == (7, "", [])
    if form == "markdown":
        assert "add-mask" in done.out


@pytest.mark.parametrize("how", [("-o", "table"), ("-o", "json"), ("-o", "table", "--log-format", "json")])
def test_errors(one: Apps, how: tuple[str, ...]) -> None:
    one.settings(lambda settings: settings.update({"##[stop-commands]x": 1}))
    done = one.run("list", *how)
    assert (done.code, obeyed(done.err)) == (7, [])
    assert "stop-commands]x" in done.err
    if "json" in how[1:2]:
        assert "##[stop-commands]x" in done.error()["message"]
