"""Tokens that a real Gitea refuses, and what the smallest one needs."""

from collections.abc import Callable

import pytest

from starry_gitops.core.forge import Status
from starry_gitops.errors import AccessDenied, NotFound, StarryError
from starry_gitops.forges.gitea import Gitea
from tests.forges.gitea.conftest import ForgeOf
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer

Call = Callable[[Gitea, int, str], object]
READS: dict[str, Call] = {
    "pull_requests": lambda forge, number, commit: forge.pull_requests(),
    "pull_request": lambda forge, number, commit: forge.pull_request(number),
    "changed_files": lambda forge, number, commit: forge.changed_files(number),
    "find_open": lambda forge, number, commit: forge.find_open("feature", "main"),
    "permission": lambda forge, number, commit: forge.permission("root1"),
}
COMMENTS: dict[str, Call] = {
    "create_comment": lambda forge, number, commit: forge.create_comment(number, "Hello"),
    "comment's life": lambda forge, number, commit: _comment(forge, number),
}
WRITES: dict[str, Call] = {
    "set_status": lambda forge, number, commit: forge.set_status(commit, STATUS),
    "update_pull_request": lambda forge, number, commit: forge.update_pull_request(number, "Title", "Body"),
    "open_pull_request": lambda forge, number, commit: forge.open_pull_request("other", "main", "Other", ""),
    "close_pull_request": lambda forge, number, commit: forge.close_pull_request(number),
}
STATUS = Status(context="starry", state="success", description="Fine")
ALL = {**READS, **COMMENTS, **WRITES}


def _comment(forge: Gitea, number: int) -> None:
    made = forge.create_comment(number, "Hello")
    assert made in forge.comments(number)
    forge.update_comment(number, made.id, "Bye")
    forge.delete_comment(number, made.id)


@pytest.fixture(scope="module")
def commit() -> list[str]:
    return []


@pytest.fixture(scope="module")
def repository(gitea: GiteaServer, commit: list[str]) -> GiteaRepository:
    repository = gitea.new_repository("backend", private=True)
    commit.append(repository.push_branch("feature"))
    repository.push_branch("other")
    repository.open_pull_request("feature")
    return repository


def run(call: Call, forge: Gitea, repository: GiteaRepository, commit: list[str]) -> None:
    number = int(repository.call("GET", "/pulls?state=all&sort=oldest")[0]["number"])
    call(forge, number, commit[0])


@pytest.mark.parametrize("name", ALL)
def test_wrong_token(repository: GiteaRepository, commit: list[str], forge_of: ForgeOf, name: str):
    token = "0123456789abcdef" * 2 + "01234567"
    with pytest.raises(AccessDenied) as caught:
        run(ALL[name], forge_of(repository, token=token), repository, commit)
    assert "401" in caught.value.message
    assert token not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", ALL)
def test_token_without_the_scope(
    gitea: GiteaServer, repository: GiteaRepository, commit: list[str], forge_of: ForgeOf, name: str
):
    token = gitea.token(repository.owner, ["read:user"])
    with pytest.raises(AccessDenied) as caught:
        run(ALL[name], forge_of(repository, token=token), repository, commit)
    assert "403" in caught.value.message


@pytest.mark.parametrize("name", {**COMMENTS, **WRITES})
def test_token_that_may_only_read(
    gitea: GiteaServer, repository: GiteaRepository, commit: list[str], forge_of: ForgeOf, name: str
):
    token = gitea.token(repository.owner, ["read:repository", "read:issue"])
    with pytest.raises(AccessDenied) as caught:
        run(ALL[name], forge_of(repository, token=token), repository, commit)
    assert "403" in caught.value.message


@pytest.mark.parametrize(
    ("scopes", "calls"),
    [
        (["read:repository"], READS),
        (["write:issue"], {"create_comment": COMMENTS["create_comment"]}),
        (["write:issue", "read:repository"], {**READS, **COMMENTS}),
        (["write:repository"], {**READS, **WRITES}),
    ],
)
def test_the_least_scopes(
    gitea: GiteaServer,
    repository: GiteaRepository,
    commit: list[str],
    forge_of: ForgeOf,
    scopes: list[str],
    calls: dict[str, Call],
):
    forge = forge_of(repository, token=gitea.token(repository.owner, scopes))
    for call in calls.values():
        run(call, forge, repository, commit)


@pytest.mark.parametrize("name", ALL)
def test_missing_repository(
    gitea: GiteaServer, repository: GiteaRepository, commit: list[str], forge_of: ForgeOf, name: str
):
    forge = forge_of(f"{repository.owner.name}/nothing", by=repository.owner)
    with pytest.raises(NotFound):
        run(ALL[name], forge, repository, commit)


@pytest.mark.parametrize("name", READS)
def test_a_stranger_does_not_see_a_private_repository(
    gitea: GiteaServer, repository: GiteaRepository, commit: list[str], forge_of: ForgeOf, name: str
):
    with pytest.raises(StarryError) as caught:
        run(ALL[name], forge_of(repository, by=gitea.user("stranger")), repository, commit)
    assert isinstance(caught.value, (NotFound, AccessDenied))
