from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.comments.stage import Stage
from tests.support.gitea_server import GiteaServer
from tests.support.repos import Apps
from tests.support.webhooks import WebhookReceiver


@pytest.fixture(scope="module")
def people(gitea: GiteaServer) -> Iterator[Stage]:
    """The component's repository and the people, for all tests of a file: to make users takes Gitea seconds."""
    repository = gitea.new_repository("sample-be")
    with WebhookReceiver() as receiver:
        repository.webhook(receiver.url, secret="s3cret")
        yield Stage(
            apps=Apps(bare=Path()),
            be=repository,
            bot=repository.user("starry", "admin"),
            writer=repository.user("writer", "write"),
            reader=repository.user("reader", "read"),
            stranger=gitea.user("stranger"),
            receiver=receiver,
            folder=Path(),
        )


@pytest.fixture
def stage(people: Stage, apps: Apps, tmp_path: Path) -> Stage:
    """An apps repository of this test's own beside them."""
    settings = {
        "forge": {"kind": "gitea", "apiURL": people.be.server.api_url},
        "sync": {"repositories": {"be": {"url": people.be.page, "component": "backend"}}},
    }
    apps.settings(lambda known: known.update(settings))
    return replace(people, apps=apps, folder=tmp_path)
