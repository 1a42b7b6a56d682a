"""Comments and statuses on a real Gitea."""

import pytest

from starry_gitops.core.forge import ForgeComment, Status
from starry_gitops.errors import AccessDenied, ForgeRefusal, NotFound
from tests.forges.gitea.conftest import ForgeOf
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer

MISSING = 999


@pytest.fixture(scope="module")
def repository(gitea: GiteaServer) -> GiteaRepository:
    repository = gitea.new_repository("backend")
    repository.push_branch("feature")
    return repository


@pytest.fixture(scope="module")
def number(repository: GiteaRepository) -> int:
    return repository.open_pull_request("feature")


@pytest.fixture(autouse=True)
def _no_comment(repository: GiteaRepository, number: int) -> None:
    for comment in repository.call("GET", f"/issues/{number}/comments"):
        repository.call("DELETE", f"/issues/comments/{comment['id']}")


def test_life_of_a_comment(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    forge = forge_of(repository)
    author = repository.owner.name
    assert list(forge.comments(number)) == []
    made = forge.create_comment(number, "<!-- mark -->\n**Hello** ä 🎉")
    assert made == ForgeComment(id=made.id, author=author, body="<!-- mark -->\n**Hello** ä 🎉")
    assert list(forge.comments(number)) == [made]
    changed = forge.update_comment(number, made.id, "Bye")
    assert changed == ForgeComment(id=made.id, author=author, body="Bye")
    assert list(forge.comments(number)) == [changed]
    forge.delete_comment(number, made.id)
    assert list(forge.comments(number)) == []


def test_update_to_the_same_text(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    forge = forge_of(repository)
    made = forge.create_comment(number, "Same")
    assert forge.update_comment(number, made.id, "Same") == made


def test_delete_twice(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    forge = forge_of(repository)
    made = forge.create_comment(number, "Gone")
    forge.delete_comment(number, made.id)
    forge.delete_comment(number, made.id)
    with pytest.raises(NotFound):
        forge.update_comment(number, made.id, "Again")


def test_delete_in_a_repository_that_is_not_there(forge_of: ForgeOf, gitea: GiteaServer):
    with pytest.raises(NotFound):
        forge_of("nobody/nothing", by=gitea.admin).delete_comment(1, 1)


def test_all_of_many_oldest_first(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    texts = [f"comment {index}" for index in range(60)]
    for text in texts:
        repository.comment(number, text)
    assert [one.body for one in forge_of(repository).comments(number)] == texts


def test_the_longest(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    forge = forge_of(repository)
    body = "ä" * forge.longest_comment
    made = forge.create_comment(number, body)
    assert made.body == body
    assert forge.update_comment(number, made.id, body[::-1]).body == body[::-1]


def test_no_review(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    reviewer = repository.user("reviewer", "write")
    line = {"path": "feature.txt", "new_position": 1, "body": "This line"}
    review = {"body": "All of it", "event": "COMMENT", "comments": [line]}
    repository.call("POST", f"/pulls/{number}/reviews", review, by=reviewer)
    repository.close(number)
    repository.reopen(number)
    assert list(forge_of(repository).comments(number)) == []


def test_somebody_elses(gitea: GiteaServer, repository: GiteaRepository, number: int, forge_of: ForgeOf):
    theirs = repository.comment(number, "Theirs")
    stranger = forge_of(repository, by=gitea.user("stranger"))
    with pytest.raises(AccessDenied):
        stranger.update_comment(number, theirs, "Mine")
    with pytest.raises(AccessDenied):
        stranger.delete_comment(number, theirs)
    assert repository.comments(number) == [(repository.owner.name, "Theirs")]


def test_of_a_pull_request_that_is_not_there(repository: GiteaRepository, forge_of: ForgeOf):
    with pytest.raises(NotFound):
        forge_of(repository).comments(MISSING)
    with pytest.raises(NotFound):
        forge_of(repository).create_comment(MISSING, "Hello")


def test_an_empty_one_is_refused(repository: GiteaRepository, number: int, forge_of: ForgeOf):
    with pytest.raises(ForgeRefusal):
        forge_of(repository).create_comment(number, "")


def test_locked(repository: GiteaRepository, gitea: GiteaServer, forge_of: ForgeOf):
    repository.push_branch("locked")
    number = repository.open_pull_request("locked")
    repository.call("PUT", f"/issues/{number}/lock", {"lock_reason": "Spam"})
    with pytest.raises(AccessDenied):
        forge_of(repository, by=gitea.user("stranger")).create_comment(number, "Hello")


def test_status(repository: GiteaRepository, forge_of: ForgeOf):
    forge = forge_of(repository)
    commit = repository.push_branch("status")
    link = "https://preview-1.example.com/"
    for state in ("pending", "failure", "success"):
        forge.set_status(commit, Status(context="starry/preview", state=state, description="As is", url=link))
    forge.set_status(commit, Status(context="other", state="pending", description=""))
    found = repository.call("GET", f"/commits/{commit}/status")
    shown = {one["context"]: (one["status"], one["description"], one["target_url"]) for one in found["statuses"]}
    assert shown == {"starry/preview": ("success", "As is", link), "other": ("pending", "", "")}


def test_status_of_a_commit_that_is_not_there(repository: GiteaRepository, forge_of: ForgeOf):
    status = Status(context="starry", state="success", description="")
    with pytest.raises(NotFound):
        forge_of(repository).set_status("1" * 40, status)


def test_status_of_a_reader(repository: GiteaRepository, forge_of: ForgeOf):
    commit = repository.push_branch("status2")
    status = Status(context="starry", state="success", description="")
    with pytest.raises(AccessDenied):
        forge_of(repository, by=repository.user("reader", "read")).set_status(commit, status)
