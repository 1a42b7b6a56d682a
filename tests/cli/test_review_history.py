"""review: where a change begins. What the base branch got meanwhile is no part of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.review_support import Proposal, path_of, propose, rules_of
from tests.support.basics import git
from tests.support.cli import run
from tests.support.repos import BACKEND, Apps


@pytest.fixture
def change(apps: Apps) -> Proposal:
    apps.create("preview-1")
    apps.create("preview-2")
    return propose(apps)


def names(review: Any) -> dict[str, str]:
    return {one["name"]: one["action"] for one in review["previews"]}


def both_ways(change: Proposal) -> Any:
    """From the repository itself and through a remote: the answers must be one."""
    here = change.run(change="main...change").json()
    there = run("review", "main..change", "--repo", str(change.base.bare), "-o", "json", "--render", "0")
    assert there.json() == here
    return here


def test_the_base_moved_on(change: Proposal) -> None:
    change.head.ok("extend", "preview-1", "--ttl", "1h", "--branch", "change")
    change.base.create("preview-3")
    change.base.ok("delete", "preview-2")
    assert names(both_ways(change)) == {"preview-1": "changed"}


def test_the_base_was_merged_into_the_change(change: Proposal) -> None:
    change.head.ok("extend", "preview-1", "--ttl", "1h", "--branch", "change")
    change.base.create("preview-3")
    tree = change.base.git("merge-tree", "--write-tree", "main", "change")
    merged = change.base.git("commit-tree", tree, "-p", "change", "-p", "main", "-m", "Merge main")
    change.base.git("update-ref", "refs/heads/change", merged)
    change.base.create("preview-4")
    found = both_ways(change)
    assert names(found) == {"preview-1": "changed"}
    assert found["fork"] != found["base"]


def test_a_long_history(change: Proposal) -> None:
    """Deeper than the first look at a remote's commits."""
    for number in range(60):
        change.base.commit({"docs/notes.md": f"{number}\n"})
        change.head.commit({"docs/other.md": f"{number}\n"})
    change.head.ok("delete", "preview-2", "--branch", "change")
    assert names(both_ways(change)) == {"preview-2": "removed"}


def test_what_the_base_has_already_is_no_change(change: Proposal) -> None:
    text = change.base.read(path_of("preview-1")).replace("1.0.0", "2.0.0")
    for branch in (change.base, change.head):
        branch.commit({path_of("preview-1"): text})
    assert names(both_ways(change)) == {}


@pytest.mark.parametrize("base_does", ["delete", "extend"])
def test_the_base_changed_the_same_preview(change: Proposal, base_does: str) -> None:
    change.head.edit_values("preview-1", lambda text: text.replace("1.0.0", "2.0.0"))
    change.base.ok(base_does, "preview-1", *(["--ttl", "1h"] if base_does == "extend" else []))
    found = both_ways(change)
    assert [one["contested"] for one in found["previews"]] == [True]
    assert rules_of(found, "warning") == ["contested"]


def test_an_old_branch_does_not_bring_back_an_old_policy(apps: Apps) -> None:
    apps.create("preview-1")
    change = propose(apps)
    change.head.edit_values("preview-1", lambda text: text.replace(BACKEND, "us-docker.pkg.dev/other/sample-be"))
    assert rules_of(change.run().json()) == []
    apps.settings(lambda settings: settings["policy"].update(images=["us-docker.pkg.dev/myproj/*"]))
    assert rules_of(change.review(code=7)) == ["images"]


def test_no_common_history(change: Proposal) -> None:
    tree = change.base.git("rev-parse", "main^{tree}")
    lone = change.base.git("commit-tree", tree, "-m", "alone")
    change.base.git("update-ref", "refs/heads/change", lone)
    assert change.run().code == 3
    assert run("review", "main...change", "--repo", str(change.base.bare)).code == 3


def test_a_shallow_clone_is_not_guessed_from(change: Proposal, tmp_path: Path) -> None:
    change.base.create("preview-3")
    change.head.ok("delete", "preview-2", "--branch", "change")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{change.base.bare}", "shallow")
    done = run("review", "origin/main...origin/change", cwd=tmp_path / "shallow")
    assert done.code == 3
    assert "unshallow" in done.err
