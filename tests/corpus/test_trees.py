"""Hostile trees, each on a branch of its own: nothing is followed, nothing falls over, and gc removes what it must."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.cases import Case, content_of, load
from tests.support.repos import PREVIEWS, Apps, Content, Link, Submodule, copy_of

CASES = load("repositories", "trees")
NOW = "2026-01-01T02:00:00Z"
OTHER = ("create", "other", "--image", "backend=1.0.0", "--dry-run")


def _content(raw: Any) -> Content:
    if raw is None:
        return None
    if isinstance(raw, dict) and "link" in raw:
        return Link(target=raw["link"])
    return Submodule() if isinstance(raw, dict) and "module" in raw else content_of(raw)


def _path(text: str) -> str:
    """P is the previews' folder, DEEP100 a hundred folders in one another."""
    deep = re.sub(r"^DEEP(\d+)", lambda found: "/".join("d" * int(found[1])), text)
    return re.sub(r"^P(?=/|$)", PREVIEWS, deep)


def put_odd(apps: Apps, branch: str, odd: list[list[Any]]) -> None:
    """Entries in the tree of the previews that Git's own commands would not write."""
    objects = {"folder": f"{branch}:{PREVIEWS}/p1", "keep": f"{branch}:{PREVIEWS}/keep.yaml"}
    added = [(mode, name, apps.git("rev-parse", objects[what])) for mode, name, what in odd]
    old = apps.git("ls-tree", "-z", f"{branch}:{PREVIEWS}").split("\0")
    kept = [re.fullmatch(r"(\d+) \w+ (\w+)\t(.*)", line) for line in old if line]
    entries = [
        (one[1].lstrip("0"), one[3], one[2]) for one in kept if one and one[3] not in [name for _, name, _ in added]
    ]
    body = b"".join(_entry(mode, content_of(name)) + bytes.fromhex(sha) for mode, name, sha in [*entries, *added])
    sha = apps.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=body)
    for name, parent in (("previews", f"{branch}:overlays/dev"), ("dev", f"{branch}:overlays"), ("overlays", branch)):
        lines = [line for line in apps.git("ls-tree", parent).splitlines() if line.split("\t")[1] != name]
        sha = apps.git("mktree", stdin="\n".join([*lines, f"040000 tree {sha}\t{name}"]) + "\n")
    apps.git("update-ref", f"refs/heads/{branch}", apps.git("commit-tree", sha, "-p", branch, "-m", "odd"))


def _entry(mode: str, name: str | bytes) -> bytes:
    return mode.encode() + b" " + (name if isinstance(name, bytes) else name.encode()) + b"\0"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Apps:
    """The repository with a branch for each case."""
    apps = copy_of(template, tmp_path_factory.mktemp("trees") / "apps.git")
    for name in ("p1", "p2"):
        apps.create(name)
        for key, time in (("created", "2026-01-01T00:00:00Z"), ("expires", "2026-01-01T00:30:00Z")):
            pattern = rf"(starry\.env/{key}-at: )\"[^\"]*\""
            apps.edit_application(name, lambda text, p=pattern, t=time: re.sub(p, rf'\1"{t}"', text))
    for number, case in enumerate(CASES):
        branch = f"case-{number}"
        apps.git("branch", branch, "main")
        _plant(Apps(bare=apps.bare, branch=branch), case)
    return apps


def _plant(apps: Apps, case: Case) -> None:
    files = {_path(path): _content(content) for path, content in case.entry.get("files", {}).items()}
    apps.commit(dict(sorted(files.items(), key=lambda item: item[1] is not None)), case.why)
    if "odd" in case.entry:
        put_odd(apps, apps.branch, case.entry["odd"])


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.why for case in CASES])
def test_each_tree_gets_what_it_must(shared: Apps, number: int) -> None:
    entry, branch = CASES[number].entry, f"case-{number}"
    before = shared.refs()
    results = {
        command[0]: shared.run(*command, "--branch", branch)
        for command in (("gc", "--now", NOW, "--force", "--dry-run"), ("list",), ("validate",), OTHER)
    }
    assert shared.refs() == before
    for command, done in results.items():
        assert "Traceback" not in done.err
        assert "root:" not in done.out + done.err
        assert done.code in {0, 5, 7, 8, 9}, (command, done)
        assert "\x1b" not in done.out + done.err
    if "exit" in entry:
        assert {results["gc"].code, results["list"].code} == {entry["exit"]}
    elif results["gc"].code in {0, 9}:
        check_gc(entry, results["gc"].json())
        check_findings(entry["finds"], results["validate"].json())
    if entry["create"] != "ANY":
        assert results["create"].code == entry["create"], results["create"].err


def check_gc(entry: dict[str, Any], found: dict[str, Any]) -> None:
    """What goes and what is skipped; where neither is said, at most the two previews go."""
    if "removed" not in entry:
        assert set(found["removed"]) <= {"p1", "p2"}
        return
    assert found["removed"] == entry["removed"], found
    assert sorted(item["name"] for item in found["skipped"]) == sorted(entry.get("skipped", [])), found
    assert all(item["reason"].isprintable() for item in found["skipped"])


def check_findings(wanted: Any, report: dict[str, Any]) -> None:
    """The rules that are broken."""
    unprintable = [item for item in report["findings"] if not item["message"].isprintable()]
    assert unprintable == []
    rules = [item["rule"] for item in report["findings"] if item["severity"] == "error"]
    assert rules if wanted == "ANY" else sorted(rules) == sorted(wanted), report
