"""What stands in a repository is no command to a pipeline's runner, in whatever form findings are printed."""

import json

import pytest

from tests.support.repos import PREVIEWS, Apps

FILE = f"{PREVIEWS}/preview-1/x ##[stop-commands]word.yaml"


@pytest.fixture
def one(apps: Apps) -> Apps:
    apps.create("preview-1")
    apps.commit({FILE: "a: 1\n"})
    return apps


def obeyed(text: str) -> list[str]:
    """The lines that GitHub's runner obeys. What begins with `::` is read as that, and `##[` in it means nothing."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize("form", ["table", "sarif", "gitlab"])
def test_findings(one: Apps, form: str) -> None:
    done = one.run("validate", "-o", form)
    assert (done.code, obeyed(done.out)) == (7, [])
    assert "stop-commands" in done.out


def test_programs_get_the_very_name(one: Apps) -> None:
    (found,) = json.loads(one.run("validate", "-o", "gitlab").out)
    assert found["location"]["path"] == FILE


def test_annotations_are_the_only_commands(one: Apps) -> None:
    lines = obeyed(one.run("validate", "-o", "github").out)
    assert [line.split(" ", 1)[0] for line in lines] == ["::error"]
