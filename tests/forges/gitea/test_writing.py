"""Opening, changing, closing and merging pull requests on a real Gitea."""

import time

import pytest

from starry_gitops.errors import AccessDenied, ForgeRefusal, NotFound
from starry_gitops.forges.gitea import Gitea
from tests.forges.gitea.conftest import ForgeOf
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer


@pytest.fixture
def repository(gitea: GiteaServer) -> GiteaRepository:
    return gitea.new_repository("apps")


@pytest.fixture
def forge(repository: GiteaRepository, forge_of: ForgeOf) -> Gitea:
    return forge_of(repository)


def until_state(forge: Gitea, number: int, state: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while forge.pull_request(number).state != state:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_open_find_update_close(repository: GiteaRepository, forge: Gitea):
    commit = repository.push_branch("starry/preview-1")
    assert forge.find_open("starry/preview-1", "main") is None
    made = forge.open_pull_request("starry/preview-1", "main", "preview: create ä", "Why\n\n- a")
    assert (made.state, made.title, made.body, made.head_commit) == ("open", "preview: create ä", "Why\n\n- a", commit)
    assert made.author == repository.owner.name
    assert forge.find_open("starry/preview-1", "main") == made
    forge.update_pull_request(made.number, "Other", "")
    found = forge.pull_request(made.number)
    assert (found.title, found.body, found.state) == ("Other", "", "open")
    forge.close_pull_request(made.number)
    assert forge.pull_request(made.number).state == "closed"
    assert forge.find_open("starry/preview-1", "main") is None


def test_close_twice_and_once_merged(repository: GiteaRepository, forge: Gitea):
    repository.push_branches({"a": {"a": "1\n"}, "b": {"b": "1\n"}})
    closed, merged = repository.open_pull_request("a"), repository.open_pull_request("b")
    forge.close_pull_request(closed)
    forge.close_pull_request(closed)
    repository.merge(merged)
    forge.close_pull_request(merged)
    assert (forge.pull_request(closed).state, forge.pull_request(merged).state) == ("closed", "merged")


def test_open_twice(repository: GiteaRepository, forge: Gitea):
    repository.push_branch("feature")
    made = forge.open_pull_request("feature", "main", "Once", "")
    with pytest.raises(ForgeRefusal) as caught:
        forge.open_pull_request("feature", "main", "Twice", "")
    assert "409" in caught.value.message
    assert [one.number for one in forge.pull_requests()] == [made.number]


def test_open_again_once_closed(repository: GiteaRepository, forge: Gitea):
    repository.push_branch("feature")
    first = forge.open_pull_request("feature", "main", "Once", "")
    forge.close_pull_request(first.number)
    second = forge.open_pull_request("feature", "main", "Again", "")
    assert second.number != first.number
    assert forge.find_open("feature", "main") == second


def test_open_into_itself(forge: Gitea):
    with pytest.raises(ForgeRefusal):
        forge.open_pull_request("main", "main", "Nothing", "")


@pytest.mark.parametrize(("head", "base"), [("nowhere", "main"), ("feature", "nowhere")])
def test_open_without_a_branch(repository: GiteaRepository, forge: Gitea, head: str, base: str):
    repository.push_branch("feature")
    with pytest.raises(NotFound):
        forge.open_pull_request(head, base, "Nothing", "")


def test_open_as_a_stranger(gitea: GiteaServer, forge_of: ForgeOf):
    repository = gitea.new_repository("apps", private=True)
    repository.push_branch("feature")
    with pytest.raises(NotFound):
        forge_of(repository, by=gitea.user("stranger")).open_pull_request("feature", "main", "Mine", "")


def test_update_and_close_as_a_reader(gitea: GiteaServer, repository: GiteaRepository, forge_of: ForgeOf):
    repository.push_branch("feature")
    number = repository.open_pull_request("feature", title="Mine")
    stranger = forge_of(repository, by=gitea.user("stranger"))
    with pytest.raises(AccessDenied):
        stranger.update_pull_request(number, "Yours", "")
    with pytest.raises(AccessDenied):
        stranger.close_pull_request(number)
    found = forge_of(repository).pull_request(number)
    assert (found.title, found.state) == ("Mine", "open")


def test_find_open_wants_this_base_and_this_branch(repository: GiteaRepository, forge: Gitea):
    repository.push_branch("release")
    repository.push_branches({"feature": {"f": "1\n"}, "feature2": {"g": "1\n"}})
    repository.open_pull_request("feature2")
    into_release = repository.open_pull_request("feature", base="release")
    assert forge.find_open("feature", "main") is None
    into_main = repository.open_pull_request("feature")
    for base, number in (("main", into_main), ("release", into_release)):
        found = forge.find_open("feature", base)
        assert found is not None
        assert found.number == number


def test_find_open_ignores_a_forks_branch_of_the_same_name(
    gitea: GiteaServer, repository: GiteaRepository, forge: Gitea
):
    mallory = gitea.user("mallory")
    fork = repository.fork(mallory)
    fork.push_branch("starry/preview-1")
    theirs = repository.open_pull_request(f"{mallory.name}:starry/preview-1", by=mallory)
    assert forge.find_open("starry/preview-1", "main") is None
    repository.push_branch("starry/preview-1")
    made = forge.open_pull_request("starry/preview-1", "main", "Ours", "")
    assert made.number != theirs
    assert forge.find_open("starry/preview-1", "main") == made


def test_auto_merge_waits_for_the_required_check(repository: GiteaRepository, forge: Gitea):
    repository.protect(status_check_contexts=["ci"])
    commit = repository.push_branch("feature")
    made = forge.open_pull_request("feature", "main", "Change", "")
    assert forge.auto_merge(made.number, commit)
    assert forge.auto_merge(made.number, commit)
    assert forge.pull_request(made.number).state == "open"
    repository.set_status(commit, "failure")
    assert forge.pull_request(made.number).state == "open"
    repository.set_status(commit, "success")
    until_state(forge, made.number, "merged")


def test_auto_merge_where_no_check_is_required(repository: GiteaRepository, forge: Gitea):
    commit = repository.push_branch("feature", {"a.txt": "1\n"})
    made = forge.open_pull_request("feature", "main", "Change", "")
    assert forge.auto_merge(made.number, commit)
    until_state(forge, made.number, "merged")
    assert repository.read("a.txt") == "1\n"


def test_auto_merge_as_the_repository_merges(repository: GiteaRepository, forge: Gitea):
    styles = {"allow_merge_commits": False, "allow_rebase": False, "allow_rebase_explicit": False}
    repository.call("PATCH", "", {**styles, "allow_squash_merge": True, "default_merge_style": "squash"})
    commit = repository.push_branch("feature")
    made = forge.open_pull_request("feature", "main", "Change", "")
    assert forge.auto_merge(made.number, commit)
    until_state(forge, made.number, "merged")


def test_auto_merge_wants_the_head_that_was_seen(repository: GiteaRepository, forge: Gitea):
    before = repository.push_branch("feature", {"a": "1\n"})
    made = forge.open_pull_request("feature", "main", "Change", "")
    repository.push_branch("feature", {"a": "2\n"})
    with pytest.raises(ForgeRefusal):
        forge.auto_merge(made.number, before)
    assert forge.pull_request(made.number).state == "open"


def test_auto_merge_is_not_for_drafts_closed_ones_and_conflicts(
    repository: GiteaRepository, forge: Gitea, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("starry_gitops.forges.gitea._MERGE_LOOKS", 4)
    commits = repository.push_branches({"draft": {"a": "1\n"}, "closed": {"b": "1\n"}, "conflict": {"c": "1\n"}})
    repository.push_branch("main", {"c": "2\n"})
    numbers = {
        "draft": repository.open_pull_request("draft", title="WIP: no"),
        "closed": repository.open_pull_request("closed"),
        "conflict": repository.open_pull_request("conflict"),
    }
    repository.close(numbers["closed"])
    for name, number in numbers.items():
        assert not forge.auto_merge(number, commits[name]), name
        assert forge.pull_request(number).state != "merged"


def test_auto_merge_as_somebody_who_may_not(repository: GiteaRepository, forge_of: ForgeOf):
    commit = repository.push_branch("feature")
    number = repository.open_pull_request("feature")
    reader = forge_of(repository, by=repository.user("reader", "read"))
    assert not reader.auto_merge(number, commit)
    assert forge_of(repository).pull_request(number).state == "open"
