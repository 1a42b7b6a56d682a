"""Servers that speak Git's first protocol give objects by branch only, never by id."""

import pytest

from tests.support.gitserver import GitServer, Request
from tests.support.repos import PREVIEWS, Apps
from tests.support.transport import http


@pytest.fixture
def old(apps: Apps, server: GitServer) -> Apps:
    """Such a server, with filters; two previews, one of them updated."""
    apps.create("preview-1")
    apps.create("preview-2")
    apps.ok("update", "preview-1", "--image", "backend=2")
    apps.git("config", "uploadpack.allowFilter", "true")
    server.old_protocol = True
    return http(apps, server)


def move_at_the_second_request(apps: Apps, server: GitServer) -> None:
    """Somebody pushes between the first look and the fetch of what was missing."""
    posts: list[Request] = []

    def before(request: Request) -> None:
        if request.method == "POST" and "upload-pack" in request.target:
            posts.append(request)
            if len(posts) == 2:
                apps.edit_values("preview-1", lambda text: text + "# by hand\n")

    server.before = before


@pytest.mark.parametrize(
    "command",
    [
        ("update", "preview-1", "--image", "backend=3"),
        ("extend", "preview-1", "--ttl", "2h"),
        ("delete", "preview-1"),
        ("show", "preview-1"),
        ("list",),
        ("upgrade", "--all"),
        ("history", "preview-1"),
        ("validate",),
        ("gc",),
    ],
    ids=lambda command: command[0],
)
def test_a_branch_that_moves_while_it_is_read_is_read_again(
    old: Apps, apps: Apps, server: GitServer, command: tuple[str, ...]
) -> None:
    move_at_the_second_request(apps, server)
    old.ok(*command)
    if command[0] in {"update", "extend"}:
        assert "by hand" in apps.read(f"{PREVIEWS}/preview-1/values.yaml")


def test_upgrade_looks_back_without_objects_by_id(old: Apps, apps: Apps) -> None:
    apps.commit({"starry.yaml": apps.read("starry.yaml") + "chart: {describe: true}\n"})
    assert [one["name"] for one in old.ok("upgrade", "--all")["updated"]] == ["preview-1", "preview-2"]
