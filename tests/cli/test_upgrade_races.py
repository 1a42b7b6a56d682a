"""upgrade and others who write meanwhile: it is decided again, and nothing of theirs is lost."""

from collections.abc import Callable

import pytest

from tests.cli.test_contention import all_at_once, create
from tests.support.cli import run_process
from tests.support.gitserver import GitServer, Request
from tests.support.repos import Apps
from tests.support.transport import http


def by_process(apps: Apps, *args: str) -> None:
    """Another writer, in a process of its own: this process is in the middle of a run."""
    done = run_process(*apps.args(*args))
    assert done.code == 0, done.err


def hand_edit(apps: Apps) -> None:
    apps.edit_values("preview-1", lambda text: text.replace("sample-be.preview-1", "own.preview-1"))


MEANWHILE: dict[str, Callable[[Apps], object]] = {
    "update": lambda apps: by_process(apps, "update", "preview-1", "--image", "backend=2.0.0"),
    "enable": lambda apps: by_process(apps, "update", "preview-1", "--image", "frontend1=2.0.0"),
    "extend": lambda apps: by_process(apps, "extend", "preview-1", "--ttl", "2h"),
    "pin": lambda apps: by_process(apps, "extend", "preview-1", "--pin"),
    "delete": lambda apps: by_process(apps, "delete", "preview-1"),
    "create": lambda apps: by_process(apps, "create", "preview-3", "--image", "backend=1.0.0"),
    "upgrade": lambda apps: by_process(apps, "upgrade", "--all"),
    "by hand": hand_edit,
    "settings": lambda apps: apps.settings(lambda settings: settings.update(project="other")),
}


def is_read(request: Request) -> bool:
    """A fetch, before anything was decided."""
    return request.method == "POST" and not request.is_push


@pytest.mark.parametrize("moment", ["before the push", "while it looks back"])
@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_what_others_do_meanwhile_is_kept(
    apps: Apps, server: GitServer, meanwhile: Callable[[Apps], object], moment: str
) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    apps.settings(lambda settings: settings.update(hostTemplate="{name}.{app}.{domain}"))

    def interfere(request: Request) -> None:
        if request.is_push if moment == "before the push" else is_read(request):
            server.before = lambda _: None
            meanwhile(apps)

    server.before = interfere
    result = http(apps, server).ok("upgrade", "--all")
    assert result["skipped"] == []
    if meanwhile is MEANWHILE["enable"]:
        apps.ok("upgrade", "--all")  # the list that changed meanwhile was taken for a person's
    look(apps, meanwhile)
    assert apps.ok("validate")["ok"] is True
    assert apps.run("upgrade", "--all", "--check").code == 0


def look(apps: Apps, meanwhile: Callable[[Apps], object]) -> None:
    """What the others did stands, and all hosts that are nobody's own have moved."""
    if meanwhile is MEANWHILE["delete"]:
        assert apps.names() == ["preview-2"]
        return
    values = apps.values("preview-1")
    assert (values["backend"]["image"]["tag"] == "2.0.0") == (meanwhile is MEANWHILE["update"])
    assert values["frontend1"]["enabled"] is (meanwhile is MEANWHILE["enable"])
    assert (apps.annotation("preview-1", "ttl-minutes") == "120") == (meanwhile is MEANWHILE["extend"])
    assert apps.annotation("preview-1", "pinned") == ("true" if meanwhile is MEANWHILE["pin"] else None)
    hosts = ["preview-1.sample-be.starry.mycompany.com", "preview-1.sample-fe-1.starry.mycompany.com"]
    own = ["own.preview-1.starry.mycompany.com"]
    enabled = 2 if meanwhile is MEANWHILE["enable"] else 1
    assert values["ingress"]["hosts"] == (own if meanwhile is hand_edit else hosts[:enabled])


def test_a_named_preview_that_goes_meanwhile_is_not_found(apps: Apps, server: GitServer) -> None:
    apps.create("preview-1")
    apps.settings(lambda settings: settings.update(project="other"))

    def interfere(request: Request) -> None:
        if request.is_push:
            server.before = lambda _: None
            by_process(apps, "delete", "preview-1")

    server.before = interfere
    done = http(apps, server).run("upgrade", "preview-1")
    assert (done.code, done.error()["code"]) == (3, "not_found")


def test_upgrades_and_other_writers_at_once_all_land(apps: Apps) -> None:
    names = [f"preview-{number}" for number in range(6)]
    for name in names:
        apps.create(name)
    start = apps.settings(lambda settings: settings.update(hostTemplate="{name}.{app}.{domain}"))
    commands = [
        *[("upgrade", "--all")] * 2,
        ("upgrade", "--all", "--batch", "2"),
        *(("update", name, "--image", "backend=2.0.0") for name in names[:3]),
        *(("extend", name, "--pin") for name in names[3:]),
        create("new"),
    ]
    done = all_at_once(apps, commands)
    assert [one.code for one in done] == [0] * len(commands), [one.err for one in done if one.code]
    assert apps.ok("upgrade", "--all")["kept"] == []
    assert [apps.values(name)["backend"]["image"]["tag"] for name in names] == ["2.0.0"] * 3 + ["1.0.0"] * 3
    assert [apps.annotation(name, "pinned") for name in names] == [None] * 3 + ["true"] * 3
    hosts = [host for name in apps.names() for host in apps.values(name)["ingress"]["hosts"]]
    assert hosts == [f"{name}.sample-be.starry.mycompany.com" for name in apps.names()]
    assert all(len(line.split()) == 2 for line in apps.git("rev-list", "--parents", f"{start}..main").splitlines())
    assert apps.ok("validate")["ok"] is True
