from dataclasses import replace

import pytest

from tests.proposals.desk import Desk
from tests.support.basics import git
from tests.support.gitea_server import GiteaServer, User
from tests.support.repos import Apps


@pytest.fixture(scope="module")
def bot(gitea: GiteaServer) -> User:
    """Whom Starry is known as: to make users takes Gitea seconds."""
    return gitea.user("starry")


@pytest.fixture
def desk(gitea: GiteaServer, bot: User, apps: Apps) -> Desk:
    """An apps repository on the tests' Gitea, which the bot may write to."""
    forge = gitea.new_repository("argocd-apps", private=True)
    forge.permit(bot, "write")
    apps.settings(lambda known: known.update(forge={"kind": "gitea", "apiURL": gitea.api_url}))
    apps.settings(lambda known: known.pop("repoURL", None))
    git(apps.bare, "push", "--quiet", "--force", forge.clone_url, "main", env=forge.git_environment())
    there = replace(
        apps,
        bare=gitea.folder / "repositories" / f"{forge.path.lower()}.git",
        url=forge.clone_url,
        env={"STARRY_GIT_TOKEN": bot.token, "STARRY_FORGE_TOKEN": bot.token, "STARRY_TIMEOUT": "30"},
    )
    return Desk(apps=there, forge=forge, bot=bot)
