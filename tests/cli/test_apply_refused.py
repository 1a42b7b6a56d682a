"""`starry apply`: one entry that is refused refuses all of them."""

from typing import Any

import pytest

from tests.support.lists import entry, refused
from tests.support.repos import Apps

REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"name": "Bad Name", "images": {"backend": "1"}}, 2, "usage"),
    ({"name": "bad", "imgaes": {}}, 2, "usage"),
    ({"name": "bad"}, 2, "usage"),
    ({"name": "bad", "images": {"nothing": "1"}}, 2, "usage"),
    ({"images": {"backend": "1"}}, 2, "usage"),
    ({"name": "argocd", "images": {"backend": "1"}}, 5, "name_reserved"),
    ({"name": "bad", "images": {"backend": "evil.example/x:1"}}, 5, "image"),
    ({"name": "bad", "images": {"backend": "1"}, "ttl": "9h"}, 5, "ttl"),
    ({"name": "bad", "images": {"backend": "1"}, "set": {"backend.env.PASSWORD": "hunter22"}}, 5, "secret"),
    ({"name": "bad", "images": {"backend": "1"}, "overlay": "nowhere"}, 3, "not_found"),
    ({"name": "bad", "images": {"backend": "1"}, "overlay": "prod"}, 5, "previews_off"),
    ({"name": "old", "images": {"backend": "1"}, "sequence": 4}, 5, "superseded"),
    ({"name": "old", "images": {"backend": "1"}, "pr": 8}, 5, "name_taken"),
    ({"name": "foreign", "images": {"backend": "1"}}, 5, "not_managed"),
    ({"name": "broken", "images": {"backend": "1"}}, 7, "repository_invalid"),
]


def with_old_ones(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(images=["us-docker.pkg.dev/myproj/*"]))
    apps.create("old", "--sequence", "5", "--pr", "7")
    apps.create("foreign")
    apps.edit_application("foreign", lambda text: text.replace("managed-by: starry", "managed-by: hand"))
    apps.create("broken")
    apps.edit_application("broken", lambda text: text.replace("expires-at", "expired-at"))


@pytest.mark.parametrize(("bad", "code", "slug"), REFUSED, ids=[f"{one[2]} {one[0]}" for one in REFUSED])
@pytest.mark.parametrize("place", [0, 1], ids=["first", "last"])
def test_one_bad_entry_refuses_all_with_its_own_code(
    apps: Apps, bad: dict[str, Any], code: int, slug: str, place: int
) -> None:
    with_old_ones(apps)
    entries = [entry("good")]
    entries.insert(place, bad)
    error = refused(apps, code, entries)
    assert error["code"] == slug
    name = bad.get("name", "")
    assert error["message"].startswith(f"entry {place + 1} ({name}): " if name else f"entry {place + 1}: ")
    assert "hunter22" not in error["message"] + error["hint"]
    assert "good" not in apps.names()


def test_what_the_command_line_lacks(apps: Apps) -> None:
    assert "--file" in apps.fails(2, "apply")["message"]
    assert "cannot be read" in apps.fails(2, "apply", "-f", "nowhere.yaml")["message"]
    assert "list.yaml:1" in refused(apps, 2, "7")["message"]
