"""Remotes that are gone, broken, forbidden or full: one clear line, the right exit code, an unchanged branch."""

import time
from pathlib import Path

import pytest

from tests.support.basics import git
from tests.support.cli import run
from tests.support.gitserver import Fault, GitServer, Request, unused_port
from tests.support.hooks import Canary, write_hook
from tests.support.repos import Apps
from tests.support.transport import http

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


@pytest.mark.parametrize("command", [CREATE, ("list",), ("gc",), ("history", "x"), ("validate",)], ids=lambda c: c[0])
def test_a_vanished_remote_is_unreachable(tmp_path: Path, command: tuple[str, ...]) -> None:
    for url in (str(tmp_path / "gone.git"), (tmp_path / "gone.git").as_uri()):
        done = run(*command, "--repo", url, "-o", "json")
        assert done.code == 8, done.err
        assert "gone.git" in done.error()["message"]


def test_a_folder_that_is_no_repository_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    done = run(*CREATE, "--repo", str(tmp_path / "plain"), "-o", "json")
    assert done.code in {2, 3, 8}
    assert "plain" in done.error()["message"]


@pytest.mark.parametrize("scheme", ["http", "https", "git", "ssh"])
def test_a_refused_connection_is_unreachable(scheme: str) -> None:
    done = run(*CREATE, "--repo", f"{scheme}://127.0.0.1:{unused_port()}/apps.git", "-o", "json")
    assert done.code == 8, done.err
    assert "127.0.0.1" in done.error()["message"]


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.ERROR_502, Fault.ERROR_503, Fault.NOT_FOUND, Fault.CLOSE])
@pytest.mark.parametrize("where", ["at once", "at the push", "when the pack is sent"])
def test_a_server_that_fails_is_unreachable(apps: Apps, server: GitServer, fault: Fault, where: str) -> None:
    server.fault = fault
    if where != "at once":
        server.strikes = lambda request: request.sends_pack if "pack" in where else request.is_push
    error = http(apps, server).fails(8, *CREATE)
    assert "<html" not in str(error)


@pytest.mark.parametrize("where", ["at once", "at the push"])
def test_a_server_that_forbids_is_exit_6(apps: Apps, server: GitServer, where: str) -> None:
    server.fault = Fault.FORBIDDEN
    server.strikes = lambda request: where == "at once" or request.is_push
    http(apps, server).fails(6, *CREATE)


def test_a_wrong_token_is_exit_6_and_says_which_variable(apps: Apps, server: GitServer) -> None:
    error = http(apps, server, token="wrongwrongwrong").fails(6, *CREATE)
    assert "STARRY_GIT_TOKEN" in str(error)
    assert "wrongwrongwrong" not in str(error)


def test_no_token_is_exit_6_without_a_prompt(apps: Apps, server: GitServer) -> None:
    error = apps.at(server.url).fails(6, *CREATE)
    assert "STARRY_GIT_TOKEN" in str(error)


def test_a_server_that_lets_read_but_not_push_is_exit_6(apps: Apps, server: GitServer) -> None:
    apps.git("config", "http.receivepack", "false")
    reader = http(apps, server)
    assert reader.ok("list") == []
    reader.fails(6, *CREATE)


def test_an_answer_that_is_lost_is_found_out_by_the_next_run(apps: Apps, server: GitServer) -> None:
    server.fault, server.strikes = Fault.LOST_ANSWER, lambda request: request.sends_pack
    commits = apps.count()
    done = http(apps, server).run(*CREATE)
    assert done.code in {0, 8}, done.err
    assert apps.count() == commits + 1
    server.fault = None
    assert http(apps, server).ok(*CREATE)["action"] == "unchanged"


def first_pack_only(fault: Fault, server: GitServer) -> None:
    """The fault strikes the first pack that is sent, and nothing after it."""
    pending = iter([True])
    server.fault, server.strikes = fault, lambda request: request.sends_pack and next(pending, False)


def test_a_collection_whose_answer_is_lost_still_says_what_went(apps: Apps, server: GitServer) -> None:
    """curl sends the pack again by itself: the server, which has it, then calls it a lost race."""
    apps.create("old-1")
    apps.age("old-1", minutes=60)
    first_pack_only(Fault.LOST_ANSWER, server)
    result = http(apps, server).ok("gc")
    assert result["removed"] == ["old-1"]
    assert result["commit"] == apps.tip()


def test_a_push_that_landed_is_known_although_others_went_on(apps: Apps, server: GitServer) -> None:
    pending = iter([True])

    def strikes(request: Request) -> bool:
        if request.sends_pack and next(pending, False):
            write_hook(apps.bare, "post-receive", f"rm -f hooks/post-receive; {another_commit(apps)}")
            return True
        return False

    server.fault, server.strikes = Fault.LOST_ANSWER, strikes
    result = http(apps, server).ok(*CREATE)
    assert result["action"] == "created"
    assert result["commit"] in apps.git("rev-list", "main").split()
    assert result["commit"] != apps.tip()


def test_a_push_that_never_arrived_is_not_called_ours(apps: Apps, server: GitServer) -> None:
    """Somebody else made the very same preview meanwhile: no commit of ours is on the branch, and none is named."""
    pending = iter([True])

    def strikes(request: Request) -> bool:
        if request.sends_pack and next(pending, False):
            apps.create("preview-1", "--author", "Bob <bob@example.com>")
            return True
        return False

    server.fault, server.strikes = Fault.CLOSE, strikes
    result = http(apps, server).ok(*CREATE)
    assert (result["action"], result["commit"]) == ("unchanged", None)


def another_commit(apps: Apps) -> str:
    """A shell command that moves the branch on by one commit."""
    make = 'git -c user.name=Bob -c user.email=bob@example.com commit-tree -m more -p main "main^{tree}"'
    return f"cd {apps.bare} && git update-ref refs/heads/main $({make})"


# Refusals


REFUSALS = {
    "pre-receive": "No pushes on Fridays, ask the platform team.",
    "update": "GH006: Protected branch update failed for refs/heads/main.",
}


@pytest.mark.parametrize(("hook", "words"), REFUSALS.items())
@pytest.mark.parametrize("transport", ["path", "http"])
def test_a_hook_that_refuses_is_exit_6_at_once_with_its_own_words(
    apps: Apps, server: GitServer, transport: str, hook: str, words: str
) -> None:
    write_hook(apps.bare, hook, f"echo '{words}' >&2\nexit 1")
    through = apps if transport == "path" else http(apps, server)
    started = time.monotonic()
    error = through.fails(6, *CREATE, "--timeout", "60")
    assert words in error["message"]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("words", ["please fetch first", "stale info", "non-fast-forward", "failed to update ref"])
def test_a_hook_that_speaks_like_a_lost_race_is_still_a_refusal(apps: Apps, words: str) -> None:
    attempts = apps.bare / "attempts"
    write_hook(apps.bare, "pre-receive", f"echo x >> {attempts}\necho '{words}' >&2\nexit 1")
    error = apps.fails(6, *CREATE)
    assert words in error["message"]
    assert attempts.read_text(encoding="utf-8").count("x") == 1


def test_a_hidden_branch_is_a_refusal(apps: Apps) -> None:
    apps.git("config", "receive.hideRefs", "refs/heads/main")
    apps.fails(6, *CREATE)


def test_a_server_that_denies_non_fast_forwards_sees_none(apps: Apps) -> None:
    apps.git("config", "receive.denyNonFastForwards", "true")
    apps.git("config", "receive.denyDeletes", "true")
    apps.ok(*CREATE)
    apps.ok("delete", "preview-1")


def test_the_words_of_a_server_cannot_move_the_cursor(apps: Apps) -> None:
    write_hook(apps.bare, "pre-receive", "printf 'no \\033[2J\\033]0;x\\007 way\\n' >&2\nexit 1")
    done = apps.run(*CREATE, "-o", "table")
    assert done.code == 6
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


# Repositories that are not there yet


def test_an_empty_repository_is_invalid_and_the_hint_is_init(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "empty.git")
    for command in (CREATE, ("list",), ("gc",)):
        done = run(*command, "--repo", str(tmp_path / "empty.git"), "-o", "json")
        assert done.code == 7, done.err
        assert "starry init" in done.error()["hint"]


def test_a_repository_without_settings_is_invalid_and_the_hint_is_init(apps: Apps) -> None:
    apps.commit({"starry.yaml": None})
    assert "starry init" in apps.fails(7, *CREATE)["hint"]


# URLs and branches that are no such thing


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path)


URLS = [
    "ext::sh -c 'touch {file}'",
    "ext::touch {file}",
    "EXT::touch {file}",
    "fd::3",
    "--upload-pack=touch {file}",
    "-oProxyCommand=touch {file}",
    "ssh://-oProxyCommand=touch%20{file}/x",
    "ssh://a@-oProxyCommand=touch%20{file}/x",
    "git@-oProxyCommand=touch:x",
    "-x@host:path",
    "host:-x",
    "transport::address",
    "ftp://127.0.0.1/x",
    "file://{file}\n/x",
    "http://127.0.0.1:1/\x00x",
    "https://user:secretsecret@127.0.0.1/apps.git",
    "",
    " ",
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("command", [CREATE, ("list",)], ids=["create", "list"])
def test_a_url_that_could_run_something_is_refused(canary: Canary, command: tuple[str, ...], url: str) -> None:
    done = run(*command, f"--repo={url.format(file=canary.file)}", "-o", "json")
    assert done.code in {2, 3, 8}, done.err
    assert done.code == 2 or not url.lower().startswith(("ext:", "fd:", "-", "ssh://")), done.err
    assert canary.is_silent
    assert "secretsecret" not in done.err


BRANCHES = [
    "--upload-pack=touch x", "-x", "a..b", "../x", "a b", "a~1", "a^", "a:b", "a?", "a*", "[a", "a\\b", "@{-1}",
    "main@{1}", ".a", "a/.b", "a.lock", "a//b", "/a", "a/", "a.", "x\ny", "x\x7fy", "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_branch_that_is_no_branch_name_is_refused(apps: Apps, branch: str) -> None:
    apps.fails(2, *CREATE, f"--branch={branch}")


@pytest.mark.parametrize("branch", ["+main", "@", "a" * 200], ids=["plus", "at", "long"])
def test_a_strange_name_of_no_branch_is_not_found(apps: Apps, branch: str) -> None:
    apps.fails(3, *CREATE, f"--branch={branch}")


@pytest.mark.parametrize("branch", ["HEAD", "refs/heads/main", "refs/tags/x", "heads/main"])
def test_a_branch_that_reads_like_a_ref_never_reaches_another_ref(apps: Apps, branch: str) -> None:
    done = apps.run(*CREATE, "--branch", branch)
    assert done.code in {0, 2, 3}
    created = [line.split()[0] for line in apps.refs().splitlines()]
    assert created == ["refs/heads/main"]
