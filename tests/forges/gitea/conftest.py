from collections.abc import Callable
from typing import Any

import pytest

from starry_gitops.forges.gitea import Gitea
from starry_gitops.rest.client import Api
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer, User

ForgeOf = Callable[..., Gitea]


@pytest.fixture(scope="session")
def forge_of(gitea: GiteaServer) -> ForgeOf:
    """The adapter for a repository, as its owner, as somebody else, or with a token that is given."""

    def make(repository: GiteaRepository | str, *, by: User | None = None, token: str | None = None) -> Gitea:
        path = repository if isinstance(repository, str) else repository.path
        known = token
        if known is None and (by or isinstance(repository, GiteaRepository)):
            known = by.token if by else repository.owner.token
        headers: dict[str, Any] = {"Authorization": f"token {known}"} if known else {}
        return Gitea(path, api=Api(gitea.api_url, what="Gitea", headers=headers, seconds=20))

    return make
