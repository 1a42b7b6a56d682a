"""Several pages serve one repository; one that dies or is stopped leaves nothing half-done."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gitserver import GitServer, Request
from tests.support.repos import Apps
from tests.web.served import Process, process, served, wait_until

BODY = {"images": {"backend": "1.0.0"}}


@pytest.fixture(autouse=True)
def _no_quota(apps: Apps) -> None:
    apps.settings(lambda content: content["policy"].pop("quota"))


def put(page: Process, name: str) -> Any:
    """The answer, or None when there is none: the page was killed."""
    try:
        return httpx.put(f"{page.url}/api/v1/previews/{name}", json=BODY, timeout=60)
    except httpx.TransportError:
        return None


def listed(page: Process) -> list[str]:
    return [row["name"] for row in httpx.get(f"{page.url}/api/v1/previews?limit=1000", timeout=30).json()]


def assert_whole(apps: Apps) -> None:
    """Each commit is of one preview with both files, and all of it holds to the rules."""
    assert apps.run("validate").code == 0
    for revision in apps.git("rev-list", "--grep=^preview(", "main").split():
        assert len(apps.changed(revision)) == 2
    apps.git("fsck", "--strict")


def test_two_pages_write_at_once_and_both_show_all(apps: Apps) -> None:
    with process(apps, "--poll", "0.2") as one, process(apps, "--poll", "0.2") as other:
        names = [f"many-{number}" for number in range(8)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda pair: put((one, other)[pair[0] % 2], pair[1]), enumerate(names)))
        assert [answer.status_code for answer in answers] == [201] * 8
        assert apps.names() == sorted(names)
        for page in (one, other):
            wait_until(lambda page=page: listed(page) == sorted(names))
    assert_whole(apps)


def test_the_same_wish_on_two_pages_is_fulfilled_once(apps: Apps) -> None:
    with served(apps) as one, served(apps) as other, ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda page: page.send("PUT", "/previews/alpha", BODY, Idempotency_Key="k"), (one, other))
        )
        # Author, time and content may be the same, and then the commit is: both have created it.
        found = {(answer.json()["action"], answer.json()["commit"]) for answer in answers}
        assert found <= {("created", apps.tip()), ("unchanged", None)}
    assert apps.count() == 3


def test_a_page_that_is_killed_while_it_writes_leaves_nothing_half_done(apps: Apps, temporary_folder: Path) -> None:
    with process(apps, "--poll", "0.2") as survivor:
        with process(apps) as victim, ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(put, victim, f"victims-{number}") for number in range(8)]
            wait_until(lambda: len(apps.names()) >= 2)
            assert victim.end(signal.SIGKILL) == -signal.SIGKILL
            done = [answer.result() for answer in answers]
        told = {answer.json()["name"] for answer in done if answer is not None}
        there = set(apps.names())
        assert told <= there
        assert len(there) < 8
        assert put(survivor, "after").status_code == 201
        wait_until(lambda: set(listed(survivor)) == there | {"after"})
    assert_whole(apps)
    wait_until(lambda: not list(temporary_folder.glob("starry-*")))


def test_a_page_that_is_stopped_ends_the_push_under_way(server: GitServer, apps: Apps, temporary_folder: Path) -> None:
    server.token = None
    seen: list[Request] = []

    def slow(request: Request) -> None:
        if request.sends_pack:
            seen.append(request)
            server.wait(1)

    with process(apps.at(server.url)) as page, ThreadPoolExecutor(2) as pool:
        server.before = slow
        first = pool.submit(put, page, "alpha")
        wait_until(lambda: seen)
        second = pool.submit(put, page, "beta")
        stream = pool.submit(httpx.get, f"{page.url}/readyz")
        assert stream
        assert page.end() == 0
        assert first.result().status_code == 201
        later = second.result()
        assert later is None or (later.status_code, later.json()["code"]) == (503, "interrupted")
    assert apps.names() == ["alpha"]
    assert_whole(apps)
    assert not list(temporary_folder.glob("starry-*"))


def test_a_push_that_does_not_end_is_given_up_whole(server: GitServer, apps: Apps, temporary_folder: Path) -> None:
    server.token = None
    seen: list[Request] = []

    def stuck(request: Request) -> None:
        if request.sends_pack:
            seen.append(request)
            server.wait(60)

    with process(apps.at(server.url), "--grace", "1") as page, ThreadPoolExecutor(1) as pool:
        server.before = stuck
        answer = pool.submit(put, page, "alpha")
        wait_until(lambda: seen)
        assert page.end() == 1
        told = answer.result()
        assert told is None or told.status_code >= 500
    assert apps.names() == []
    wait_until(lambda: not list(temporary_folder.glob("starry-*")))


def test_listeners_do_not_keep_a_page_from_ending(apps: Apps) -> None:
    with process(apps) as page, httpx.stream("GET", f"{page.url}/api/v1/events", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 3000"
        assert page.end(timeout=15) == 0
