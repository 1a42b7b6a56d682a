"""A page that is stopped, or that cannot reach others, while webhooks have it work."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.forges.commands.stage import Stage
from tests.support import forge_faults, webhook_examples
from tests.support.forges import TOKEN, running
from tests.support.gitserver import GitServer, Request
from tests.support.repos import Apps
from tests.web.hooks.sending import SECRET, headers, hooked
from tests.web.hooks.test_forges import pull_request
from tests.web.served import Process, process, wait_until


@pytest.fixture
def stage(apps: Apps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    webhook_examples.require()
    monkeypatch.setenv("STARRY_FORGE_TOKEN", TOKEN)
    with running("github") as case:
        made = Stage(case=case, apps=apps, folder=tmp_path)
        made.set_up()
        yield made


@contextmanager
def page_behind(server: GitServer, stage: Stage, *args: str) -> Iterator[Process]:
    server.token = None
    env = {"STARRY_WEBHOOK_SECRET": SECRET, "STARRY_FORGE_TOKEN": TOKEN}
    with process(stage.apps.at(server.url, **env), *args) as page:
        yield page


def send(page: Process, stage: Stage, number: int) -> int:
    body = json.dumps(pull_request(stage, number, "opened")).encode()
    sent = headers("github", body, delivery=f"of-{number}")
    return httpx.post(f"{page.url}/hooks/github", content=body, headers=sent, timeout=30).status_code


def fates(page: Process) -> list[tuple[str, str]]:
    found = [one for one in page.records() if one["event"] == "hook_job"]
    return [(one["deliveries"][0], one["fate"]) for one in found]


def test_what_is_being_pushed_ends_and_what_waits_is_dropped(
    server: GitServer, stage: Stage, temporary_folder: Path
) -> None:
    seen: list[Request] = []

    def slow(request: Request) -> None:
        if request.sends_pack:
            seen.append(request)
            server.wait(1)

    numbers = [stage.state.open(f"feat/{name}") for name in ("a", "b", "c")]
    with page_behind(server, stage) as page:
        server.before = slow
        assert [send(page, stage, number) for number in numbers] == [202, 202, 202]
        wait_until(lambda: seen)
        assert page.end() == 0
    assert stage.apps.names() == ["preview-1"]
    assert "**Ready to be deployed.**" in stage.sticky(1)
    assert stage.stickies(2) == []
    assert sorted(fates(page)) == [("github:of-1", "done"), ("github:of-2", "dropped"), ("github:of-3", "dropped")]
    assert stage.apps.run("validate").code == 0
    assert not list(temporary_folder.glob("starry-*"))


def test_a_push_that_does_not_end_is_given_up_whole(server: GitServer, stage: Stage, temporary_folder: Path) -> None:
    seen: list[Request] = []

    def stuck(request: Request) -> None:
        if request.sends_pack:
            seen.append(request)
            server.wait(60)

    number = stage.state.open("feat/a")
    with page_behind(server, stage, "--grace", "1") as page:
        server.before = stuck
        assert send(page, stage, number) == 202
        wait_until(lambda: seen)
        assert page.end() == 1
    assert stage.apps.names() == []
    wait_until(lambda: not list(temporary_folder.glob("starry-*")))


def test_killed_while_it_works_and_the_schedule_mends_it(server: GitServer, stage: Stage) -> None:
    seen: list[Request] = []

    def slow(request: Request) -> None:
        if request.sends_pack:
            seen.append(request)
            server.wait(1)

    numbers = [stage.state.open(f"feat/{name}") for name in ("a", "b")]
    with page_behind(server, stage) as page:
        server.before = slow
        for number in numbers:
            assert send(page, stage, number) == 202
        wait_until(lambda: seen)
        assert page.end(signal.SIGKILL) == -signal.SIGKILL
    assert stage.ok("sync")["skipped"] == []
    assert stage.apps.names() == ["preview-1", "preview-2"]
    assert stage.apps.run("validate").code == 0


def test_a_forge_that_was_away_is_asked_again(stage: Stage) -> None:
    number = stage.state.open("feat/a")
    with hooked(stage.apps) as hooks:
        stage.case.server.spoil(r"^POST .*comments", forge_faults.says(502, "Bad Gateway"), times=1)
        assert hooks.send("github", pull_request(stage, number, "opened")).status_code == 202
        hooks.wait_for("pull_request", "remote_unreachable")
        hooks.wait_for("pull_request", "unchanged")
    assert stage.apps.names() == ["preview-1"]
    assert "**Ready to be deployed.**" in stage.sticky(number)


def test_what_was_done_but_not_said_is_said_by_the_next_attempt(stage: Stage) -> None:
    number = stage.state.open("feat/a")
    stage.state.person("bob", "write")
    stage.create(number)
    event = stage.event(number, "/preview pin", by="bob").read_bytes()
    with hooked(stage.apps) as hooks:
        stage.case.server.spoil(r"^POST .*comments", forge_faults.says(502, "Bad Gateway"), times=1)
        assert hooks.send("github", event).status_code == 202
        hooks.wait_for("comment", "remote_unreachable")
        assert stage.apps.annotation(f"preview-{number}", "pinned") == "true"
        count = stage.apps.count()
        hooks.wait_for("comment", "ignored")
    assert stage.apps.count() == count
    assert "☑️ `/preview pin` of `bob`: done" in stage.sticky(number)


def test_people_and_webhooks_write_at_once(stage: Stage) -> None:
    stage.apps.settings(lambda settings: settings["policy"].pop("quota"))
    numbers = [stage.state.open(f"feat/{number}") for number in range(4)]
    with hooked(stage.apps) as hooks, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(hooks.page.put, f"person-{number}") for number in range(4)]
        for number in numbers:
            assert hooks.send("github", pull_request(stage, number, "opened")).status_code == 202
        assert [answer.result().status_code for answer in answers] == [201] * 4
        hooks.wait_for("pull_request", "created", 4)
    assert len(stage.apps.names()) == 8
    assert stage.apps.run("validate").code == 0
