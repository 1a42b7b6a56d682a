"""show: everything known about one preview."""

from tests.support.repos import Apps


def test_show_tells_everything_known(apps: Apps) -> None:
    url = "https://gitlab.com/group/app/-/merge_requests/9"
    apps.create("preview-9", "--owner", "alice", "--pr", url, "--commit", "abcd123", "--source-branch", "feature/x")
    tip = apps.tip()
    apps.create("preview-2")
    shown = apps.ok("show", "preview-9")
    text = str(shown)
    for fact in ("alice", url, "abcd123", "feature/x", tip, "https://sample-be.preview-9.starry.mycompany.com"):
        assert fact in text, fact
    listed = apps.ok("list")[1]
    assert {key: shown[key] for key in listed} == listed


def test_show_of_an_absent_preview_is_not_found(apps: Apps) -> None:
    assert "preview-1" in apps.fails(3, "show", "preview-1")["message"]


def test_show_suggests_a_name_or_a_command(apps: Apps) -> None:
    apps.create("preview-123")
    error = apps.fails(3, "show", "preview-132")
    assert error["hint"]


def test_the_last_commit_is_the_one_that_touched_it_also_when_a_person_did(apps: Apps) -> None:
    apps.create("preview-1")
    by_hand = apps.edit_values("preview-1", lambda text: text + "# note\n")
    apps.create("preview-2")
    assert by_hand in str(apps.ok("show", "preview-1"))


def test_show_finds_it_by_pull_request_and_branch(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", "--image", "backend=1.0.0")
    name = apps.ok("create", "--source-branch", "Fix/It", "--image", "backend=1.0.0")["name"]
    assert apps.ok("show", "--pr", "7")["name"] == "preview-7"
    assert apps.ok("show", "--source-branch", "Fix/It")["name"] == name


def test_the_table_shows_urls_images_and_expiry(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    out = apps.run("show", "preview-1", "-o", "table").out
    for fact in ("https://sample-be.preview-1.starry.mycompany.com", "1.0.0", "alice"):
        assert fact in out


def test_show_of_a_broken_preview_names_the_file(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text + "\n : : [broken\n")
    error = apps.fails(7, "show", "preview-1")
    assert "overlays/dev/previews/preview-1/application.yaml" in error["message"]
