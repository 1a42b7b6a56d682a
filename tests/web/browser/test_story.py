"""A person makes a preview, looks at it, keeps it for longer, pins it, changes it, deletes it: and it is in Git."""

from collections.abc import Callable

import pytest

from tests.support.repos import Apps
from tests.web.browser.driving import PHONE, Looks, Window

WAYS = [Looks(), Looks(theme="dark"), Looks(size=PHONE), Looks(theme="dark", size=PHONE, scripts=False)]


@pytest.mark.parametrize("looks", WAYS, ids=str)
def test_a_previews_life(apps: Apps, look: Callable[..., Window], looks: Looks) -> None:
    seen = look(looks)
    _make(seen)
    assert apps.trailers()["Starry-Action"] == "create"
    assert apps.annotation("preview-77", "owner") == "ada@example.com"
    assert apps.annotation("preview-77", "branch") == "feature/login"
    assert apps.annotation("preview-77", "ttl-minutes") == "60"
    assert apps.git("log", "-1", "--format=%an <%ae>, %cn") == "Ada Tester <ada@example.com>, Starry"
    assert "sample-be.preview-77.starry.mycompany.com" in seen.text
    assert "preview(preview-77): create" in seen.text

    seen.page.get_by_label("Keep it for").first.fill("2h")
    seen.press("Extend")
    assert "preview-77 is kept for longer." in seen.text
    assert apps.annotation("preview-77", "ttl-minutes") == "120"

    seen.press("Pin")
    assert apps.annotation("preview-77", "pinned") == "true"
    seen.press("Unpin")
    assert apps.annotation("preview-77", "pinned") is None

    seen.follow("Change images")
    seen.page.get_by_label("backend").fill("pr-77-def")
    seen.press("Change it at once")
    assert "preview-77 is changed." in seen.text
    assert apps.values("preview-77")["backend"]["image"]["tag"] == "pr-77-def"

    assert not seen.is_too_wide
    seen.follow("Delete…")
    seen.press("Delete preview-77")
    assert "preview-77 is deleted." in seen.text
    assert apps.names() == []
    assert seen.go("/previews/dev/preview-77") == 404
    assert "preview(preview-77): delete" in seen.text


def _make(seen: Window) -> None:
    """Through the form and a look at the commit."""
    seen.go("/")
    assert "No previews yet" in seen.text
    assert "starry create" in seen.text
    seen.follow("Make the first one")
    seen.page.get_by_label("Pull request").fill("77")
    seen.page.get_by_label("Branch").fill("feature/login")
    seen.page.get_by_label("backend").fill("pr-77-abc")
    seen.page.get_by_label("Time to live").first.fill("1h")
    seen.press("Look at the changes")
    assert "Nothing is written yet." in seen.text
    assert "overlays/dev/previews/preview-77/values.yaml" in seen.text
    assert '+    tag: "pr-77-abc"' in seen.text
    assert not seen.is_too_wide
    seen.press("Create preview-77")
    assert "preview-77 is created." in seen.text
