"""Hostile settings: each at the tip of a branch of its own in one bare repository, read by the real command."""

from pathlib import Path

import pytest

from tests.corpus.cases import Case, branches, content_of, load
from tests.corpus.test_arguments import contains
from tests.support.repos import Apps, copy_of

CASES = load("repositories", "settings")
COMMAND = ("create", "p", "--image", "backend=1.0.0", "--dry-run")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Apps:
    """One repository with a branch for each case, named by its number."""
    apps = copy_of(template, tmp_path_factory.mktemp("corpus") / "apps.git")
    return branches(apps, CASES, lambda case: {"starry.yaml": content_of(case.entry["text"])})


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.why for case in CASES])
def test_each_file_gets_what_it_must(shared: Apps, number: int) -> None:
    case = CASES[number]
    done = shared.run(*COMMAND, "--branch", f"case-{number}")
    if "is" in case.entry:
        assert done.code == 0, done.err
        assert contains(done.json(), case.entry["is"]), done.out
        return
    assert (done.code, done.out) == (7, ""), (done.err, done.out)
    check_error(case, done.error(), "starry.yaml")
    assert "hidden" not in case.entry or case.entry["hidden"] not in done.err


def check_error(case: Case, error: dict[str, str], file: str) -> None:
    """The place and the words; one line of printable text."""
    message, line = error["message"], case.entry["line"]
    assert message.startswith(f"{file}:{line}: " if line else file), message
    assert case.entry["says"] in message, message
    assert message.isprintable(), message
    assert len(message) < 2_500, len(message)
    assert error["code"] == "repository_invalid"
