"""`starry sync` with a forge that is ill: nothing goes, and the exit code is not 0."""

from collections.abc import Iterator

import pytest

from tests.support.forge_proxy import ForgeProxy, Spoil, body, cut, status
from tests.support.gitea_server import GiteaServer, gitea
from tests.support.repos import Apps
from tests.support.synced import Synced

__all__ = ["gitea"]

LIST = r"/pulls\?"
ONE = r"/pulls/\d+"


@pytest.fixture
def synced(gitea: GiteaServer, apps: Apps) -> Synced:
    """Three previews; the pull request of the first is closed."""
    made = Synced(apps=apps, be=gitea.new_repository("sample-be"))
    made.set_up()
    first, _, _ = made.open("feat/one", "feat/two", "feat/three")
    made.ok()
    made.be.close(first)
    return made


@pytest.fixture
def proxy(synced: Synced) -> Iterator[ForgeProxy]:
    with ForgeProxy(upstream=synced.be.server.url) as running:
        synced.set_up(api_url=f"{running.url}/api/v1")
        yield running


def test_the_proxy_alone_changes_nothing(synced: Synced, proxy: ForgeProxy) -> None:
    assert synced.ok()["removed"] == ["preview-1"]
    assert len(proxy.asked) >= 2


FAULTS: dict[str, tuple[str, Spoil, int]] = {
    "an empty list": (LIST, body(b"[]"), 8),
    "a list that is cut off": (LIST, cut, 8),
    "a list that is no list": (LIST, body(b'{"pulls": []}'), 8),
    "null": (LIST, body(b"null"), 8),
    "items that are none": (LIST, body(b'[{"number": 2}]'), 8),
    "a page for people": (LIST, body(b"<html>Log in</html>", "text/html"), 8),
    "401": (LIST, status(401), 6),
    "403": (LIST, status(403), 6),
    "404": (LIST, status(404), 3),
    "401 for the one": (ONE, status(401), 6),
    "nonsense for the one": (ONE, body(b"[]"), 8),
}


@pytest.mark.parametrize(("pattern", "spoil", "code"), FAULTS.values(), ids=FAULTS)
def test_a_spoilt_answer_removes_nothing(
    synced: Synced, proxy: ForgeProxy, pattern: str, spoil: Spoil, code: int
) -> None:
    before = synced.apps.tip()
    proxy.faults = {pattern: spoil}
    done = synced.run()
    assert done.code == code, done.err
    assert done.json()["repositories"][0]["error"]["message"]
    assert done.error()["message"].isprintable()
    assert synced.apps.tip() == before
    proxy.faults = {}
    assert synced.ok()["removed"] == ["preview-1"]


def test_a_pull_request_that_is_not_known_keeps_its_preview(synced: Synced, proxy: ForgeProxy) -> None:
    proxy.faults = {ONE: status(404)}
    done = synced.run()
    assert done.code == 9
    assert [one["name"] for one in done.json()["skipped"]] == ["preview-1"]
    assert len(synced.apps.names()) == 3


def test_a_token_that_is_none(synced: Synced) -> None:
    before = synced.apps.tip()
    done = synced.run(token="0" * 40)
    assert done.code == 6, done.err
    assert synced.apps.tip() == before


def test_a_repository_that_is_gone_keeps_its_previews(synced: Synced) -> None:
    synced.be.delete()
    before = synced.apps.tip()
    assert synced.run().code == 3
    assert synced.apps.tip() == before


def test_a_preview_that_is_pinned_while_the_forge_is_asked_stays(synced: Synced, proxy: ForgeProxy) -> None:
    def pin(path: str) -> None:
        if "/pulls/1" in path and not synced.apps.annotation("preview-1", "pinned"):
            synced.apps.ok("extend", "preview-1", "--pin")

    proxy.before = pin
    found = synced.ok()
    assert (found["removed"], found["commit"]) == ([], None)
    assert "preview-1" in synced.apps.names()


def test_a_pull_request_that_is_reopened_while_others_push_keeps_its_preview(synced: Synced, proxy: ForgeProxy) -> None:
    def meanwhile(path: str) -> None:
        if "/pulls/1" in path and not synced.apps.annotation("preview-1", "sequence"):
            synced.be.reopen(1)
            synced.apps.ok("update", "preview-1", "--image", "backend=9.9.9", "--sequence", "9")

    proxy.before = meanwhile
    assert synced.ok()["removed"] == []
    assert synced.apps.values("preview-1")["backend"]["image"]["tag"] == "9.9.9"
