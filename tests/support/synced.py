"""An apps repository whose settings sync one component repository of the tests' Gitea."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.cli import Result
from tests.support.gitea_repository import GiteaRepository
from tests.support.repos import Apps


@dataclass(frozen=True, kw_only=True)
class Synced:
    """`apps` gets a preview for each open pull request of `be` (the backend)."""

    apps: Apps
    be: GiteaRepository

    def set_up(self, api_url: str = "", sync: Mapping[str, Any] | None = None, **repository: Any) -> None:
        """Writes the settings."""
        one = {"url": self.be.page, "component": "backend", **repository}
        forge = {"kind": "gitea", "apiURL": api_url or self.be.server.api_url}
        wanted = {"forge": forge, "sync": {**(sync or {}), "repositories": {"be": one}}}
        self.apps.settings(lambda settings: settings.update(wanted))

    def run(self, *args: str, token: str = "") -> Result:
        """Runs `starry sync` with the owner's token, unless another is given."""
        known = token or self.be.owner.token
        done = self.apps.run("sync", *args, "--timeout", "20", env={"STARRY_FORGE_TOKEN": known})
        assert known not in done.out + done.err
        return done

    def ok(self, *args: str) -> Any:
        """The JSON result of a run that must succeed."""
        done = self.run(*args)
        assert done.code == 0, f"exit {done.code}\n{done.out}\n{done.err}"
        return done.json()

    def open(self, *branches: str, **options: Any) -> list[int]:
        """Opens a pull request for each branch; gives their numbers."""
        self.be.push_branches({branch: {f"{branch}.txt": "1\n"} for branch in branches})
        return [self.be.open_pull_request(branch, **options) for branch in branches]
