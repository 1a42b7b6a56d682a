"""Every test runs in a home, a temporary folder and a Git configuration of its own; the real ones are out of reach."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.gitea_server import gitea
from tests.support.gitserver import GitServer
from tests.support.repos import Apps, copy_of, make_template
from tests.support.sshserver import SshServer, missing_program

__all__ = ["gitea"]

settings.register_profile(
    "starry",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("starry")

REAL_HOME = Path.home()
_LEAKS = ("GIT_", "STARRY_", "XDG_", "SSH_", "GITHUB_", "GITLAB_", "CI_")
_GITCONFIG = """\
[user]
    name = Ada Tester
    email = ada@example.com
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
[safe]
    directory = *
"""


@pytest.fixture(autouse=True, scope="session")
def _session_isolation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same isolation for what is built once per session."""
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, tmp_path_factory.mktemp("session"))
        yield


@pytest.fixture(autouse=True)
def isolation(_session_isolation: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a temporary folder and a place to stand, for one test; returns their parent."""
    return _isolate(monkeypatch, tmp_path)


def _isolate(patch: pytest.MonkeyPatch, folder: Path) -> Path:
    for key in [key for key in os.environ if key.startswith(_LEAKS)]:
        patch.delenv(key)
    home, temporary, stand = (folder / name for name in ("home", "tmp", "stand"))
    for made in (home, temporary, stand):
        made.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(_GITCONFIG, encoding="utf-8")
    variables = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
        "GIT_CONFIG_GLOBAL": home / ".gitconfig",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "TMPDIR": temporary,
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    for key, value in variables.items():
        patch.setenv(key, str(value))
    patch.setattr(tempfile, "tempdir", None)
    patch.chdir(stand)
    return folder


@pytest.fixture(autouse=True)
def _real_home_is_out_of_reach(isolation: Path) -> Iterator[None]:
    """A test may read or write the home of whoever runs the suite neither before nor after."""
    yield
    assert Path.home() != REAL_HOME
    assert Path(os.environ["HOME"]).is_relative_to(isolation)


@pytest.fixture
def temporary_folder(isolation: Path) -> Path:
    """Where a program of this test puts its temporary files."""
    return isolation / "tmp"


@pytest.fixture
def home(isolation: Path) -> Path:
    """The home folder of this test."""
    return isolation / "home"


@pytest.fixture(scope="session")
def template(_session_isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository that holds what `starry init` writes; read-only by agreement, `apps` is its copy."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def apps(template: Path, tmp_path: Path) -> Apps:
    """This test's own apps repository, without a preview."""
    return copy_of(template, tmp_path / "apps.git")


@pytest.fixture
def server(apps: Apps) -> Iterator[GitServer]:
    """A smart-HTTP server on loopback that serves `apps`, with a password."""
    with GitServer(root=apps.bare.parent) as running:
        yield running


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[SshServer]:
    """A real sshd on loopback."""
    missing = missing_program()
    if missing:
        pytest.skip(missing)
    with SshServer(folder=tmp_path / "sshd") as running:
        yield running
