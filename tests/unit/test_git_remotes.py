"""Which --repo is taken and which is refused; what Git's processes get to see of the environment."""

# ruff: noqa: E501 - a table reads best with one case a line

import os
import subprocess
from pathlib import Path

import pytest

from starry_gitops.errors import NotFound, RemoteUnreachable, StarryError, UsageFault
from starry_gitops.gitrepo.environment import TOKEN, USERNAME, git_environment
from starry_gitops.gitrepo.failures import redact, server_words
from starry_gitops.gitrepo.remotes import resolve_remote

ALLOWED = [
    "https://github.com/myorg/apps.git", "https://ada@github.com/myorg/apps.git", "http://localhost:3000/a/b.git",
    "ssh://git@github.com/myorg/apps.git", "ssh://git@github.com:2222/~/apps.git", "git://example.com/apps.git",
    "git@github.com:myorg/apps.git", "github.com:myorg/apps.git", "git@github.com:/srv/apps.git", "file:///srv/apps.git",
    "git+ssh://git@example.com/apps.git",  "https://[::1]:8443/apps.git",
    "https://example.com/a%20b.git",
]  # fmt: skip
TOKENISH = "ghp" + "_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
REFUSED = [
    "", "-", "--upload-pack=touch x", "-oProxyCommand=id", "ext::sh -c id", "EXT::sh -c id", "fd::17/foo", "transport::address",
    "ext::https://github.com/o/r", "ssh://-oProxyCommand=id/x", "ssh://git@-oProxyCommand=id/x", "ssh://-x@host/y",
    "https://ada:hunter2@github.com/o/r.git", "https://:hunter2@github.com/o/r.git", "ssh://git:hunter2@host/x",
    "ftp://example.com/x", "gopher://x/y", "javascript://x", "https://", "https:///x", "https://github.com/o/r\n", "a\x00b",
    "https://github.com/\x1b[31m", "https://[/x", "git@github.com:o/r\nx", "http://[::1/x", f"https://{TOKENISH}@github.com/o/r",
    "git@host:--upload-pack=x", "git@host:-x", "https://github.com/o/r.git\r",
]  # fmt: skip


@pytest.mark.parametrize("url", ALLOWED)
def test_an_allowed_url_is_taken_as_it_is(url: str) -> None:
    assert resolve_remote(url).url == url


def test_a_scheme_is_written_small_as_git_needs_it() -> None:
    assert resolve_remote("HTTPS://github.com/myorg/Apps.git").url == "https://github.com/myorg/Apps.git"


@pytest.mark.parametrize("url", REFUSED)
def test_a_refused_url_is_a_usage_fault_that_does_not_repeat_a_password(url: str) -> None:
    with pytest.raises(UsageFault) as caught:
        resolve_remote(url)
    for secret in ("hunter2", TOKENISH):
        assert secret not in caught.value.message + caught.value.hint
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:3000/a.git", True), ("http://127.0.0.1/a.git", True), ("http://[::1]:80/a.git", True),
        ("https://example.com/a.git", True), ("ssh://example.com/a.git", True),
        ("http://example.com/a.git", False), ("HTTP://example.com/a.git", False), ("http://localhost.evil.com/a.git", False),
        ("http://127.0.0.1.evil.com/a.git", False), ("http://localhost@evil.com/a.git", False), ("http://10.0.0.1/a.git", False),
    ],
)  # fmt: skip
def test_a_token_goes_over_http_to_this_machine_only(url: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "t0ken")
    if allowed:
        assert resolve_remote(url).url == url
    else:
        with pytest.raises(UsageFault) as caught:
            resolve_remote(url)
        assert "t0ken" not in caught.value.message


def test_paths_and_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare, work, plain = tmp_path / "apps.git", tmp_path / "work", tmp_path / "plain"
    for command in (
        ["init", "-q", "--bare", bare],
        ["init", "-q", work],
        ["-C", work, "remote", "add", "origin", "../apps.git"],
    ):
        subprocess.run(["git", *command], check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    plain.mkdir()
    assert resolve_remote(str(bare)).url == str(bare)
    assert resolve_remote(str(work)).url == str(bare)
    monkeypatch.chdir(work)
    assert resolve_remote(None).url == str(bare)
    assert resolve_remote("../apps.git").url == str(bare)
    with pytest.raises(NotFound):
        resolve_remote(str(plain))
    with pytest.raises(RemoteUnreachable):
        resolve_remote(str(tmp_path / "nothing"))


@pytest.mark.parametrize("url", ["ext::sh -c id", "--upload-pack=x", "https://a:hunter2@b/c", "fd::3"])
def test_a_working_copys_remote_is_held_to_the_same_rules(url: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "config", "remote.origin.url", url], check=True)
    with pytest.raises(StarryError) as caught:
        resolve_remote(str(tmp_path))
    assert "hunter2" not in caught.value.message


HOSTILE = {
    "GIT_DIR": "/evil", "GIT_WORK_TREE": "/evil", "GIT_INDEX_FILE": "/evil", "GIT_OBJECT_DIRECTORY": "/evil",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/evil", "GIT_CONFIG": "/evil", "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.sshCommand", "GIT_CONFIG_VALUE_0": "touch /evil", "GIT_CONFIG_PARAMETERS": "'core.pager'='x'",
    "GIT_EXEC_PATH": "/evil", "GIT_TEMPLATE_DIR": "/evil", "GIT_TRACE": "1", "GIT_TRACE_CURL": "1", "GIT_CURL_VERBOSE": "1",
    "GIT_SSL_NO_VERIFY": "1", "GIT_EXTERNAL_DIFF": "touch /evil", "GIT_PAGER": "touch /evil", "GIT_EDITOR": "touch /evil",
    "GIT_NAMESPACE": "x", "GIT_CEILING_DIRECTORIES": "/", "GIT_ALLOW_PROTOCOL": "ext", "GIT_PROTOCOL_FROM_USER": "1",
    "GIT_DEFAULT_HASH": "sha256", "GIT_REPLACE_REF_BASE": "refs/x", "GIT_SHALLOW_FILE": "/evil", "GIT_GRAFT_FILE": "/evil",
    "GIT_PROXY_COMMAND": "touch /evil", "GIT_COMMON_DIR": "/evil", "GIT_QUARANTINE_PATH": "/evil", "GIT_ATTR_SOURCE": "x",
    "GIT_PUSH_OPTION_COUNT": "1", "GIT_PUSH_OPTION_0": "x", "GIT_REDIRECT_STDOUT": "/evil", "GIT_NO_LAZY_FETCH": "0",
    "GIT_COMMITTER_DATE": "@0", "GIT_AUTHOR_DATE": "@0",
}  # fmt: skip


@pytest.mark.parametrize("variable", HOSTILE)
def test_a_variable_that_could_redirect_git_does_not_reach_it(variable: str) -> None:
    made = git_environment("https://example.com/a.git", {**HOSTILE, "PATH": "/bin"})
    assert made.get(variable) != HOSTILE[variable]
    assert "evil" not in "".join(made.values())
    assert made["PATH"] == "/bin"


def test_git_itself_sees_starrys_configuration_and_no_other(tmp_path: Path) -> None:
    env = git_environment("https://example.com/a.git", {**os.environ, **HOSTILE})
    done = subprocess.run(
        ["git", "config", "--list"], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert found["core.hookspath"] == "/dev/null"
    assert found["protocol.ext.allow"] == "never"
    assert found["gc.auto"] == "0"
    assert not {"core.sshcommand", "core.pager"} & set(found)


def test_what_a_user_means_to_set_is_kept() -> None:
    kept = {
        "GIT_SSH_COMMAND": "ssh -i key",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_SSL_CAINFO": "/ca.pem",
        "SSH_AUTH_SOCK": "/s",
    }
    assert kept.items() <= git_environment("", kept).items()


@pytest.mark.parametrize(
    ("url", "sent"),
    [("https://example.com/a.git", True), ("http://localhost/a.git", True), ("ssh://git@example.com/a.git", False),
     ("git@example.com:a.git", False), ("/srv/apps.git", False), ("file:///srv/a.git", False), ("git://example.com/a", False),
     ("", False)],
)  # fmt: skip
def test_the_token_is_for_http_only_and_never_in_the_configuration(url: str, sent: bool) -> None:
    made = git_environment(url, {TOKEN: "t0ken", USERNAME: "bob"})
    assert (made.get(TOKEN) == "t0ken") is sent
    assert [key for key, value in made.items() if "t0ken" in value] == ([TOKEN] if sent else [])


def test_git_gets_the_token_from_the_helper_for_that_host_alone(tmp_path: Path) -> None:
    env = git_environment("https://ada@example.com:8443/a.git", {**os.environ, TOKEN: "t0ken"})
    for host, expected in (("example.com:8443", True), ("evil.com", False), ("example.com", False)):
        given = f"protocol=https\nhost={host}\nusername=ada\n\n"
        done = subprocess.run(
            ["git", "credential", "fill"],
            input=given,
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ("password=t0ken" in done.stdout) is expected, host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "fatal: unable to access 'https://ada:hunter2@x.y/z.git/'",
            "fatal: unable to access 'https://***@x.y/z.git/'",
        ),
        ("https://:hunter2@x and ssh://a:hunter2@y", "https://***@x and ssh://***@y"),
        ("https://x.y/a@b", "https://x.y/a@b"),
        ("git@github.com:o/r", "git@github.com:o/r"),
        ("nothing here: a@b", "nothing here: a@b"),
    ],
)
def test_passwords_in_urls_are_hidden(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "url", [f"https://{TOKENISH}@github.com/o/r.git", f"https://x-access-token:{TOKENISH}@github.com/o/r.git"]
)
def test_a_token_in_a_url_is_hidden_whether_it_stands_for_user_or_password(url: str) -> None:
    assert TOKENISH not in redact(f"fatal: unable to access '{url}/': 403")


def test_the_servers_words_are_one_printable_line() -> None:
    words = server_words(
        "remote: \x1b[31mNo\x1b[0m\nremote: \r\nhint: pull\nfatal: a\tb\nremote: https://a:hunter2@b/c\n" * 50
    )
    assert words.isprintable()
    assert len(words) <= 500
    assert "hunter2" not in words
    assert server_words("") == "git gave no reason"
