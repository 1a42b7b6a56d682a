"""`starry apply --prune`: what is in scope and not on the list goes, and nothing else."""

import pytest

from tests.support.lists import actions, applied, entry, refused
from tests.support.repos import PREVIEWS, Apps

OWNER = ("--prune", "--selector", "owner=alice")
ALL = ("--prune", "--selector", "all")


def grown(apps: Apps, count: int, owner: str = "alice") -> list[str]:
    """So many previews of one owner."""
    apps.create("old-000", "--owner", owner)
    names = [f"old-{number:03}" for number in range(count)]
    if count > 1:
        apps.multiply("old-000", names[1:])
    return names


def test_what_the_list_lacks_goes_in_the_same_commit(apps: Apps) -> None:
    for name, owner in (("a", "alice"), ("b", "alice"), ("c", "bob")):
        apps.create(name, "--owner", owner)
    commits = apps.count()
    result = applied(apps, [entry("a", "2.0.0"), entry("d")], *OWNER)
    assert actions(result) == [("a", "updated"), ("d", "created"), ("b", "deleted")]
    assert {one["commit"] for one in result} == {apps.tip()}
    assert apps.names() == ["a", "c", "d"]
    assert apps.count() == commits + 1
    assert apps.ok("validate")["ok"] is True
    assert actions(applied(apps, [entry("a", "2.0.0"), entry("d")], *OWNER)) == [("a", "unchanged"), ("d", "unchanged")]


def test_a_deleted_one_has_the_shape_of_delete(apps: Apps) -> None:
    grown(apps, 2)
    (deleted,) = applied(apps, [entry("old-000")], *OWNER)[1:]
    assert deleted == {**apps.ok("delete", "old-000"), "name": "old-001", "namespace": "old-001"} | {
        key: deleted[key] for key in ("commit", "expiresAt", "ttlMinutes")
    }
    assert deleted["commit"] == apps.git("rev-parse", "main^")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["--prune"], "--prune"),
        (["--selector", "owner=alice"], "--selector"),
        (["--force"], "--force"),
        (["--max-deletes", "0"], "--max-deletes"),
        (["--pull-requests", "x"], "--pull-requests"),
        (["--prune", "--selector", ""], "--selector"),
        (["--prune", "--selector", "alice"], "--selector"),
        (["--prune", "--selector", "owner="], "owner"),
        (["--prune", "--selector", "owner=a,owner=b"], "--selector"),
        (["--prune", "--selector", "all,owner=a"], "--selector"),
        (["--prune", "--selector", "team=a b"], "--selector"),
        (["--prune", "--selector", "=a"], "--selector"),
        (["--prune", "--selector", "owner=alice,"], "--selector"),
    ],
)
def test_what_is_not_said_clearly_prunes_nothing(apps: Apps, args: list[str], word: str) -> None:
    grown(apps, 2)
    assert word in refused(apps, 2, [entry("new")], *args)["message"]


def test_variables_for_gc_do_not_stop_an_apply_without_prune(apps: Apps) -> None:
    env = {"STARRY_MAX_DELETES": "3", "STARRY_FORCE": "1", "STARRY_SELECTOR": "owner=alice"}
    grown(apps, 2)
    done = apps.ok("apply", "-f", _list(apps), env=env)
    assert actions(done) == [("new", "created")]


def _list(apps: Apps) -> str:
    path = apps.bare.parent / "new.json"
    path.write_text('[{"name": "new", "images": {"backend": "1.0.0"}}]', encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("content", ["[]", "previews: []\n", '{"version": 1, "previews": []}'])
@pytest.mark.parametrize("more", [[], ["--force"], ["--keep-going"], ["--dry-run"]])
def test_an_empty_list_prunes_nothing(apps: Apps, content: str, more: list[str]) -> None:
    grown(apps, 2)
    error = refused(apps, 10, content, *ALL, *more)
    assert error["code"] == "too_many_deletions"
    assert "empty" in error["message"]


@pytest.mark.parametrize("content", ["", "null", "- name: a\n  x: 1\n", "[", "\x00", "- {name: Bad, images: {}}"])
def test_a_list_that_cannot_be_read_in_full_prunes_nothing(apps: Apps, content: str) -> None:
    grown(apps, 2)
    good = "- {name: new, images: {backend: v1}}\n" if content.startswith("-") else ""
    refused(apps, 2, good + content, *ALL, "--keep-going", "--force")


def test_an_entry_that_is_refused_is_still_listed(apps: Apps) -> None:
    grown(apps, 3)
    apps.settings(lambda settings: settings["policy"].update(images=["us-docker.pkg.dev/myproj/*"]))
    path = apps.bare.parent / "list.yaml"
    path.write_text("- {name: old-001, images: {backend: 'evil.example/x:1'}}\n- {name: old-002}\n", encoding="utf-8")
    done = apps.run("apply", "-f", str(path), *OWNER, "--keep-going")
    assert done.code == 5
    assert actions(done.json()) == [("old-001", "failed"), ("old-002", "unchanged"), ("old-000", "deleted")]
    assert apps.names() == ["old-001", "old-002"]


def test_pinned_and_foreign_ones_stay(apps: Apps) -> None:
    grown(apps, 3)
    apps.ok("extend", "old-000", "--pin")
    apps.edit_application("old-001", lambda text: text.replace("managed-by: starry", "managed-by: hand"))
    assert actions(applied(apps, [entry("new")], *ALL)) == [("new", "created"), ("old-002", "deleted")]
    assert apps.names() == ["new", "old-000", "old-001"]


@pytest.mark.parametrize(
    "change",
    [
        {"application.yaml": "kind: Application\n"},
        {"application.yaml": None},
        {"values.yaml": None},
        {"values.yaml": "a: [\n"},
        {"application.yaml": "other name"},
    ],
    ids=["no annotations", "no application", "no values", "broken values", "another Application's name"],
)
@pytest.mark.parametrize("scope", [ALL, OWNER, ("--prune", "--selector", "starry.env/owner=alice")])
def test_a_broken_one_is_skipped_and_reported(
    apps: Apps, change: dict[str, str | None], scope: tuple[str, ...]
) -> None:
    grown(apps, 3)
    if change == {"application.yaml": "other name"}:
        apps.edit_application("old-001", lambda text: text.replace('name: "old-001"', 'name: "argocd-server"'))
    else:
        apps.commit({f"{PREVIEWS}/old-001/{file}": content for file, content in change.items()})
    path = apps.bare.parent / "list.yaml"
    path.write_text("- {name: new, images: {backend: v1}}\n", encoding="utf-8")
    done = apps.run("apply", "-f", str(path), *scope)
    assert done.code == 9, done.err
    results = done.json()
    assert actions(results) == [
        ("new", "created"), ("old-000", "deleted"), ("old-002", "deleted"), ("old-001", "skipped"),
    ]  # fmt: skip
    assert results[-1]["overlay"] == "dev"
    assert results[-1]["error"]["code"] == "repository_invalid"
    assert f"{PREVIEWS}/old-001/" in results[-1]["error"]["message"]
    assert apps.names() == ["new", "old-001"]
    again = apps.run("apply", "-f", str(path), *scope, "-o", "name")
    assert (again.code, again.out) == (9, "new\n")
    assert "old-001 skipped: " in again.err


def test_labels_of_the_application(apps: Apps) -> None:
    labels = {"old-000": "team: red", "old-001": "team: blue", "old-002": 'team: blue\n    tier: "1"'}
    grown(apps, 4)
    for name, label in labels.items():
        path = f"{PREVIEWS}/{name}/application.yaml"
        apps.commit({path: apps.read(path).replace("  labels:\n", f"  labels:\n    {label}\n", 1)})

    def gone(selector: str) -> list[str]:
        results = applied(apps, [entry("new")], "--prune", "--selector", selector)
        return [name for name, action in actions(results) if action == "deleted"]

    assert gone("team=blue,tier=1") == ["old-002"]
    assert gone("team=blue,owner=alice") == ["old-001"]
    assert gone("team=") == []
    assert apps.names() == ["new", "old-000", "old-003"]


def test_only_overlays_that_the_list_names(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("a", "--owner", "alice")
    apps.create("b", "--owner", "alice", "--overlay", "prod")
    assert actions(applied(apps, [entry("c", overlay="prod")], *ALL)) == [("c", "created"), ("b", "deleted")]
    assert actions(applied(apps, [entry("d")], *ALL)) == [("d", "created"), ("a", "deleted")]
    assert apps.names("prod") == ["c"]


def test_the_last_preview_of_an_overlay_leaves_its_keep_file(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("a", "--owner", "alice")
    apps.commit({f"{PREVIEWS}/keep.yaml": None})
    # The one entry of dev is refused, so nothing takes the place of what goes.
    entries = [{"name": "b"}, entry("c", overlay="prod")]
    path = apps.bare.parent / "list.json"
    path.write_text(str(entries).replace("'", '"'), encoding="utf-8")
    done = apps.run("apply", "-f", str(path), *ALL, "--keep-going")
    assert done.code == 2
    assert apps.tree(f"{PREVIEWS}/") == [f"{PREVIEWS}/keep.yaml"]
    assert apps.ok("validate")["ok"] is True


def test_pruning_makes_room_for_the_list(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 3, "perOwner": 2}))
    apps.create("a", "--owner", "alice")
    apps.create("b", "--owner", "alice")
    apps.create("c", "--owner", "bob")
    entries = [entry("d", owner="alice"), entry("e", owner="alice")]
    refused(apps, 5, entries)
    applied(apps, entries, *OWNER)
    assert apps.names() == ["c", "d", "e"]


def test_a_refused_entry_prunes_nothing(apps: Apps) -> None:
    grown(apps, 2)
    refused(apps, 2, [entry("new"), {"name": "bad"}], *ALL)


# The caps of gc


def test_up_to_the_share_goes_and_no_more(apps: Apps) -> None:
    names = grown(apps, 10)
    listed = [{"name": name} for name in names]
    error = refused(apps, 10, listed[:4], *ALL)
    assert error["code"] == "too_many_deletions"
    assert "6 of 10" in error["message"]
    assert "--force" in error["hint"]
    assert len(applied(apps, listed[:5], *ALL)) == 10


def test_the_share_counts_only_from_ten_previews(apps: Apps) -> None:
    grown(apps, 9)
    assert len(applied(apps, [{"name": "old-000"}], *ALL)) == 9


def test_a_cap_on_the_number(apps: Apps) -> None:
    grown(apps, 5)
    listed = [{"name": "old-000"}, {"name": "old-001"}]
    assert "3 previews" in refused(apps, 10, listed, *ALL, "--max-deletes", "2")["message"]
    refused(apps, 10, listed, *ALL, "--max-deletes", "0")
    apps.settings(lambda settings: settings["policy"]["gc"].update(maxDeletes=3))
    refused(apps, 10, listed[:1], *ALL)
    applied(apps, listed, *ALL)


def test_force_lifts_the_caps_and_a_dry_run_does_not(apps: Apps) -> None:
    grown(apps, 60)
    refused(apps, 10, [{"name": "old-000"}], *ALL, "--dry-run")
    refused(apps, 10, [{"name": "old-000"}], *ALL, "--keep-going")
    applied(apps, [{"name": "old-000"}], *ALL, "--force")
    assert apps.names() == ["old-000"]
