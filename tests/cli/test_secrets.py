"""The token: never in an argument, a URL, a log, a commit or on the disk."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.cli import run_process
from tests.support.gitserver import TOKEN, Fault, GitServer, Request
from tests.support.hooks import write_script
from tests.support.repos import Apps
from tests.support.transport import http

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


def everything_in(folder: Path) -> bytes:
    """All bytes of all files below a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def arguments_of_all_processes() -> bytes:
    """The command lines that anybody on the machine can read now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return b"\0".join(found)


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `git` first on PATH that notes its arguments, then does its work; returns the notes."""
    log, real = tmp_path / "argv", shutil.which("git")
    write_script(tmp_path / "bin/git", f'printf "%s\\0" "$@" >> {log}\nexec {real} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return log


@pytest.mark.parametrize("options", [(), ("-v",), ("-vv",), ("--dry-run",)])
def test_the_token_is_in_no_argument_url_log_commit_or_file(
    apps: Apps, server: GitServer, recorder: Path, temporary_folder: Path, home: Path, options: tuple[str, ...]
) -> None:
    seen: list[bytes] = []

    def look(_: Request) -> None:
        seen.append(arguments_of_all_processes() + everything_in(temporary_folder) + everything_in(home))

    server.before = look
    done = http(apps, server).run(*CREATE, *options)
    assert done.code == 0, done.err
    token = TOKEN.encode()
    assert recorder.read_bytes()
    assert token not in recorder.read_bytes()
    assert len(seen) > 1
    assert not any(token in text for text in seen)
    assert TOKEN not in done.out + done.err
    assert all(TOKEN not in request.target for request in server.requests)
    assert any(request.authorization for request in server.requests)
    assert token not in everything_in(temporary_folder) + everything_in(home)
    assert TOKEN not in apps.git("log", "-p", "--all", "--format=raw")


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.FORBIDDEN, Fault.CLOSE, Fault.NOT_FOUND])
@pytest.mark.parametrize("options", [(), ("-vv",)], ids=["plain", "verbose"])
def test_no_error_repeats_the_token(apps: Apps, server: GitServer, fault: Fault, options: tuple[str, ...]) -> None:
    server.fault = fault
    done = http(apps, server).run(*CREATE, *options)
    assert done.code in {6, 8}
    assert TOKEN not in done.out + done.err


def test_a_wrong_token_is_not_repeated(apps: Apps, server: GitServer) -> None:
    done = http(apps, server, token="glpat-wrongtoken0123456789").run(*CREATE, "-vv")
    assert done.code == 6
    assert "glpat-wrongtoken0123456789" not in done.out + done.err


def test_traces_that_were_asked_for_do_not_show_the_token(apps: Apps, server: GitServer, tmp_path: Path) -> None:
    env = {
        "STARRY_GIT_TOKEN": TOKEN,
        "GIT_TRACE_CURL": str(tmp_path / "trace"),
        "GIT_CURL_VERBOSE": "1",
        "GIT_TRACE": "1",
    }
    done = run_process(*CREATE, "--repo", server.url, "-vv", env=env)
    assert done.code == 0, done.err
    assert TOKEN not in done.out + done.err
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("command", [CREATE, ("list",), ("validate",), ("init", "x", "--domain", "x.example.com")])
def test_a_password_in_the_url_is_refused_and_not_repeated(
    apps: Apps, server: GitServer, command: tuple[str, ...]
) -> None:
    url = server.url.replace("//", f"//x-access-token:{TOKEN}@")
    given = ("--repo-url", url) if command[0] == "init" else ("--repo", url)
    done = run_process(*command, *given)
    assert done.code == 2
    assert TOKEN not in done.out + done.err
    assert server.requests == []


def test_the_token_goes_to_the_repositorys_host_only(apps: Apps, server: GitServer) -> None:
    with GitServer(root=apps.bare.parent, token=None) as other:
        apps.git("config", "http.uploadpack", "true")
        server.redirect_to = other.url
        http(apps, server).run(*CREATE)
        assert all(request.authorization is None for request in other.requests)


def test_the_token_is_not_sent_to_a_server_that_does_not_ask(apps: Apps, server: GitServer) -> None:
    server.token = None
    apps.at(server.url, STARRY_GIT_TOKEN=TOKEN).ok(*CREATE)
    assert all(TOKEN not in request.header_text for request in server.requests)


def test_the_token_does_not_reach_a_remote_that_is_no_http(apps: Apps, tmp_path: Path) -> None:
    write_script(apps.bare / "hooks/pre-receive", f"env > {tmp_path / 'env'}")
    apps.ok(*CREATE, env={"STARRY_GIT_TOKEN": TOKEN})
    assert TOKEN not in (tmp_path / "env").read_text(encoding="utf-8")


def test_a_token_that_is_no_header_value_is_one_clear_error(apps: Apps, server: GitServer) -> None:
    done = http(apps, server, token="a\nHost: evil").run(*CREATE)
    assert done.code in {2, 6}
    assert "Traceback" not in done.err
    assert all("evil" not in request.header_text for request in server.requests)
