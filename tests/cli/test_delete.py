"""delete: removes two files; what is not there is absent, which is success."""

from tests.support.repos import PREVIEWS, Apps

BOTH = [f"{PREVIEWS}/preview-1/application.yaml", f"{PREVIEWS}/preview-1/values.yaml"]


def test_a_removed_preview_is_two_deletions(apps: Apps) -> None:
    before = apps.tree()
    apps.create("preview-1")
    result = apps.ok("delete", "preview-1")
    assert (result["name"], result["action"], result["commit"]) == ("preview-1", "deleted", apps.tip())
    assert apps.changed() == dict.fromkeys(BOTH, "D")
    assert apps.tree() == before


def test_the_result_has_the_contracts_keys(apps: Apps) -> None:
    apps.create("preview-1")
    keys = "name overlay namespace action commit branch urls expiresAt ttlMinutes pinned attempts dryRun"
    assert set(apps.ok("delete", "preview-1")) == set(keys.split())


def test_an_absent_preview_is_success_without_a_commit(apps: Apps) -> None:
    tip = apps.tip()
    result = apps.ok("delete", "preview-1")
    assert (result["action"], result["commit"]) == ("absent", None)
    assert apps.tip() == tip


def test_must_exist_makes_absence_an_error(apps: Apps) -> None:
    error = apps.fails(3, "delete", "preview-1", "--must-exist")
    assert "preview-1" in error["message"]


def test_several_names_are_one_commit_and_a_list(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    commits = apps.count()
    results = apps.ok("delete", "preview-1", "preview-2", "preview-3")
    assert [(result["name"], result["action"]) for result in results] == [
        ("preview-1", "deleted"),
        ("preview-2", "deleted"),
        ("preview-3", "absent"),
    ]
    assert apps.count() == commits + 1
    assert apps.names() == []


def test_must_exist_with_one_absent_name_deletes_nothing(apps: Apps) -> None:
    apps.create("preview-1")
    apps.fails(3, "delete", "preview-1", "preview-2", "--must-exist")
    assert apps.names() == ["preview-1"]


def test_the_last_preview_leaves_keep_yaml(apps: Apps) -> None:
    apps.create("preview-1")
    apps.ok("delete", "preview-1")
    assert apps.tree(f"{PREVIEWS}/") == [f"{PREVIEWS}/keep.yaml"]
    assert apps.ok("validate")["ok"] is True


def test_a_name_that_begins_like_another_deletes_only_itself(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-12")
    apps.ok("delete", "preview-1")
    assert apps.names() == ["preview-12"]


def test_a_broken_preview_can_be_deleted(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text + "\n  : : [broken\n")
    assert apps.ok("delete", "preview-1")["action"] == "deleted"
    assert apps.names() == []


def test_a_preview_that_lost_a_file_can_be_deleted(apps: Apps) -> None:
    apps.create("preview-1")
    apps.commit({BOTH[0]: None})
    assert apps.ok("delete", "preview-1")["action"] == "deleted"
    assert apps.names() == []


def test_a_preview_that_somebody_else_manages_is_kept(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text.replace("managed-by: ", "managed-by: not-"))
    apps.fails(5, "delete", "preview-1")


def test_delete_takes_a_pull_request_or_branch_in_place_of_the_name(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", "--image", "backend=1.0.0")
    apps.ok("create", "--source-branch", "Fix/It", "--image", "backend=1.0.0")
    assert apps.ok("delete", "--pr", "7")["action"] == "deleted"
    assert apps.ok("delete", "--source-branch", "Fix/It")["action"] == "deleted"


def test_nothing_to_delete_named_is_a_usage_error(apps: Apps) -> None:
    apps.fails(2, "delete")


def test_the_pull_request_of_another_preview_deletes_nothing(apps: Apps) -> None:
    apps.create("preview-7", "--pr", "https://github.com/myorg/one/pull/7")
    done = apps.run("delete", "--pr", "https://github.com/myorg/two/pull/7")
    assert done.code == 5
    assert apps.names() == ["preview-7"]
