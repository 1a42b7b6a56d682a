"""A real Gitea on loopback, for tests of what Starry says to a forge. The fixture `gitea` is one for each test worker.

def test_it(gitea):
    repository = gitea.new_repository("backend", private=True)     # of a fresh owner
    bob = repository.user("bob", "write")                          # a fresh user, with a right in it
    commit = repository.push_branch("feature", {"a.txt": "1\n"})
    number = repository.open_pull_request("feature", title="Add a", by=bob)
    token = gitea.token(bob, ["write:issue", "read:repository"])
"""

import base64
import itertools
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.support import gitea_build
from tests.support.gitea_config import write_config
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitserver import unused_port, wait_for_port

ALL_SCOPES = ("all",)
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, kw_only=True)
class User:
    """A person on the forge. `token` may do everything that this person may do."""

    name: str
    password: str = field(repr=False)
    token: str = field(repr=False, default="")


class Refused(AssertionError):
    """Gitea answered the harness with a status of 400 or more."""

    def __init__(self, what: str, status: int, text: str) -> None:
        super().__init__(f"{what}: {status} {text[:500]}")
        self.status = status


@dataclass(kw_only=True)
class GiteaServer:
    """Gitea with a database in `folder`. Names of users and organisations get a number, so that tests do not meet."""

    folder: Path
    url: str = ""
    admin: User = User(name="", password="")

    def __enter__(self) -> Self:
        port = unused_port()
        self.url = f"http://127.0.0.1:{port}"
        self._numbers = itertools.count(1)
        self._config = write_config(self.folder, port)
        self._log = (self.folder / "log").open("wb")
        self._run("migrate")
        self.admin = self._make_admin()
        self._process = subprocess.Popen(
            self._command("web"),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        wait_for_port(port, 60)
        self._wait_until_it_answers()
        return self

    def __exit__(self, *_: object) -> None:
        # Gitea starts Git: end the whole group, which is ours alone.
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"{self.url}/api/v1"

    @property
    def log(self) -> str:
        """What Gitea has said so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def user(self, name: str) -> User:
        """A new user, who has no right anywhere."""
        full = f"{name}{next(self._numbers)}"
        password = secrets.token_hex(12)
        body = {
            "username": full,
            "email": f"{full}@example.com",
            "password": password,
            "must_change_password": False,
        }
        self.call("POST", "/admin/users", body)
        return User(name=full, password=password, token=self.token(User(name=full, password=password), ALL_SCOPES))

    def token(self, user: User, scopes: Sequence[str]) -> str:
        """A new token of a user: scopes as `read:repository`, `write:issue`, `read:user`; `all`."""
        body = {"name": f"token{next(self._numbers)}", "scopes": list(scopes)}
        made = self.call("POST", f"/users/{user.name}/tokens", body, basic=(user.name, user.password))
        return str(made["sha1"])

    def organisation(self, name: str, owner: User) -> str:
        """A new organisation's name."""
        full = f"{name}{next(self._numbers)}"
        self.call("POST", "/orgs", {"username": full}, token=owner.token)
        return full

    def new_repository(
        self, name: str, private: bool = False, owner: User | None = None, organisation: str | None = None
    ) -> GiteaRepository:
        """A repository with one commit on `main`, of a fresh owner unless one is given."""
        keeper = owner or self.user("owner")
        path = f"/orgs/{organisation}/repos" if organisation else "/user/repos"
        body = {"name": name, "private": private, "auto_init": True, "default_branch": "main"}
        made = self.call("POST", path, body, token=keeper.token)
        return GiteaRepository(server=self, owner=keeper, path=str(made["full_name"]))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        basic: tuple[str, str] | None = None,
    ) -> Any:
        """One call of the API, as the administrator unless told otherwise; its parsed answer.

        Raises:
            Refused: the status is 400 or more.
        """
        headers = {"Content-Type": "application/json", "Authorization": f"token {token or self.admin.token}"}
        if basic:
            headers["Authorization"] = _basic(*basic)
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.api_url + path, data=data, method=method, headers=headers)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                text = answer.read()
        except HTTPError as error:
            with error:
                raise Refused(f"{method} {path}", error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text.strip() else None

    def _make_admin(self) -> User:
        name, password = "root1", secrets.token_hex(12)
        account = ["--username", name, "--password", password, "--email", "root@example.com"]
        self._run("admin", "user", "create", "--admin", "--must-change-password=false", *account)
        made = self._run("admin", "user", "generate-access-token", "--username", name, "--scopes", "all", "--raw")
        return User(name=name, password=password, token=made.split()[-1])

    @property
    def _environment(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {"PATH": os.environ["PATH"], "HOME": str(home), "USER": os.environ.get("USER", ""), "TZ": "UTC"}

    def _command(self, *args: str) -> list[str]:
        return [str(gitea_build.BINARY), *args, "--config", str(self._config)]

    def _run(self, *args: str) -> str:
        command, env = self._command(*args), self._environment
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"gitea {args[0]}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                self.call("GET", "/version")
            except (Refused, OSError):
                assert time.monotonic() < end, self.log
                time.sleep(0.05)
            else:
                return


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture(scope="session")
def gitea(_session_isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GiteaServer]:
    """Gitea, where `make gitea` has built it: that takes minutes, so no test does it by itself."""
    if not gitea_build.BINARY.exists():
        pytest.skip("needs a Gitea: make gitea builds it, once (Go, gcc, some minutes)")
    with GiteaServer(folder=tmp_path_factory.mktemp("gitea")) as running:
        yield running
