"""The servers of these tests, on a machine that is slow: neither their checks nor their ends meet a client."""

import threading
import time

import pytest

from starry_gitops.errors import RemoteUnreachable
from tests.support.forge_faults import stalls
from tests.support.forge_server import Asked, Reply
from tests.support.forges import running

KINDS = ("github", "gitlab")


class SlowContract:
    """Takes its time, and then finds all of it wrong."""

    def check_request(self, asked: Asked) -> list[str]:
        time.sleep(1)
        return [f"request: {asked.path}"]

    def check_answer(self, asked: Asked, reply: Reply) -> list[str]:
        time.sleep(1)
        return [f"answer: {reply.status}"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_to_its_documentation_is_not_answered_later(kind: str):
    with running(kind) as case:
        case.server.contract, known = SlowContract(), case.server.contract
        assert case.forge(seconds=0.5).me() == "ada"
        assert case.server.violations == ["GET /user?: request: /user", "GET /user?: 200: answer: 200"]
        case.server.contract = known
        case.server.violations.clear()


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_left_leaves_nothing_behind(kind: str, capfd: pytest.CaptureFixture[str]):
    """No thread that writes into the next test's output."""
    before = set(threading.enumerate())
    with running(kind) as case:
        case.server.spoil("^GET", stalls(30))
        with pytest.raises(RemoteUnreachable):
            case.forge(seconds=0.3).me()
    assert set(threading.enumerate()) <= before
    assert capfd.readouterr() == ("", "")
