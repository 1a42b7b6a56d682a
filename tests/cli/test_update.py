"""update: as create, but the preview must exist."""

from datetime import timedelta

from tests.support.basics import instant, now
from tests.support.repos import Apps


def test_update_changes_the_image_and_renews_the_ttl(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=20)
    result = apps.ok("update", "preview-1", "--image", "backend=2.0.0")
    assert result["action"] == "updated"
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "2.0.0"
    assert abs(instant(result["expiresAt"]) - now() - timedelta(minutes=30)) < timedelta(seconds=30)


def test_update_of_what_does_not_exist_is_not_found(apps: Apps) -> None:
    error = apps.fails(3, "update", "preview-1", "--image", "backend=2.0.0")
    assert "preview-1" in error["message"]


def test_keep_expiry_does_not_renew(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=20)
    before = apps.annotation("preview-1", "expires-at")
    result = apps.ok("update", "preview-1", "--image", "backend=2.0.0", "--keep-expiry")
    assert result["action"] == "updated"
    assert apps.annotation("preview-1", "expires-at") == before == result["expiresAt"]


def test_an_update_that_changes_nothing_is_unchanged(apps: Apps) -> None:
    apps.create("preview-1")
    tip = apps.age("preview-1", minutes=20)
    assert apps.ok("update", "preview-1", "--image", "backend=1.0.0")["action"] == "unchanged"
    assert apps.tip() == tip


def test_update_renews_by_the_previews_own_ttl(apps: Apps) -> None:
    apps.create("preview-1", "--ttl", "2h")
    result = apps.ok("update", "preview-1", "--image", "backend=2.0.0")
    assert result["ttlMinutes"] == 120
    assert abs(instant(result["expiresAt"]) - now() - timedelta(hours=2)) < timedelta(seconds=30)


def test_update_may_enable_a_component(apps: Apps) -> None:
    apps.create("preview-1")
    result = apps.ok("update", "preview-1", "--image", "frontend2=3.0.0")
    assert set(result["urls"]) == {"backend", "frontend2"}
    values = apps.values("preview-1")
    assert values["frontend2"]["enabled"] is True
    assert "sample-fe-2.preview-1.starry.mycompany.com" in values["ingress"]["hosts"]
    assert values["frontend2"]["env"]["VITE_API_BASE_URL"] == "https://sample-be.preview-1.starry.mycompany.com"


def test_update_finds_the_preview_by_pull_request(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", "--image", "backend=1.0.0")
    assert apps.ok("update", "--pr", "7", "--image", "backend=2.0.0")["name"] == "preview-7"


def test_update_finds_the_preview_by_source_branch(apps: Apps) -> None:
    name = apps.ok("create", "--source-branch", "feature/Big Thing", "--image", "backend=1.0.0")["name"]
    result = apps.ok("update", "--source-branch", "feature/Big Thing", "--image", "backend=2.0.0")
    assert (result["name"], result["action"]) == (name, "updated")


def test_update_changes_the_facts_it_is_given(apps: Apps) -> None:
    apps.create("preview-1", "--commit", "aaaa111", "--owner", "alice")
    apps.ok("update", "preview-1", "--image", "backend=2.0.0", "--commit", "bbbb222")
    assert apps.annotation("preview-1", "commit") == "bbbb222"
    assert apps.annotation("preview-1", "owner") == "alice"


def test_an_update_keeps_a_pin(apps: Apps) -> None:
    apps.create("preview-1", "--pin")
    assert apps.ok("update", "preview-1", "--image", "backend=2.0.0")["pinned"] is True


def test_update_without_anything_to_change_needs_no_image(apps: Apps) -> None:
    apps.create("preview-1")
    result = apps.ok("update", "preview-1", "--set", "backend.env.LOG_LEVEL=debug")
    assert result["action"] == "updated"
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "1.0.0"
