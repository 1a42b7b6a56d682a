"""--all-overlays: one run over every overlay of one repository."""

import pytest

from tests.support.basics import now
from tests.support.repos import Apps

FAR = (
    "  far: {path: overlays/far, argocdNamespace: far, domain: far.mycompany.com,\n"
    "        destination: {name: far}, previews: true}\n"
)


@pytest.fixture
def two(apps: Apps) -> Apps:
    """A preview in each of two overlays, and a third name in both."""
    settings = apps.read("starry.yaml")
    apps.commit({"starry.yaml": settings.replace("overlays:\n", f"overlays:\n{FAR}", 1)})
    apps.create("near-1")
    apps.create("both")
    apps.create("far-1", "--overlay", "far")
    apps.create("both", "--overlay", "far")
    return apps


def later() -> str:
    return now().replace(year=now().year + 1).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_list_has_them_all_sorted_by_name(two: Apps) -> None:
    rows = two.ok("list", "--all-overlays")
    assert [(row["name"], row["overlay"]) for row in rows] == [
        ("both", "dev"), ("both", "far"), ("far-1", "far"), ("near-1", "dev"),
    ]  # fmt: skip
    assert [row["name"] for row in two.ok("list")] == ["both", "near-1"]


def test_the_table_says_which_overlay(two: Apps) -> None:
    lines = two.run("list", "--all-overlays", "-o", "table").out.splitlines()
    assert lines[0].split()[:2] == ["OVERLAY", "NAME"]
    assert [line.split()[:2] for line in lines[1:]] == [
        ["dev", "both"], ["far", "both"], ["far", "far-1"], ["dev", "near-1"],
    ]  # fmt: skip


def test_gc_collects_in_all_of_them_in_one_commit(two: Apps) -> None:
    commits = two.count()
    result = two.ok("gc", "--all-overlays", "--now", later())
    assert (result["checked"], sorted(result["removed"])) == (4, ["both", "both", "far-1", "near-1"])
    assert two.count() == commits + 1
    assert two.ok("list", "--all-overlays") == []
    assert two.run("validate").code == 0


def test_gc_alone_leaves_the_others(two: Apps) -> None:
    assert sorted(two.ok("gc", "--now", later())["removed"]) == ["both", "near-1"]
    assert [row["name"] for row in two.ok("list", "--all-overlays")] == ["both", "far-1"]


def test_validate_always_looks_at_all(two: Apps) -> None:
    assert two.run("validate").json() == two.run("validate", "--all-overlays").json()
    assert two.run("validate").json()["previews"] == 4


def test_upgrade_reaches_all_of_them(two: Apps) -> None:
    two.commit({"starry.yaml": two.read("starry.yaml") + "chart: {describe: true}\n"})
    assert len(two.ok("upgrade", "--all")["updated"]) == 2
    assert len(two.ok("upgrade", "--all", "--all-overlays")["updated"]) == 2
    assert two.ok("upgrade", "--all", "--all-overlays")["updated"] == []


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--overlay", "nope"),
        ("gc", "--overlay", "nope"),
        ("gc", "--include-overlay", "nope"),
        ("upgrade", "--all", "--overlay", "nope"),
    ],
    ids=" ".join,
)
def test_an_overlay_that_is_not_there_is_an_error_beside_it_too(two: Apps, command: tuple[str, ...]) -> None:
    assert "nope" in two.fails(3, *command, "--all-overlays")["message"]
