"""`starry apply` among other writers: what it decided on an old tip is decided again on the new one."""

from collections.abc import Callable

import pytest

from tests.support.cli import finish, run_process, spawn
from tests.support.gitserver import GitServer, Request
from tests.support.lists import actions, applied, entry, written
from tests.support.repos import Apps
from tests.support.transport import http

OWNER = ("--prune", "--selector", "owner=alice")


def before_the_push(server: GitServer, interfere: Callable[[], None]) -> None:
    """Once, right before the first push arrives."""

    def before(request: Request) -> None:
        if request.is_push:
            server.before = lambda _: None
            interfere()

    server.before = before


def elsewhere(apps: Apps, *args: str) -> Callable[[], None]:
    """Another writer, in a process of its own: this one is in the middle of a run."""

    def interfere() -> None:
        assert run_process(*apps.args(*args)).code == 0

    return interfere


def test_all_of_it_is_decided_again(apps: Apps, server: GitServer) -> None:
    apps.create("old", "--owner", "alice")
    before_the_push(server, elsewhere(apps, "create", "preview-1", "--image", "backend=1.0.0"))
    result = applied(http(apps, server), [entry("preview-1"), entry("preview-2")], *OWNER)
    assert actions(result) == [("preview-1", "unchanged"), ("preview-2", "created"), ("old", "deleted")]
    assert {one["attempts"] for one in result} == {2}
    assert [one["commit"] for one in result] == [None, apps.tip(), apps.tip()]
    assert {path.split("/")[3] for path in apps.changed()} == {"preview-2", "old"}


@pytest.mark.parametrize(
    "args",
    [
        ("extend", "old", "--pin"),
        ("update", "old", "--owner", "bob"),
        ("delete", "old"),
    ],
)
def test_what_leaves_the_scope_meanwhile_is_not_pruned(apps: Apps, server: GitServer, args: tuple[str, ...]) -> None:
    apps.create("old", "--owner", "alice")
    before_the_push(server, elsewhere(apps, *args))
    result = applied(http(apps, server), [entry("new")], *OWNER)
    assert actions(result) == [("new", "created")]
    assert apps.names() == (["new"] if args[0] == "delete" else ["new", "old"])


def test_what_comes_into_the_scope_meanwhile_counts_for_the_caps(apps: Apps, server: GitServer) -> None:
    apps.create("old", "--owner", "alice")
    before_the_push(server, elsewhere(apps, "create", "late", "--image", "backend=1.0.0", "--owner", "alice"))
    path = written(apps, [entry("new")])
    done = http(apps, server).run("apply", "-f", path, *OWNER, "--max-deletes", "1")
    assert done.code == 10
    assert apps.names() == ["late", "old"]


def test_a_quota_that_fills_up_meanwhile_refuses_all(apps: Apps, server: GitServer) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 2}))
    before_the_push(server, elsewhere(apps, "create", "late", "--image", "backend=1.0.0"))
    done = http(apps, server).run("apply", "-f", written(apps, [entry("a"), entry("b")]))
    assert done.code == 5
    assert done.error()["message"].count("entry 2 (b): ") == 1
    assert apps.names() == ["late"]


def test_a_newer_pipeline_meanwhile_wins(apps: Apps, server: GitServer) -> None:
    late = ("create", "preview-1", "--image", "backend=2.0.0", "--sequence", "2")
    before_the_push(server, elsewhere(apps, *late))
    done = http(apps, server).run("apply", "-f", written(apps, [entry("preview-1", sequence=1), entry("b")]))
    assert done.code == 5
    assert done.error()["code"] == "superseded"
    assert apps.names() == ["preview-1"]
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "2.0.0"


def test_kept_going_through_a_lost_race_the_failures_are_told_once(apps: Apps, server: GitServer) -> None:
    before_the_push(server, elsewhere(apps, "create", "late", "--image", "backend=1.0.0"))
    entries = [{"name": "bad", "x": 1}, entry("good")]
    done = http(apps, server).run("apply", "-f", written(apps, entries), "--keep-going")
    assert done.code == 2
    bad, good = done.json()
    assert (good["action"], good["attempts"]) == ("created", 2)
    assert bad["error"]["message"].count("list.yaml:2") == 1
    assert apps.names() == ["good", "late"]


def test_two_applies_and_a_create_at_once_all_land(apps: Apps) -> None:
    lists = [
        written(apps, [entry(f"{team}-{number}") for number in range(20)], f"{team}.yaml") for team in ("blue", "red")
    ]
    start = apps.count()
    commands = [*(("apply", "-f", path) for path in lists), ("create", "green", "--image", "backend=1.0.0")]
    done = [finish(process) for process in [spawn(*apps.args(*command)) for command in commands]]
    assert [one.code for one in done] == [0, 0, 0], [one.err for one in done]
    assert len(apps.names()) == 41
    assert apps.count() == start + 3
    assert apps.ok("validate")["ok"] is True


def test_the_same_list_twice_at_once_is_one_commit(apps: Apps) -> None:
    path = written(apps, [entry(f"preview-{number}") for number in range(10)])
    start = apps.count()
    done = [finish(process) for process in [spawn(*apps.args("apply", "-f", path)) for _ in range(3)]]
    assert [one.code for one in done] == [0, 0, 0], [one.err for one in done]
    found = sorted({one["action"] for result in done for one in result.json()})
    assert found in (["created"], ["created", "unchanged"])
    assert apps.count() == start + 1
