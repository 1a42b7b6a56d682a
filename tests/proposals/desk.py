"""An apps repository on a real Gitea, and the people who look at what Starry proposes there."""

from dataclasses import dataclass
from typing import Any

from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import User
from tests.support.repos import PREVIEWS, Apps


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`apps` is the repository as Starry reaches it, `forge` the same one as people do."""

    apps: Apps
    forge: GiteaRepository
    bot: User

    def propose(self, *args: str) -> Any:
        """The JSON result of a command that must propose, push nothing to the branch, and show no token."""
        before = self.apps.tip()
        done = self.apps.run(*args, "--propose")
        assert done.code == 0, f"exit {done.code}\n{done.out}\n{done.err}"
        assert self.apps.tip() == before
        assert self.bot.token not in done.out + done.err
        return done.json()

    def create(self, name: str, *args: str, tag: str = "1.0.0") -> Any:
        """A proposal of a preview of the backend alone."""
        return self.propose("create", name, "--image", f"backend={tag}", *args)

    def pulls(self, state: str = "open") -> list[Any]:
        """The pull requests, oldest first."""
        found = self.forge.call("GET", f"/pulls?state={state}&limit=50")
        return sorted(found, key=lambda one: int(one["number"]))

    def pull(self) -> Any:
        """The only open one."""
        (found,) = self.pulls()
        return found

    def branches(self) -> list[str]:
        """All branches but the one that Argo CD follows."""
        names = self.apps.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()
        return sorted(set(names) - {"main"})

    def head(self, branch: str) -> str:
        """A branch's commit."""
        return self.apps.git("rev-parse", f"refs/heads/{branch}")

    def proposed(self, branch: str) -> dict[str, str]:
        """What merging a branch would change: path -> status letter."""
        out = self.apps.git("diff", "--no-renames", "--name-status", f"main...{branch}")
        return {path: status for status, path in (line.split("\t") for line in out.splitlines())}

    def merge(self) -> None:
        """Somebody merges the only open pull request."""
        self.forge.merge(int(self.pull()["number"]))


def files(name: str, letter: str) -> dict[str, str]:
    """A preview's two files, both added (A), changed (M) or deleted (D)."""
    return {f"{PREVIEWS}/{name}/{file}": letter for file in ("application.yaml", "values.yaml")}
