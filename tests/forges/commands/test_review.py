"""`starry review --pr` as users run it, on each forge: the apps repository's own pull request."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.forges.commands.stage import Stage
from tests.support.cli import Result
from tests.support.forges import TOKEN
from tests.support.repos import PREVIEWS

MARKER = "<!-- starry:review -->"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"


@dataclass(frozen=True, kw_only=True)
class Pull:
    """An open pull request that changes a preview; Git has its head where the forge would."""

    stage: Stage
    number: int

    def run(self, *args: str, token: str = TOKEN) -> Result:
        forge = self.stage.forge
        known = ("--forge", forge["kind"], "--forge-api", forge["apiURL"], "--render", "0")
        return self.stage.run("review", "--pr", self.stage.url(self.number), *known, *args, token=token)

    def push(self, old: str, new: str) -> None:
        """A further commit of the pull request."""
        apps = self.stage.apps
        base, head = apps.tip(), "merge-requests" if self.stage.case.is_gitlab else "pull"
        commit = apps.edit(VALUES, lambda text: text.replace(old, new))
        apps.git("update-ref", f"refs/{head}/{self.number}/head", commit)
        apps.git("update-ref", f"refs/heads/{apps.branch}", base)

    def comments(self) -> list[tuple[str, str]]:
        """Authors and texts."""
        return [(one.author, one.body) for one in self.stage.state.notes.values() if one.number == self.number]


@pytest.fixture
def pull(stage: Stage) -> Pull:
    stage.apps.create("preview-1")
    made = Pull(stage=stage, number=stage.state.open("change"))
    made.push("1.0.0", "2.0.0")
    return made


def names(found: Any) -> list[str]:
    return [one["name"] for one in found["previews"]]


def test_what_it_changes(pull: Pull):
    pull.stage.apps.commit({"docs/x.md": "the base moves on\n"})
    done = pull.run()
    assert done.code == 0, done.err
    found = done.json()
    assert (names(found), found["platform"], found["ok"]) == (["preview-1"], [], True)
    assert found["fork"] != found["base"]
    assert pull.comments() == []


def test_one_comment_that_stays_true(pull: Pull):
    forged = f"{MARKER}\nnot Starry's"
    pull.stage.state.note(pull.number, forged, author="mallory")
    assert pull.run("--comment", "--dry-run").code == 0
    assert len(pull.comments()) == 1
    for _ in range(2):
        assert pull.run("--comment").code == 0
    assert len(pull.comments()) == 2
    pull.push("backend:", "backend:\n  replicas: 3")
    assert pull.run("--comment", "--fail-on", "hand-edits").code == 7
    (stranger, theirs), (author, ours) = pull.comments()
    assert (stranger, theirs, author) == ("mallory", forged, "ada")
    assert ours.startswith(MARKER)
    assert "backend.replicas: (nothing) → 3" in ours


def test_another_base_branch(pull: Pull):
    """The change is held against the branch that the forge says it goes to."""
    apps, state = pull.stage.apps, pull.stage.state
    apps.git("update-ref", "refs/heads/release", apps.tip())
    state.push("release")
    state.pulls[pull.number].base_branch = "release"
    assert names(pull.run().json()) == ["preview-1"]
    state.pulls[pull.number].base_branch = "nowhere"
    assert pull.run().code == 3


def test_no_such_pull_request(pull: Pull):
    done = Pull(stage=pull.stage, number=99).run()
    assert (done.code, done.out) == (3, "")


def test_a_token_that_is_none(pull: Pull):
    assert pull.run("--comment", token="token-of-nobody").code == 6
    assert pull.comments() == []


def test_with_a_workflows_own_token_only_our_own_comment_is_touched(pull: Pull):
    """It does not know its name, and may change anybody's comment: who wrote the marker first is not taken for us."""
    pull.stage.state.tokens["of-a-job"] = ""
    forged = f"{MARKER}\nnot Starry's"
    pull.stage.state.note(pull.number, forged, author="mallory")
    for _ in range(2):
        assert pull.run("--comment", token="of-a-job").code == 0
    first, *ours = pull.comments()
    assert first == ("mallory", forged)
    if not pull.stage.case.is_gitlab:
        assert [author for author, _ in ours] == ["app[bot]"]
