"""The log: as JSON for a collector, as words for a person; what it says of phases, bytes and round trips is true."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.support.cli import ROOT, Result, run, run_process
from tests.support.gitserver import TOKEN, Fault, GitServer, Request
from tests.support.hooks import write_hook
from tests.support.repos import Apps
from tests.support.sshserver import SshServer
from tests.support.transport import http, ssh

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")
JSON = ("--log-format", "json")
HEAD = ["time", "level", "event", "message"]


def lines(done: Result) -> list[dict[str, Any]]:
    """The log, each line of which must be an object with a collector's fields."""
    found = [json.loads(line) for line in done.err.splitlines()]
    for line in found:
        assert list(line)[:4] == HEAD, line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in {"debug", "info", "warning", "error"}
        assert line["message"]
        assert "\n" not in line["message"]
    return found


def events(done: Result, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(done) if line["event"] == event]


def finished(done: Result) -> dict[str, Any]:
    (line,) = events(done, "finished")
    return line


def test_a_create_tells_its_phases_and_their_sum(apps: Apps) -> None:
    done = apps.run(*CREATE, *JSON)
    assert done.json()["action"] == "created"
    phases = {line["phase"]: line for line in events(done, "phase")}
    assert {"clone", "decide", "commit", "push"} <= set(phases)
    assert all(line["attempt"] == 1 and line["command"] == "create" for line in phases.values())
    total = finished(done)
    assert total["attempts"] == 1
    assert total["roundTrips"] == sum(line["roundTrips"] for line in phases.values())
    parts = dict(total["seconds"])
    whole = parts.pop("total")
    assert all(seconds >= 0 for seconds in parts.values())
    assert sum(parts.values()) <= whole
    (pushed,) = events(done, "pushed")
    assert pushed["commit"] == apps.tip()


def test_words_say_the_same_one_line_a_phase(apps: Apps) -> None:
    done = apps.run(*CREATE, "-v")
    texts = done.err.splitlines()
    for phase in ("clone", "commit", "push"):
        assert [text for text in texts if re.match(rf"attempt 1: {phase} \d+\.\d{{3}} s", text)], done.err
    assert re.match(r"finished: \d+\.\d{3} s, \d round trips, \d+ bytes received, \d+ bytes sent$", texts[-1])


@pytest.mark.parametrize(
    "command", [("list",), ("show", "preview-1"), ("validate",), ("gc",), ("history", "preview-1"), ("gc", "--dry-run")]
)
def test_commands_that_read_tell_it_too(apps: Apps, command: tuple[str, ...]) -> None:
    apps.ok(*CREATE)
    total = finished(apps.run(*command, *JSON))
    assert total["command"] == command[0]
    assert total["roundTrips"] >= 1
    assert total["bytesReceived"] > 0
    assert total["bytesSent"] == 0
    assert "push" not in total["seconds"]


@pytest.mark.parametrize("old", [False, True], ids=["protocol 2", "protocol 0"])
def test_bytes_over_http_are_those_of_the_packs(apps: Apps, server: GitServer, *, old: bool) -> None:
    lengths: list[int] = []

    def look(request: Request) -> None:
        if request.sends_pack:
            found = re.search(r"Content-Length: (\d+)", request.header_text)
            lengths.append(int(found[1]) if found else 0)

    server.before, server.old_protocol = look, old
    total = finished(http(apps, server).run(*CREATE, *JSON))
    # What is more than the packs: lists of refs, and one line a ref that is pushed.
    assert 0 < lengths[-1] - total["bytesSent"] < 400
    assert 0 < server.bytes_sent - total["bytesReceived"] < 1_500
    assert total["bytesReceived"] > 1_000


def test_bytes_are_the_same_over_ssh_and_on_the_disk(apps: Apps, ssh_server: SshServer) -> None:
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        apps.git("config", key, "true")
    near = finished(apps.run(*CREATE, "--dry-run", *JSON))
    far = finished(ssh(apps, ssh_server).run(*CREATE, "--dry-run", *JSON))
    assert far["bytesReceived"] == near["bytesReceived"]
    assert finished(ssh(apps, ssh_server).run(*CREATE, *JSON))["bytesSent"] > 300


def test_a_lost_race_is_an_attempt_of_its_own(apps: Apps, server: GitServer) -> None:
    rivals = iter(["first"])

    def overtake(request: Request) -> None:
        rival = next(rivals, None) if request.sends_pack else None
        if rival:
            apps.commit({f"{rival}.txt": "first\n"})

    server.before = overtake
    done = http(apps, server).run(*CREATE, *JSON)
    assert done.json()["attempts"] == 2
    (lost,) = events(done, "lost")
    assert (lost["attempt"], lost["ambiguous"]) == (1, False)
    phases = [(line["attempt"], line["phase"]) for line in events(done, "phase")]
    assert (1, "push") in phases
    assert (2, "fetch") in phases
    assert (2, "push") in phases
    assert (2, "clone") not in phases
    total = finished(done)
    assert total["attempts"] == 2
    assert total["roundTrips"] == sum(line["roundTrips"] for line in events(done, "phase"))


def test_a_refusal_tells_what_it_cost_and_ends_with_the_error(apps: Apps) -> None:
    done = apps.run(*CREATE, "--ttl", "9h", *JSON, "-o", "table")
    assert done.code == 5
    assert finished(done)["roundTrips"] >= 1
    last = lines(done)[-1]
    assert (last["level"], last["event"], last["exitCode"]) == ("error", "error", 5)
    assert last["error"]["code"] == "ttl"
    assert last["error"]["message"] == last["message"]
    assert last["error"]["hint"]


@pytest.mark.parametrize("words", [("--nosuch",), ("nosuch",), ("list", "--timeout", "soon")])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_wrong_command_line_is_a_log_line_too(words: tuple[str, ...], by: str) -> None:
    done = run("--log-format=json", *words) if by == "option" else run(*words, env={"STARRY_LOG_FORMAT": "json"})
    assert done.code == 2
    assert lines(done)[-1]["error"]["code"] == "usage"


def test_the_error_that_o_json_promises_stays_where_it_is(apps: Apps) -> None:
    plain = apps.run("update", "nothing", "--pr", "7", *JSON, "-q")
    assert json.loads(plain.err)["error"]["code"]
    without = apps.run("extend", "nothing", "--pin")
    assert set(json.loads(without.err)) == {"error"}


def test_quiet_leaves_only_errors(apps: Apps) -> None:
    assert apps.run(*CREATE, *JSON, "-q").err == ""


def test_the_variable_and_the_option_after_the_command(apps: Apps) -> None:
    assert finished(apps.run("list", env={"STARRY_LOG_FORMAT": "json"}))
    assert apps.run("list", "--log-format", "text", env={"STARRY_LOG_FORMAT": "json"}).err == ""


def test_warnings_are_log_lines(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: re.sub(r"expires-at: .*", "expires-at: never", text))
    (warning,) = [line for line in lines(apps.run("list", *JSON)) if line["level"] == "warning"]
    assert "preview-1" in warning["message"]


def test_debug_names_git_commands_without_their_arguments(apps: Apps) -> None:
    done = apps.run(*CREATE, *JSON, "-vv")
    assert next(line["git"] for line in events(done, "git")) == "clone"
    assert all(line["exitCode"] == 0 for line in events(done, "git"))
    assert str(apps.bare) not in "".join(line["message"] for line in events(done, "git"))


@pytest.mark.parametrize("fault", [None, Fault.FORBIDDEN, Fault.ERROR_500, Fault.CLOSE])
@pytest.mark.parametrize("more", [(), ("-vv",)], ids=["plain", "verbose"])
def test_no_line_repeats_the_token(apps: Apps, server: GitServer, fault: Fault | None, more: tuple[str, ...]) -> None:
    server.fault = fault
    done = http(apps, server).run(*CREATE, *JSON, *more)
    assert lines(done)
    assert TOKEN not in done.out + done.err


def test_a_refused_push_says_the_same_whether_it_is_measured_or_not(apps: Apps) -> None:
    write_hook(apps.bare, "pre-receive", "echo 'no, said the hook' >&2; exit 1")
    plain = apps.run(*CREATE).error()
    measured = json.loads(apps.run(*CREATE, *JSON).err.splitlines()[-1])["error"]
    assert measured == plain
    assert "no, said the hook" in measured["message"]


def test_nothing_is_left_of_the_measuring(apps: Apps, temporary_folder: Any) -> None:
    apps.ok(*CREATE, *JSON)
    assert list(temporary_folder.iterdir()) == []


def test_what_is_not_asked_for_is_not_loaded(apps: Apps) -> None:
    code = (
        "import sys; from starry_gitops.cli import main; code = main(sys.argv[1:]);"
        "print(*sorted(name for name in sys.modules if name.startswith('starry_gitops.cli.')), file=sys.stderr);"
        "sys.exit(code)"
    )
    words = [sys.executable, "-c", code, *apps.args(*CREATE)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "starry_gitops.cli.log" in loaded
    for name in ("metrics", "gc_metrics", "progress"):
        assert f"starry_gitops.cli.{name}" not in loaded


def test_without_measuring_git_is_run_as_ever(apps: Apps, tmp_path: Any) -> None:
    seen = tmp_path / "environment"
    write_hook(apps.bare, "pre-receive", f"env > {seen}")
    assert run_process(*apps.args(*CREATE)).code == 0
    assert "GIT_TRACE" not in seen.read_text()
