"""A real Gitea sends its webhooks to the real page: from a pull request to its preview, and back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.story.conftest import world  # noqa: F401 - a fixture
from tests.story.world import SECRET, World
from tests.support.basics import git
from tests.web.served import Process, process, wait_until

_EVENTS = ("pull_request", "pull_request_sync", "pull_request_label", "issue_comment", "push")


@contextmanager
def page_of(world: World, *args: str) -> Iterator[Process]:  # noqa: F811 - the fixture's name
    """The page of the apps repository, which does not look at the branch by itself."""
    env = {
        "STARRY_GIT_TOKEN": world.tokens.push,
        "STARRY_FORGE_TOKEN": world.tokens.talk,
        "STARRY_WEBHOOK_SECRET": f"an-older-secret-0123456789\n{SECRET}\n",
    }
    with process(world.files.at(world.apps.clone_url, **env), "--poll", "3600", *args) as page:
        world.component.webhook(f"{page.url}/hooks/gitea", secret=SECRET, events=_EVENTS)
        world.apps.webhook(f"{page.url}/hooks/gitea", secret=SECRET, events=["push"])
        yield page
    said = "\n".join(page.lines)
    assert not [one for one in (*world.tokens.all, SECRET, "an-older-secret") if one in said]
    assert "Traceback" not in said


def previews(page: Process) -> list[str]:
    return [row["name"] for row in httpx.get(f"{page.url}/api/v1/previews", timeout=20).json()]


def says(world: World, number: int, text: str) -> bool:  # noqa: F811
    found = world.component.call("GET", f"/issues/{number}/comments")
    return any(text in one["body"] for one in found if one["user"]["login"] == world.bot.name)


def jobs(page: Process) -> list[tuple[str, str]]:
    records = [one for one in page.records() if one["event"] == "hook_job"]
    return [(one["what"], one["result"]) for one in records]


def test_from_a_pull_request_to_its_preview_and_back(world: World) -> None:  # noqa: F811
    with page_of(world) as page:
        number = world.open("feat/one")
        name = f"preview-{number}"
        wait_until(lambda: says(world, number, "**Ready to be deployed.**"), 60)
        wait_until(lambda: previews(page) == [name])
        assert world.status(world.head(number)).startswith("Ready to be deployed")

        before = world.files.annotation(name, "expires-at")
        said = world.say(number, "/preview extend 2h")
        wait_until(lambda: says(world, number, f"☑️ `/preview extend 2h` of `{world.alice.name}`: done"), 60)
        assert world.files.annotation(name, "expires-at") != before
        extended = world.files.refs()
        for status in (202, 200):
            answer = _post(page, said.body, {**said.headers, "x-gitea-delivery": "made-up-by-somebody"})
            assert answer.status_code == status
        wait_until(lambda: ("comment", "ignored") in jobs(page))
        assert world.files.refs() == extended

        pushed = world.push(number)
        wait_until(lambda: world.files.annotation(name, "commit") == pushed, 60)
        world.component.close(number)
        wait_until(lambda: says(world, number, "**Gone.** The pull request was closed."), 60)
        wait_until(lambda: previews(page) == [])
        assert world.files.names() == []
        assert world.validate() == 0
        assert page.end() == 0
    done = [result for what, result in jobs(page) if what != "push" and result not in {"unchanged", "ignored"}]
    assert done == ["created", "updated", "updated", "removed"]


def _post(page: Process, body: bytes, headers: dict[str, str]) -> httpx.Response:
    kept = {name: text for name, text in headers.items() if name.startswith(("x-", "content-type"))}
    return httpx.post(f"{page.url}/hooks/gitea", content=body, headers=kept, timeout=20)


def test_what_others_push_is_seen_at_once(world: World) -> None:  # noqa: F811
    with page_of(world) as page:
        clone = world.clone()
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "By hand")
        git(clone, "push", "--quiet", env=world.apps.git_environment(world.dora))
        tip = git(clone, "rev-parse", "HEAD")
        wait_until(lambda: _revision(page) == tip, 30)
        wait_until(lambda: ("push", "updated") in jobs(page))
        before = jobs(page)  # Gitea may tell late of what was pushed before
        world.component.push_branch("main", {"a.txt": "1\n"})
        wait_until(lambda: [one for one in page.records() if one.get("reason", "").startswith("it is no push")], 30)
        assert jobs(page) == before


def _revision(page: Process) -> Any:
    return json.loads(httpx.get(f"{page.url}/readyz", timeout=20).text)["revision"]
