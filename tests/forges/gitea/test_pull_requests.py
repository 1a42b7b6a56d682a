"""Reading pull requests from a real Gitea."""

from datetime import UTC, datetime, timedelta

import pytest

from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.errors import NotFound
from starry_gitops.forges.finding import find_forge
from tests.forges.gitea.conftest import ForgeOf
from tests.support.basics import git
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer

MANY = 55


@pytest.fixture
def repository(gitea: GiteaServer) -> GiteaRepository:
    return gitea.new_repository("backend")


def test_one(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf):
    bob = repository.user("bob", "write")
    commit = repository.push_branch("feature/one", {"a.txt": "1\n"})
    number = repository.open_pull_request("feature/one", title="Add ä", body="Why\n", labels=["x y", "preview"], by=bob)
    found = forge_of(repository).pull_request(number)
    assert found.updated_at is not None
    assert datetime.now(UTC) - found.updated_at < timedelta(minutes=5)
    assert found == ForgePullRequest(
        number=number,
        url=f"{gitea.url}/{repository.path}/pulls/{number}",
        title="Add ä",
        state="open",
        draft=False,
        author=bob.name,
        labels=found.labels,
        head_branch="feature/one",
        head_commit=commit,
        head_repository=repository.path,
        base_branch="main",
        base_repository=repository.path,
        body="Why\n",
        updated_at=found.updated_at,
    )
    assert set(found.labels) == {"x y", "preview"}
    assert not found.is_fork
    assert list(forge_of(repository).pull_requests()) == [found]


@pytest.mark.parametrize(
    "place", ["{page}", "{page}/", "{page}.git", "{page}/pulls/{number}", "{page}/pulls/{number}/files"]
)
def test_found_by_url(repository: GiteaRepository, monkeypatch: pytest.MonkeyPatch, place: str):
    repository.push_branch("feature")
    number = repository.open_pull_request("feature")
    monkeypatch.setenv("STARRY_FORGE_TOKEN", repository.owner.token)
    forge = find_forge(place.format(page=repository.page, number=number), kind="gitea")
    assert (forge.kind, forge.repository, forge.me()) == ("gitea", repository.path, repository.owner.name)
    assert [one.number for one in forge.pull_requests()] == [number]


def test_none(repository: GiteaRepository, forge_of: ForgeOf):
    assert list(forge_of(repository).pull_requests()) == []


def test_more_than_a_page(repository: GiteaRepository, forge_of: ForgeOf, monkeypatch: pytest.MonkeyPatch):
    branches = [f"feature/{number:02}" for number in range(MANY)]
    repository.push_branches({branch: {f"{branch}.txt": "1\n"} for branch in branches})
    for branch in branches:
        repository.open_pull_request(branch, title=f"Change {branch}")
    forge = forge_of(repository)
    found = forge.pull_requests()
    assert sorted(one.head_branch for one in found) == branches
    assert len({one.number for one in found}) == MANY
    assert {one.state for one in found} == {"open"}
    for branch in (branches[0], branches[-1]):
        one = forge.find_open(branch, "main")
        assert one is not None
        assert one.title == f"Change {branch}"
    monkeypatch.setattr("starry_gitops.forges.gitea._PAGE", 7)
    assert forge.pull_requests() == found


def test_a_page_that_is_just_full(gitea: GiteaServer, forge_of: ForgeOf, monkeypatch: pytest.MonkeyPatch):
    repository = gitea.new_repository("full")
    repository.push_branches({name: {name: "1\n"} for name in ("a", "b", "c", "d")})
    for name in ("a", "b", "c", "d"):
        repository.open_pull_request(name)
    for size in (2, 4):
        monkeypatch.setattr("starry_gitops.forges.gitea._PAGE", size)
        assert len(forge_of(repository).pull_requests()) == 4


@pytest.mark.parametrize("title", ["WIP: not yet", "[WIP] not yet", "wip: not yet"])
def test_draft(repository: GiteaRepository, forge_of: ForgeOf, title: str):
    repository.push_branch("feature")
    number = repository.open_pull_request("feature", title=title)
    assert forge_of(repository).pull_request(number).draft
    assert [one.draft for one in forge_of(repository).pull_requests()] == [True]


def test_closed_merged_and_open_again(repository: GiteaRepository, forge_of: ForgeOf):
    repository.push_branches({name: {name: "1\n"} for name in ("closed", "merged", "again")})
    numbers = {name: repository.open_pull_request(name) for name in ("closed", "merged", "again")}
    repository.close(numbers["closed"])
    repository.merge(numbers["merged"])
    repository.close(numbers["again"])
    repository.reopen(numbers["again"])
    forge = forge_of(repository)
    states = {name: forge.pull_request(number).state for name, number in numbers.items()}
    assert states == {"closed": "closed", "merged": "merged", "again": "open"}
    assert [one.number for one in forge.pull_requests()] == [numbers["again"]]


def test_merged_and_branch_gone(repository: GiteaRepository, forge_of: ForgeOf):
    commit = repository.push_branch("feature")
    number = repository.open_pull_request("feature")
    repository.merge(number)
    repository.delete_branch("feature")
    found = forge_of(repository).pull_request(number)
    assert (found.state, found.head_branch, found.head_commit) == ("merged", "feature", commit)


def test_a_new_commit(repository: GiteaRepository, forge_of: ForgeOf):
    repository.push_branch("feature", {"a": "1\n"})
    number = repository.open_pull_request("feature")
    commit = repository.push_branch("feature", {"a": "2\n"})
    assert forge_of(repository).pull_request(number).head_commit == commit


def test_a_fork(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf):
    mallory = gitea.user("mallory")
    fork = repository.fork(mallory)
    commit = fork.push_branch("feature")
    number = repository.open_pull_request(f"{mallory.name}:feature", by=mallory)
    forge = forge_of(repository)
    for found in (forge.pull_request(number), *forge.pull_requests()):
        assert found.is_fork
        assert (found.head_repository, found.head_branch, found.head_commit) == (fork.path, "feature", commit)
        assert found.base_repository == repository.path


def test_a_fork_that_is_gone(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf):
    mallory = gitea.user("mallory")
    fork = repository.fork(mallory)
    commit = fork.push_branch("feature")
    number = repository.open_pull_request(f"{mallory.name}:feature", by=mallory)
    fork.delete()
    forge = forge_of(repository)
    for found in (forge.pull_request(number), *forge.pull_requests()):
        assert found.is_fork
        assert (found.head_repository, found.head_branch, found.head_commit) == (None, "feature", commit)


def test_pushed_without_a_branch(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf, tmp_path):
    """Whoever may read can open a pull request with a push (AGit); Gitea says that it is the repository's own."""
    mallory = gitea.user("mallory")
    env = repository.git_environment(mallory)
    git(tmp_path, "clone", "--quiet", repository.clone_url, "clone", env=env)
    clone = tmp_path / "clone"
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Mine")
    git(clone, "push", "--quiet", "origin", "HEAD:refs/for/main", "-o", "topic=feature", env=env)
    forge = forge_of(repository)
    (listed,) = forge.pull_requests()
    for found in (listed, forge.pull_request(listed.number)):
        assert found.is_fork
        assert found.author == mallory.name
        assert found.head_commit == git(clone, "rev-parse", "HEAD")
    assert forge.find_open("feature", "main") is None
    assert forge.find_open(f"{mallory.name}/feature", "main") is None


def test_the_author_is_gone(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf):
    bob = repository.user("bob", "write")
    repository.push_branch("feature")
    number = repository.open_pull_request("feature", by=bob)
    repository.comment(number, "Mine", by=bob)
    gitea.call("DELETE", f"/admin/users/{bob.name}")
    forge = forge_of(repository)
    assert forge.pull_request(number).author == "Ghost"
    assert [one.author for one in forge.pull_requests()] == ["Ghost"]
    assert [one.author for one in forge.comments(number)] == ["Ghost"]


def test_head_ref(repository: GiteaRepository, forge_of: ForgeOf, tmp_path):
    commit = repository.push_branch("feature")
    number = repository.open_pull_request("feature")
    repository.close(number)
    repository.delete_branch("feature")
    told = git(tmp_path, "ls-remote", repository.clone_url, forge_of(repository).head_ref(number))
    assert told.split()[0] == commit


def test_renamed_repository(repository: GiteaRepository, forge_of: ForgeOf):
    repository.push_branch("feature")
    number = repository.open_pull_request("feature")
    forge = forge_of(repository)
    repository.call("PATCH", "", {"name": "renamed"})
    assert forge.pull_request(number).base_repository == f"{repository.owner.name}/renamed"


@pytest.mark.parametrize("number", [1, 999])
def test_missing(repository: GiteaRepository, forge_of: ForgeOf, number: int):
    repository.call("POST", "/issues", {"title": "An issue has a number too"})
    with pytest.raises(NotFound):
        forge_of(repository).pull_request(number)


def test_changed_files(repository: GiteaRepository, forge_of: ForgeOf):
    text = "".join(f"line {number}\n" for number in range(50))
    repository.push_branch("main", {"old name": text, "gone": "1\n", "kept": "1\n", "binary": b"\0\1"})
    moved = {"old name": None, "new näme": text, "gone": None, "kept": "2\n", "binary": b"\0\2", 'a/"b"\t': "1\n"}
    repository.push_branch("feature", moved)
    number = repository.open_pull_request("feature")
    repository.push_branch("main", {"meanwhile": "1\n"})
    found = forge_of(repository).changed_files(number)
    assert sorted(found) == sorted(["old name", "new näme", "gone", "kept", "binary", 'a/"b"\t'])


def test_many_changed_files(repository: GiteaRepository, forge_of: ForgeOf):
    files = {f"folder/{number:03}": "1\n" for number in range(130)}
    repository.push_branch("feature", files)
    number = repository.open_pull_request("feature")
    assert sorted(forge_of(repository).changed_files(number)) == sorted(files)


def test_changed_files_of_a_merged_and_of_a_missing_one(repository: GiteaRepository, forge_of: ForgeOf):
    repository.push_branch("feature", {"a": "1\n"})
    number = repository.open_pull_request("feature")
    repository.merge(number)
    repository.push_branch("main", {"b": "1\n"})
    assert list(forge_of(repository).changed_files(number)) == ["a"]
    with pytest.raises(NotFound):
        forge_of(repository).changed_files(99)
