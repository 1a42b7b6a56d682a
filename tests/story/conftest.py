from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.world import SECRET, Tokens, World
from tests.support.basics import git
from tests.support.cli import run_process
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer, User
from tests.support.webhooks import WebhookReceiver

_SETTINGS = """\
forge: {{kind: gitea, apiURL: {api}}}
sync:
  repositories:
    sample-be: {{url: {page}, component: backend, branches: ["feat/**"]}}
"""


@pytest.fixture
def world(gitea: GiteaServer, tmp_path: Path) -> Iterator[World]:
    """Both repositories are private; the apps repository is set up as README.md says."""
    component, apps = (gitea.new_repository(name, private=True) for name in ("sample-be", "argocd-apps"))
    bot = component.user("starry", "admin")
    apps.permit(bot, "write")
    dora = apps.user("dora", "write")
    _set_up(apps, component, dora, tmp_path / "first-clone")
    with WebhookReceiver() as receiver:
        component.webhook(receiver.url, secret=SECRET)
        yield World(
            component=component,
            apps=apps,
            alice=component.user("alice", "write"),
            dora=dora,
            bot=bot,
            tokens=Tokens.of(gitea, bot),
            receiver=receiver,
            folder=tmp_path,
        )


def _set_up(apps: GiteaRepository, component: GiteaRepository, dora: User, clone: Path) -> None:
    known = apps.git_environment(dora)
    git(clone.parent, "clone", "--quiet", apps.clone_url, str(clone), env=known)
    done = run_process("init", "--domain", "starry.mycompany.com", "--repo-url", apps.clone_url, cwd=clone)
    assert done.code == 0, done.err
    with (clone / "starry.yaml").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS.format(api=apps.server.api_url, page=component.page))
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "Set up the apps repository")
    git(clone, "push", "--quiet", "origin", "HEAD", env=known)
