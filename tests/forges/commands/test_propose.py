"""`--propose` on each forge: the pull request is opened once, brought up to date, and closed when nothing is left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.forges.commands.stage import Stage
from tests.support.basics import git
from tests.support.forge_faults import says


@dataclass(frozen=True)
class Branches(Mapping[str, str]):
    """The branches that a Git repository has, as the forge of that repository knows them."""

    bare: Path

    def _all(self) -> dict[str, str]:
        out = git(self.bare, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        return dict(line.split() for line in out.splitlines())

    def __getitem__(self, branch: str) -> str:
        return self._all()[branch]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


@pytest.fixture
def desk(stage: Stage) -> Stage:
    """The apps repository is the one that the forge has."""
    stage.apps.settings(lambda known: known.update(repoURL=f"{stage.case.server.page}.git"))
    stage.state.branches = Branches(stage.apps.bare)
    return stage


def _propose(desk: Stage, *args: str) -> Any:
    return desk.ok(*args, "--propose")["proposal"]


def test_opened_updated_and_closed(desk: Stage) -> None:
    before = desk.apps.tip()
    opened = _propose(desk, "create", "one", "--image", "backend=1.0.0", "--owner", "alice")
    pull = desk.state.pulls[opened["number"]]
    assert (opened["state"], opened["branch"], opened["autoMerge"]) == ("opened", "starry/one", False)
    assert opened["url"] == desk.url(opened["number"])
    assert (pull.head_branch, pull.base_branch, pull.title) == ("starry/one", "main", "preview(one): create")
    assert "alice" in pull.body
    assert _propose(desk, "create", "one", "--image", "backend=1.0.0")["state"] == "unchanged"
    assert _propose(desk, "create", "one", "--image", "backend=2.0.0")["state"] == "updated"
    assert "2.0.0" in desk.state.pulls[opened["number"]].body
    assert _propose(desk, "delete", "one") == {**opened, "state": "closed"}
    assert desk.state.pulls[opened["number"]].state == "closed"
    assert list(desk.state.branches) == ["main"]
    assert desk.apps.tip() == before


def test_auto_merge_is_asked_for(desk: Stage) -> None:
    opened = _propose(desk, "create", "one", "--image", "backend=1.0.0", "--auto-merge")
    assert opened["autoMerge"] is True
    assert desk.state.pulls[opened["number"]].auto_merge is True


def test_gc_closes_what_is_moot(desk: Stage) -> None:
    desk.apps.create("stays", "--ttl", "4h")
    opened = _propose(desk, "create", "one", "--image", "backend=1.0.0", "--ttl", "5m")
    done = desk.ok("gc", "--propose", "--now", "2027-01-01T00:00:00Z", "--force")
    assert done["closedProposals"] == [opened["url"]]
    assert done["removed"] == ["stays"]


def test_what_gc_proposed_is_told_even_if_the_forge_then_fails(desk: Stage) -> None:
    """The list of all proposals is asked for last."""
    desk.apps.create("goes", "--ttl", "5m")
    desk.case.server.spoil(r"^GET /[^?]*(?:pulls|merge_requests)\?(?!.*(?:head|source_branch)=)", says(403))
    done = desk.run("gc", "--propose", "--now", "2027-01-01T00:00:00Z", "--force")
    assert done.code == 6
    assert done.error()["code"] == "access_denied"
    told = done.json()
    assert told["removed"] == ["goes"]
    assert told["proposal"]["state"] == "opened"
    assert told["closedProposals"] == []
