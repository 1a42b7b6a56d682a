"""--repo: anything Git can push to."""

import random
from pathlib import Path

import pytest
from pytest_git import GitRepo

from tests.support.basics import git
from tests.support.cli import run
from tests.support.gitdaemon import GitDaemon
from tests.support.gitserver import GitServer
from tests.support.repos import Apps
from tests.support.sshserver import SshServer
from tests.support.transport import http, ssh

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


def lands(apps: Apps) -> None:
    """The life of a preview works through `apps`."""
    assert apps.ok(*CREATE)["commit"] == apps.tip()
    assert apps.ok(*CREATE)["action"] == "unchanged"
    assert [entry["name"] for entry in apps.ok("list")] == ["preview-1"]
    assert len(apps.ok("history", "preview-1")) == 1
    assert apps.ok("show", "preview-1")["name"] == "preview-1"
    assert apps.ok("validate")["previews"] == 1
    assert apps.ok("gc", "--now", "2099-01-01T00:00:00Z")["removed"] == ["preview-1"]
    assert apps.names() == []


def test_a_path_to_a_bare_repository(apps: Apps) -> None:
    lands(apps)


def test_a_relative_path(apps: Apps) -> None:
    done = run(*CREATE, "--repo", f"./{apps.bare.name}", cwd=apps.bare.parent)
    assert done.code == 0, done.err
    assert apps.names() == ["preview-1"]


def test_a_path_with_spaces_and_umlauts(apps: Apps) -> None:
    odd = apps.bare.parent / "my äpps; $(x) 'y'.git"
    apps.bare.rename(odd)
    lands(Apps(bare=odd))


def test_a_file_url(apps: Apps) -> None:
    lands(apps.at(apps.bare.as_uri()))


def test_http_with_a_token(apps: Apps, server: GitServer) -> None:
    lands(http(apps, server))


def test_http_with_another_user_name(apps: Apps, server: GitServer) -> None:
    server.username = "deploy"
    apps.at(server.url, STARRY_GIT_TOKEN=server.token, STARRY_GIT_USERNAME="deploy").ok(*CREATE)
    assert apps.names() == ["preview-1"]


def test_http_with_the_user_name_in_the_url(apps: Apps, server: GitServer) -> None:
    server.username = "deploy"
    apps.at(server.url.replace("//", "//deploy@"), STARRY_GIT_TOKEN=server.token).ok(*CREATE)
    assert apps.names() == ["preview-1"]


def test_http_with_a_credential_helper(apps: Apps, server: GitServer, home: Path) -> None:
    stored = server.url.replace("//", f"//{server.username}:{server.token}@")
    (home / ".git-credentials").write_text(stored.removesuffix("/apps.git") + "\n", encoding="utf-8")
    with (home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write("[credential]\n\thelper = store\n")
    apps.at(server.url).ok(*CREATE)
    assert apps.names() == ["preview-1"]


def test_http_without_a_password_needs_no_token(apps: Apps, server: GitServer) -> None:
    server.token = None
    apps.at(server.url).ok(*CREATE)
    assert apps.names() == ["preview-1"]


def test_a_server_without_filters_gives_the_same_result(apps: Apps, server: GitServer) -> None:
    apps.git("config", "uploadpack.allowFilter", "false")
    lands(http(apps, server))


def test_a_server_with_filters_is_asked_for_less(apps: Apps, server: GitServer) -> None:
    apps.git("config", "uploadpack.allowFilter", "true")
    lands(http(apps, server))


def test_a_server_that_speaks_only_the_old_protocol(apps: Apps, server: GitServer) -> None:
    apps.git("config", "uploadpack.advertiseRefs", "true")
    server.old_protocol = True
    lands(http(apps, server))


def test_ssh(apps: Apps, ssh_server: SshServer) -> None:
    lands(ssh(apps, ssh_server))


def test_ssh_with_a_key_that_the_server_does_not_know_is_exit_6(apps: Apps, ssh_server: SshServer) -> None:
    stranger = ssh(apps, ssh_server, command=ssh_server.strangers_command)
    error = stranger.fails(6, *CREATE)
    assert "Permission denied" in error["message"] + error["hint"]


def test_ssh_to_a_host_whose_key_is_not_known_is_refused(apps: Apps, ssh_server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "sshd/known_hosts").write_text("", encoding="utf-8")
    done = ssh(apps, ssh_server).run(*CREATE)
    assert done.code in {6, 8}
    assert apps.names() == []


def test_the_git_protocol(apps: Apps) -> None:
    with GitDaemon(root=apps.bare.parent) as daemon:
        lands(apps.at(daemon.url))


# A working copy with a remote


@pytest.fixture
def clone(apps: Apps, git_repo: GitRepo) -> Path:
    """A person's working copy of the apps repository, on a branch of its own, with a change that is not committed."""
    folder = Path(str(git_repo.workspace))
    git_repo.api.create_remote("origin", str(apps.bare)).fetch()
    git(folder, "checkout", "--quiet", "-b", "my-work", "origin/main")
    git(folder, "remote", "set-head", "origin", "main")
    (folder / "starry.yaml").write_text("mine: true\n", encoding="utf-8")
    return folder


def state(folder: Path) -> tuple[str, str]:
    return git(folder, "status", "--porcelain=v2", "--branch"), git(folder, "for-each-ref")


@pytest.mark.parametrize("how", ["where you stand", "a folder inside", "named"])
def test_a_working_copy_is_reached_through_its_remote_and_left_alone(apps: Apps, clone: Path, how: str) -> None:
    before = state(clone)
    where = {"where you stand": clone, "a folder inside": clone / "overlays/dev", "named": Path.cwd()}[how]
    repo = ("--repo", str(clone)) if how == "named" else ()
    done = run(*CREATE, *repo, "-o", "json", cwd=where)
    assert done.code == 0, done.err
    assert done.json()["branch"] == "main"
    assert apps.names() == ["preview-1"]
    assert state(clone) == before
    assert (clone / "starry.yaml").read_text(encoding="utf-8") == "mine: true\n"


def test_a_working_copy_without_a_remote_is_refused_with_a_hint(git_repo: GitRepo) -> None:
    done = run(*CREATE, "-o", "json", cwd=Path(str(git_repo.workspace)))
    assert done.code in {2, 3, 8}
    assert "remote" in str(done.error())


def test_outside_of_any_repository_the_hint_says_repo(tmp_path: Path) -> None:
    done = run(*CREATE, "-o", "json", cwd=tmp_path)
    assert done.code in {2, 3, 8}
    assert "--repo" in str(done.error())


# Branches


def test_the_remotes_default_branch_is_the_default(apps: Apps) -> None:
    apps.git("branch", "--move", "main", "trunk")
    apps.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    assert apps.ok(*CREATE)["branch"] == "trunk"


@pytest.mark.parametrize("branch", ["release/2.0", "ünï", "a" * 200, "x.y_z#1"])
def test_another_branch(apps: Apps, branch: str) -> None:
    apps.git("branch", branch, "main")
    main = apps.tip()
    result = apps.ok(*CREATE, "--branch", branch)
    assert result["branch"] == branch
    assert result["commit"] == apps.git("rev-parse", f"refs/heads/{branch}")
    assert apps.tip() == main


def test_a_branch_that_does_not_exist_is_not_found(apps: Apps) -> None:
    assert "nosuch" in apps.fails(3, *CREATE, "--branch", "nosuch")["message"]


def test_a_tag_of_the_same_name_does_not_confuse(apps: Apps) -> None:
    apps.git("tag", "main", "main")
    tag = apps.git("rev-parse", "refs/tags/main")
    apps.ok(*CREATE)
    assert apps.git("rev-parse", "refs/tags/main") == tag
    assert apps.names() == ["preview-1"]


def test_a_long_history_is_not_fetched(apps: Apps, server: GitServer) -> None:
    noise = random.Random(1)
    script = "".join(
        f"commit refs/heads/main\ncommitter P <p@e> {1000000000 + number} +0000\ndata 1\nx\n"
        + ("" if number else "from refs/heads/main^0\n")
        + f"M 100644 inline notes\ndata 20000\n{noise.randbytes(10000).hex()}\n"
        for number in range(60)
    )
    apps.git("fast-import", "--quiet", stdin=script)
    http(apps, server).ok(*CREATE)
    assert server.bytes_sent < 300_000
