"""Many real processes at once: all land, none is lost, the history is a line of whole commits."""

import os
import random
import signal
import time
from collections.abc import Sequence

import pytest

from tests.support.cli import Result, finish, spawn
from tests.support.gitserver import GitServer
from tests.support.repos import PREVIEWS, Apps
from tests.support.transport import http


def all_at_once(apps: Apps, commands: Sequence[Sequence[str]]) -> list[Result]:
    """Start a process for each command, then wait for all."""
    processes = [spawn(*apps.args(*command), env=apps.env) for command in commands]
    return [finish(process, 90) for process in processes]


def create(name: str, *options: str, tag: str = "1.0.0") -> tuple[str, ...]:
    return ("create", name, "--image", f"backend={tag}", *options)


def assert_whole_commits(apps: Apps, since: str) -> None:
    """The history since a commit is a line, and each of its commits leaves only whole previews."""
    commits = apps.git("rev-list", "--parents", f"{since}..main").splitlines()
    assert all(len(line.split()) == 2 for line in commits)
    for line in commits:
        commit = line.split()[0]
        folders: dict[str, set[str]] = {}
        for path in apps.git("ls-tree", "-r", "--name-only", commit, f"{PREVIEWS}/").splitlines():
            if path.count("/") > 3:
                folders.setdefault(path.split("/")[3], set()).add(path.split("/")[4])
        assert all(files == {"application.yaml", "values.yaml"} for files in folders.values()), folders


def test_sixteen_processes_with_different_names_all_land(apps: Apps) -> None:
    start = apps.tip()
    names = [f"preview-{number:02}" for number in range(16)]
    done = all_at_once(apps, [create(name) for name in names])
    assert [result.code for result in done] == [0] * 16, [result.err for result in done if result.code]
    assert apps.names() == names
    assert apps.count() == 17
    assert sorted(result.json()["commit"] for result in done) == sorted(apps.git("rev-list", f"{start}..main").split())
    assert_whole_commits(apps, start)
    assert apps.ok("validate")["ok"] is True


def test_twelve_processes_over_http_all_land(apps: Apps, server: GitServer) -> None:
    names = [f"preview-{number:02}" for number in range(12)]
    done = all_at_once(http(apps, server), [create(name) for name in names])
    assert [result.code for result in done] == [0] * 12, [result.err for result in done if result.code]
    assert apps.names() == names


def test_different_commands_at_once_all_land(apps: Apps) -> None:
    for number in range(6):
        apps.create(f"old-{number}")
    start = apps.tip()
    commands = [
        *(create(f"new-{number}") for number in range(4)),
        *(("delete", f"old-{number}") for number in (0, 1)),
        *(("update", f"old-{number}", "--image", "backend=2.0.0") for number in (2, 3)),
        *(("extend", f"old-{number}", "--pin") for number in (4, 5)),
        ("gc",),
        ("list",),
    ]
    done = all_at_once(apps, commands)
    assert [result.code for result in done] == [0] * len(commands), [result.err for result in done if result.code]
    assert apps.names() == [*(f"new-{number}" for number in range(4)), *(f"old-{number}" for number in range(2, 6))]
    assert apps.values("old-2")["backend"]["image"]["tag"] == "2.0.0"
    assert apps.annotation("old-5", "pinned") == "true"
    assert_whole_commits(apps, start)


def test_the_same_create_at_once_is_one_preview_and_everybody_succeeds(apps: Apps) -> None:
    start = apps.tip()
    done = all_at_once(apps, [create("preview-1")] * 6)
    assert [result.code for result in done] == [0] * 6, [result.err for result in done if result.code]
    assert {result.json()["action"] for result in done} <= {"created", "unchanged"}
    assert apps.names() == ["preview-1"]
    assert_whole_commits(apps, start)


def test_one_name_with_different_tags_ends_with_one_of_them_whole(apps: Apps) -> None:
    tags = [f"1.0.{number}" for number in range(6)]
    done = all_at_once(apps, [create("preview-1", tag=tag) for tag in tags])
    assert [result.code for result in done] == [0] * 6, [result.err for result in done if result.code]
    assert apps.values("preview-1")["backend"]["image"]["tag"] in tags
    assert apps.ok("validate")["ok"] is True


def test_of_racing_pipelines_the_newest_wins(apps: Apps) -> None:
    numbers = list(range(1, 7))
    random.Random(7).shuffle(numbers)
    commands = [create("preview-1", "--sequence", str(number), tag=f"1.0.{number}") for number in numbers]
    done = dict(zip(numbers, all_at_once(apps, commands), strict=True))
    assert done[6].code == 0, done[6].err
    assert {result.code for result in done.values()} <= {0, 5}
    assert all(result.error()["code"] == "superseded" for result in done.values() if result.code == 5)
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "1.0.6"


def test_one_name_for_two_pull_requests_at_once_goes_to_one_of_them(apps: Apps) -> None:
    urls = [f"https://github.com/myorg/{repository}/pull/7" for repository in ("one", "two", "three")]
    commands = [("create", "--pr", url, "--image", "backend=1.0.0") for url in urls]
    done = all_at_once(apps, commands)
    assert sorted(result.code for result in done) == [0, 5, 5]
    winner = urls[[result.code for result in done].index(0)]
    assert apps.annotation("preview-7", "pull-request") == winner


def test_the_last_place_of_a_quota_is_given_once(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 2}))
    done = all_at_once(apps, [create(f"preview-{number}") for number in range(5)])
    assert sorted(result.code for result in done) == [0, 0, 5, 5, 5]
    assert len(apps.names()) == 2


@pytest.mark.parametrize("whole_group", [False, True], ids=["the process", "the process and its children"])
def test_killed_at_any_moment_the_branch_is_valid_and_the_next_run_succeeds(apps: Apps, whole_group: bool) -> None:
    moments = random.Random(11)
    kill = os.killpg if whole_group else os.kill
    for number in range(10):
        before, names = apps.tip(), apps.names()
        process = spawn(*apps.args(*create(f"preview-{number}")))
        time.sleep(moments.uniform(0.05, 0.45))
        kill(process.pid, signal.SIGKILL)
        finish(process, 15)
        assert apps.names() in (names, [*names, f"preview-{number}"])
        assert_whole_commits(apps, before)
        assert apps.ok(*create(f"preview-{number}"))["action"] in {"created", "unchanged"}
        assert apps.names() == [*names, f"preview-{number}"]
    apps.git("fsck", "--strict", "--no-dangling")
    assert apps.ok("validate")["ok"] is True
