"""The forges in memory with their adapters: `with running("gitlab") as case: case.forge().pull_requests()`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starry_gitops.forges.github import GitHub
from starry_gitops.forges.gitlab import GitLab
from starry_gitops.rest.client import Api
from tests.support import forge_schemas
from tests.support.forge_server import ForgeServer
from tests.support.forge_state import ForgeState
from tests.support.github_server import GitHubServer
from tests.support.gitlab_server import GitLabServer

TOKEN = "forge-token-for-tests-0123456789"
KINDS = ("github", "github-enterprise", "gitlab")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A forge where `ada` may write, with `TOKEN`."""

    server: ForgeServer

    @property
    def state(self) -> ForgeState:
        """What the forge holds."""
        return self.server.state

    @property
    def is_gitlab(self) -> bool:
        """Whether it is GitLab."""
        return self.server.kind == "gitlab"

    def forge(self, token: str = TOKEN, *, path: str = "", seconds: float = 5.0) -> Any:
        """The adapter, with a token."""
        what, adapter = ("GitLab", GitLab) if self.is_gitlab else ("GitHub", GitHub)
        headers = {"Authorization": f"Bearer {token}"}
        api = Api(self.server.api_url, what=what, headers=headers, seconds=seconds)
        return adapter(path or self.state.path, api=api)

    def asked(self, method: str) -> list[str]:
        """The paths that were asked for with a method."""
        return [one.path for one in self.server.asked if one.method == method]


@contextmanager
def running(kind: str) -> Iterator[Case]:
    """A forge; at the end whatever was asked or answered against its documentation fails the test."""
    forge_schemas.require()
    state = ForgeState(path="acme/team/backend" if kind == "gitlab" else "acme/backend")
    state.person("ada", "write", token=TOKEN)
    made = GitLabServer(state) if kind == "gitlab" else GitHubServer(state, enterprise=kind != "github")
    with made as server:
        yield Case(server=server)
    assert not server.violations, "\n".join(server.violations)
