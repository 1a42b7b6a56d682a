"""What each fault of a forge makes of each call: its error, its exit code, and nothing done by halves."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from starry_gitops.core.forge import Status
from starry_gitops.errors import StarryError
from tests.forges.faults.conftest import COUNT
from tests.support import forge_faults as faults
from tests.support.forge_server import Spoil
from tests.support.forges import TOKEN, Case

READS = {
    "pull_requests": lambda forge: forge.pull_requests(),
    "pull_request": lambda forge: forge.pull_request(1),
    "changed_files": lambda forge: forge.changed_files(1),
    "comments": lambda forge: forge.comments(1),
    "permission": lambda forge: forge.permission("ada"),
    "find_open": lambda forge: forge.find_open("branch-1", "main"),
}
WRITES = {
    "create_comment": lambda forge: forge.create_comment(1, "x"),
    "update_comment": lambda forge: forge.update_comment(1, 5, "x"),
    "open_pull_request": lambda forge: forge.open_pull_request("new", "main", "t", "b"),
    "update_pull_request": lambda forge: forge.update_pull_request(1, "t", "b"),
    "set_status": lambda forge: forge.set_status("0" * 40, Status(context="c", state="success", description="d")),
}
LISTS = ("pull_requests", "changed_files", "comments")
FAULTS: dict[str, tuple[Spoil, str, int]] = {
    "401": (faults.says(401, "Bad credentials"), "access_denied", 6),
    "403": (faults.says(403, "Resource not accessible by integration"), "access_denied", 6),
    "404": (faults.says(404, "Not Found"), "not_found", 3),
    "405": (faults.says(405, "Method Not Allowed"), "forge_refused", 6),
    "409": (faults.says(409, "Conflict"), "forge_refused", 6),
    "422": (faults.says(422, "Validation Failed"), "forge_refused", 6),
    "429": (faults.says(429, "slow down", Retry_After="3600"), "rate_limited", 8),
    "403-secondary": (faults.limited(403, "3600"), "rate_limited", 8),
    "500": (faults.says(500, "boom"), "remote_unreachable", 8),
    "502-html": (faults.page(502), "remote_unreachable", 8),
    "503": (faults.says(503, "down for work"), "remote_unreachable", 8),
    "200-html": (faults.page(200, "<html>sign in</html>"), "doubtful_answer", 8),
    "truncated": (faults.cut_short, "doubtful_answer", 8),
    "broken-off": (faults.broken_off, "remote_unreachable", 8),
    "stalled": (faults.stalls(3), "remote_unreachable", 8),
    "not-a-shape": (faults.gives("text"), "doubtful_answer", 8),
    "null": (faults.gives(None), "doubtful_answer", 8),
    "leak": (faults.echoes_token(422), "forge_refused", 6),
    "leak-403": (faults.echoes_token(403), "access_denied", 6),
}
# They are tried again until the time is up.
PASSING = {"500", "502-html", "503", "broken-off", "stalled"}


def failure(case: Case, call, fault: str = "") -> StarryError:
    """The error of a call; it says nothing that it may not say."""
    with pytest.raises(StarryError) as raised:
        call(case.forge(seconds=0.3 if fault in PASSING else 20))
    error = raised.value
    assert TOKEN not in json.dumps([error.message, error.hint])
    assert TOKEN not in str(error.__cause__) + str(error.__context__)
    assert error.message.isprintable()
    assert error.hint.isprintable()
    assert error.hint
    assert len(error.message) <= 1_000
    assert "Traceback" not in error.message
    return error


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", READS)
def test_reads(case: Case, call: str, fault: str):
    spoil, code, exit_code = FAULTS[fault]
    case.server.spoil("^GET", spoil)
    error = failure(case, READS[call], fault)
    assert (error.code, error.exit_code) == (code, exit_code)


# In an answer to what was not done there is nothing to cut.
@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in {"truncated", "broken-off"}])
@pytest.mark.parametrize("call", WRITES)
def test_writes_that_are_not_done(case: Case, call: str, fault: str):
    spoil, code, exit_code = FAULTS[fault]
    case.server.spoil("^(POST|PUT|PATCH)", spoil, done=False)
    error = failure(case, WRITES[call], fault)
    assert (error.code, error.exit_code) == (code, exit_code)


@pytest.mark.parametrize("fault", ["500", "502-html", "503", "truncated", "broken-off", "stalled", "200-html", "null"])
def test_a_comment_whose_answer_is_lost_is_not_written_twice(case: Case, fault: str):
    case.server.spoil("^POST", FAULTS[fault][0])
    failure(case, WRITES["create_comment"], fault)
    assert [one.body for one in case.state.notes.values()].count("x") == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", LISTS)
def test_a_list_of_which_one_page_fails_is_an_error(full: Case, call: str, fault: str):
    spoil, code, exit_code = FAULTS[fault]
    full.server.spoil(r"^GET .*[?&]page=2", spoil)
    error = failure(full, READS[call], fault)
    assert (error.code, error.exit_code) == (code, exit_code)


@pytest.mark.parametrize("fault", ["429", "403-secondary", "500", "502-html", "503", "broken-off"])
@pytest.mark.parametrize("call", LISTS)
def test_a_fault_that_passes_is_waited_out(full: Case, call: str, fault: str):
    passing = {"429": faults.says(429, Retry_After="0"), "403-secondary": faults.limited(403, "0")}
    full.server.spoil(r"^GET .*[?&]page=2", passing.get(fault, FAULTS[fault][0]), times=2)
    assert len(READS[call](full.forge(seconds=20))) == COUNT


def test_a_rate_limit_that_begins_anew_is_waited_for(full: Case):
    full.server.spoil("^GET", faults.limited(403), times=1)
    assert len(full.forge(seconds=20).pull_requests()) == COUNT


@pytest.mark.parametrize("call", LISTS)
def test_a_list_that_changes_while_it_is_read_is_read_again(full: Case, call: str):
    """What was on the second page moves to the first one, which was read already."""

    def remove() -> None:
        full.state.pulls[2].state = "closed"
        full.state.notes.pop(min(full.state.notes))
        full.state.pulls[1].files.pop(0)

    full.server.meanwhile(r"^GET .*(pulls|merge_requests|comments|notes|files|diffs)\?.*per_page", remove)
    if call == "changed_files":
        # It was asked before how many there are.
        assert failure(full, READS[call]).code == "doubtful_answer"
    found = READS[call](full.forge(seconds=20))
    assert len(found) == COUNT - 1
    assert len(set(found)) == COUNT - 1


def test_a_list_that_never_stands_still_is_an_error(full: Case):
    def change() -> None:
        full.state.open(f"more-{len(full.state.pulls)}")
        full.server.meanwhile("page=2", change)

    full.server.meanwhile("page=2", change)
    assert failure(full, READS["pull_requests"]).code == "doubtful_answer"


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str | None]]]:
    """Another server, and what came with each request to it."""
    came: list[str | None] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"[]")

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Thief) as thief:
        thread = threading.Thread(target=thief.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{thief.server_port}", came
        thief.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_nothing_goes_to_another_server(case: Case, elsewhere, call: str, status: int):
    url, came = elsewhere
    case.server.spoil("", faults.sends_to(url, status))
    error = failure(case, {**READS, **WRITES}[call])
    assert (error.exit_code, came) == (8, [])


def test_a_page_of_a_list_at_another_server_is_not_asked_for(full: Case, elsewhere):
    url, came = elsewhere
    plain = full.forge().pull_requests()

    def link(_asked, reply):
        links = {
            "Link": f'<{url}/steal?page=2&per_page=100&state={"opened" if full.is_gitlab else "open"}>; rel="next"'
        }
        return faults.replace(reply, headers=links)

    full.server.spoil(r"^GET .*(pulls|merge_requests)\?", link, times=1)
    assert len(full.forge().pull_requests()) == len(plain)
    assert came == []


def test_a_redirect_within_the_server_is_followed(case: Case):
    own = case.server.api_url
    case.server.spoil("^GET", faults.sends_to(own, 301), times=1)
    assert case.forge().pull_request(1).number == 1
