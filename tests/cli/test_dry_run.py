"""--dry-run: the exact diff, and nothing touched."""

from pathlib import Path

import pytest

from tests.support.basics import git
from tests.support.cli import run
from tests.support.repos import Apps

COMMANDS: dict[str, tuple[str, ...]] = {
    "create": ("create", "preview-2", "--image", "backend=1.0.0"),
    "update": ("update", "preview-1", "--image", "backend=2.0.0", "--keep-expiry"),
    "extend": ("extend", "preview-1", "--pin"),
    "delete": ("delete", "preview-1"),
    "gc": ("gc", "--now", "2099-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_is_touched(apps: Apps, command: tuple[str, ...]) -> None:
    apps.create("preview-1")
    before = apps.refs()
    objects = sorted(path.name for path in apps.bare.rglob("*"))
    result = apps.ok(*command, "--dry-run")
    assert result["dryRun"] is True
    assert result["commit"] is None
    assert apps.refs() == before
    assert sorted(path.name for path in apps.bare.rglob("*")) == objects


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_result_says_what_would_be(apps: Apps, command: tuple[str, ...]) -> None:
    apps.create("preview-1")
    planned, real = apps.ok(*command, "--dry-run"), apps.ok(*command)
    for key in ("name", "action", "removed", "pinned", "urls", "overlay"):
        assert planned.get(key) == real.get(key)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_diff_applies_to_exactly_what_the_run_would_commit(
    apps: Apps, command: tuple[str, ...], tmp_path: Path
) -> None:
    apps.create("preview-1")
    diff = run(*command, "--repo", str(apps.bare), "--dry-run").out
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(apps.bare), str(clone))
    git(clone, "apply", "--index", "-", stdin=diff)
    planned = set(git(clone, "diff", "--cached", "--name-status").splitlines())
    apps.ok(*command)
    assert planned == {f"{status}\t{path}" for path, status in apps.changed().items()}


@pytest.mark.parametrize("name", ["delete", "gc"])
def test_the_diff_of_a_removal_gives_the_very_tree_that_the_run_commits(apps: Apps, name: str, tmp_path: Path) -> None:
    apps.create("preview-1")
    diff = run(*COMMANDS[name], "--repo", str(apps.bare), "--dry-run").out
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(apps.bare), str(clone))
    git(clone, "apply", "--index", "-", stdin=diff)
    apps.ok(*COMMANDS[name])
    assert git(clone, "write-tree") == apps.git("rev-parse", "main^{tree}")


def test_json_holds_the_diff_as_text(apps: Apps) -> None:
    result = apps.ok(*COMMANDS["create"], "--dry-run")
    assert "+++ b/overlays/dev/previews/preview-2/application.yaml" in result["diff"]
    assert "+++ b/overlays/dev/previews/preview-2/values.yaml" in result["diff"]


def test_nothing_to_do_has_no_diff(apps: Apps) -> None:
    apps.create("preview-1")
    result = apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--dry-run")
    assert (result["action"], result["diff"]) == ("unchanged", "")


def test_the_policy_is_asked_too(apps: Apps) -> None:
    apps.fails(5, "create", "preview-1", "--image", "backend=1.0.0", "--ttl", "9h", "--dry-run")


def test_a_read_only_repository_can_be_planned_on(apps: Apps) -> None:
    (apps.bare / "hooks").mkdir(exist_ok=True)
    hook = apps.bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no; exit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    assert apps.ok(*COMMANDS["create"], "--dry-run")["action"] == "created"
