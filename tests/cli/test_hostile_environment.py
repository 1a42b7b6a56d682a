"""Inherited variables: Git's own (from a hook, a CI job, an attacker) redirect nothing and run nothing."""

from pathlib import Path

import pytest

from tests.support.basics import git
from tests.support.cli import run_process
from tests.support.hooks import Canary
from tests.support.repos import Apps

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")
# {dir}: a folder with programs and hooks that wake the canary; {other}: another repository; {file}: a new file.
HOSTILE: dict[str, dict[str, str]] = {
    "another repository": {"GIT_DIR": "{other}/.git", "GIT_WORK_TREE": "{other}"},
    "a git dir that does not exist": {"GIT_DIR": "/nonexistent"},
    "another index": {"GIT_INDEX_FILE": "{other}/.git/index"},
    "another object store": {"GIT_OBJECT_DIRECTORY": "{other}/.git/objects"},
    "alternates": {"GIT_ALTERNATE_OBJECT_DIRECTORIES": "{other}/.git/objects"},
    "a quarantine": {"GIT_QUARANTINE_PATH": "{other}/.git/objects"},
    "a namespace": {"GIT_NAMESPACE": "evil"},
    "common dir": {"GIT_COMMON_DIR": "{other}/.git"},
    "a shallow file": {"GIT_SHALLOW_FILE": "{file}"},
    "another hash": {"GIT_DEFAULT_HASH": "sha256"},
    "injected configuration": {
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "{dir}",
        "GIT_CONFIG_KEY_1": "core.fsmonitor", "GIT_CONFIG_VALUE_1": "{dir}/evil",
        "GIT_CONFIG_KEY_2": "protocol.ext.allow", "GIT_CONFIG_VALUE_2": "always",
    },
    "injected parameters": {"GIT_CONFIG_PARAMETERS": "'core.hooksPath'='{dir}' 'core.fsmonitor'='{dir}/evil'"},
    "broken injected configuration": {"GIT_CONFIG_COUNT": "many"},
    "one configuration file": {"GIT_CONFIG": "{file}"},
    "another exec path": {"GIT_EXEC_PATH": "{dir}"},
    "templates with hooks": {"GIT_TEMPLATE_DIR": "{dir}"},
    "an external diff": {"GIT_EXTERNAL_DIFF": "{dir}/evil"},
    "a pager and an editor": {"GIT_PAGER": "{dir}/evil", "GIT_EDITOR": "{dir}/evil"},
    "a proxy command": {"GIT_PROXY_COMMAND": "{dir}/evil"},
    "traces": {"GIT_TRACE": "{file}", "GIT_TRACE_PACKET": "{file}", "GIT_TRACE_CURL": "{file}", "GIT_TRACE2": "{file}"},
    "traces on stderr": {"GIT_TRACE": "1", "GIT_TRACE_PACKET": "1", "GIT_TRACE_SETUP": "1"},
    "literal paths": {"GIT_LITERAL_PATHSPECS": "1", "GIT_GLOB_PATHSPECS": "1"},
    "a prefix": {"GIT_PREFIX": "overlays/", "GIT_INTERNAL_SUPER_PREFIX": "x/"},
    "ceilings": {"GIT_CEILING_DIRECTORIES": "/", "GIT_DISCOVERY_ACROSS_FILESYSTEM": "x"},
    "forbidden protocols": {"GIT_ALLOW_PROTOCOL": "ext", "GIT_PROTOCOL_FROM_USER": "0"},
    "dates": {"GIT_AUTHOR_DATE": "1970-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "yesterday"},
    "GitPython's own": {"GIT_PYTHON_TRACE": "full", "GIT_PYTHON_REFRESH": "error"},
    "GitPython's executable": {"GIT_PYTHON_GIT_EXECUTABLE": "{dir}/evil"},
    "replacements": {"GIT_REPLACE_REF_BASE": "refs/heads/"},
    "another language": {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    "no language": {"LANG": "C", "LC_ALL": "C"},
    "another time zone": {"TZ": "Asia/Kathmandu"},
}  # fmt: skip


@pytest.mark.parametrize("env", HOSTILE.values(), ids=HOSTILE)
def test_an_inherited_variable_redirects_nothing_and_runs_nothing(
    apps: Apps, tmp_path: Path, env: dict[str, str]
) -> None:
    canary, other, file = Canary(tmp_path), tmp_path / "other", tmp_path / "file"
    git(tmp_path, "init", "--quiet", str(other))
    git(other, "commit", "--quiet", "--allow-empty", "--message", "x")
    for name in ("evil", "git", "git-remote-https", "git-receive-pack", "git-upload-pack", "git-push", "pre-push",
                 "hooks/post-checkout", "hooks/reference-transaction", "reference-transaction"):  # fmt: skip
        canary.script(tmp_path / "bad" / name)
    before = git(other, "for-each-ref"), git(other, "count-objects")
    filled = {key: value.format(dir=tmp_path / "bad", other=other, file=file) for key, value in env.items()}
    done = run_process(*CREATE, "--repo", str(apps.bare), "-o", "json", "--owner", "Zoë", env=filled)
    assert done.code == 0, done.err
    assert done.json()["commit"] == apps.tip()
    assert apps.names() == ["preview-1"]
    assert apps.annotation("preview-1", "owner") == "Zoë"
    assert canary.is_silent
    assert not file.exists()
    assert (git(other, "for-each-ref"), git(other, "count-objects")) == before


def test_inside_a_hook_of_another_repository_it_works_on_its_own(apps: Apps, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", str(other))
    env = {"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index", "GIT_EXEC_PATH": git(tmp_path, "--exec-path")}
    done = run_process(*CREATE, "--repo", str(apps.bare), cwd=other, env=env)
    assert done.code == 0, done.err
    assert git(other, "for-each-ref") == ""


def test_a_home_that_cannot_be_read_is_no_obstacle(apps: Apps) -> None:
    env = {"HOME": None, "XDG_CONFIG_HOME": None, "GIT_CONFIG_GLOBAL": "/dev/null", "USER": None, "LOGNAME": None}
    identity = ("--author", "A <a@example.com>", "--committer", "A <a@example.com>")
    assert run_process(*CREATE, *identity, "--repo", str(apps.bare), env=env).code == 0


def test_no_git_on_the_path_is_one_clear_error(apps: Apps, tmp_path: Path) -> None:
    done = run_process(*CREATE, "--repo", str(apps.bare), "-o", "json", env={"PATH": str(tmp_path)})
    assert done.code != 0
    assert "git" in done.error()["message"].lower()


@pytest.mark.parametrize("folder", ["nonexistent", "a-file"])
def test_a_temporary_folder_that_cannot_be_used_is_one_clear_error_or_no_obstacle(
    apps: Apps, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "a-file").touch()
    done = run_process(*CREATE, "--repo", str(apps.bare), "-o", "json", env={"TMPDIR": str(tmp_path / folder)})
    assert "Traceback" not in done.err
    assert done.code == 0 or done.error()["message"]


def test_a_remote_name_in_pythons_path_is_not_imported(apps: Apps, tmp_path: Path) -> None:
    (tmp_path / "yaml.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')\n", encoding="utf-8")
    done = run_process("list", "--repo", str(apps.bare), cwd=tmp_path, env={"PYTHONSAFEPATH": "1"})
    assert done.code == 0, done.err
    assert not (tmp_path / "canary").exists()
