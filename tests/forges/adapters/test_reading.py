"""What both adapters read alike."""

import pytest

from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound
from tests.support.forge_state import ChangedFile
from tests.support.forges import Case


def test_all_open_pull_requests_over_several_pages(case: Case):
    for number in range(250):
        case.state.open(f"branch-{number}", fork="eve/backend" if number % 50 == 0 else "")
    case.state.pulls[7].state = "closed"
    case.state.pulls[8].state = "merged"
    found = case.forge().pull_requests()
    assert [one.number for one in found] == [number for number in range(1, 251) if number not in {7, 8}]
    assert [one.number for one in found if one.is_fork] == [1, 51, 101, 151, 201]


def test_a_forks_project_is_asked_for_once(case: Case):
    for number in range(3):
        case.state.open(f"branch-{number}", fork="eve/backend")
    assert {one.head_repository for one in case.forge().pull_requests()} == {"eve/backend"}
    assert len([path for path in case.asked("GET") if path.startswith("/projects/") and path.count("/") == 2]) <= 1


def test_what_a_pull_request_is(case: Case):
    number = case.state.open("feature", title="Add <x> \u202e", labels=["preview", "a b"], draft=True, body="why")
    found = case.forge().pull_request(number)
    assert (found.number, found.state, found.draft, found.author) == (number, "open", True, "ada")
    assert (found.title, found.body, found.labels) == ("Add <x> \u202e", "why", ("preview", "a b"))
    assert (found.head_branch, found.base_branch) == ("feature", "main")
    assert found.head_commit == case.state.branches["feature"]
    assert (found.head_repository, found.base_repository, found.is_fork) == (case.state.path, case.state.path, False)
    assert found.url.startswith(case.server.page)
    assert found.updated_at is not None
    assert case.forge().pull_requests() == [found]


@pytest.mark.parametrize("state", ["open", "closed", "merged"])
def test_each_state(case: Case, state: str):
    number = case.state.open("feature")
    case.state.pulls[number].state = state
    assert case.forge().pull_request(number).state == state
    assert len(case.forge().pull_requests()) == (state == "open")


def test_a_locked_pull_request_is_open(case: Case):
    case.state.open("feature", locked=True)
    assert [one.state for one in case.forge().pull_requests()] == ["open"]


def test_a_pull_request_without_a_body(case: Case):
    assert case.forge().pull_request(case.state.open("feature", body=None)).body == ""


@pytest.mark.parametrize(("fork", "known"), [("eve/backend", "eve/backend"), (None, None)])
def test_a_forks_pull_request(case: Case, fork: str | None, known: str | None):
    number = case.state.open("feature", fork=fork, author="eve")
    found = case.forge().pull_request(number)
    assert (found.is_fork, found.head_repository) == (True, known)
    assert case.forge().pull_requests() == [found]


def test_no_such_pull_request(case: Case):
    with pytest.raises(NotFound):
        case.forge().pull_request(99)
    with pytest.raises(NotFound):
        case.forge().comments(99)
    with pytest.raises(NotFound):
        case.forge().changed_files(99)


def test_a_repository_that_may_not_be_seen(case: Case):
    case.state.person("eve", "none", token="eves")
    forge = case.forge("eves")
    for ask in (forge.pull_requests, lambda: forge.permission("ada"), lambda: forge.find_open("a", "main")):
        with pytest.raises(NotFound):
            ask()


def test_changed_files_over_several_pages_with_both_paths_of_a_renamed_one(case: Case):
    files = [ChangedFile(path=f"src/{number}.py") for number in range(150)]
    number = case.state.open("feature", files=[*files, ChangedFile(path="b", before="a")])
    assert case.forge().changed_files(number) == [*(one.path for one in files), "a", "b"]


def test_a_pull_request_that_changes_nothing(case: Case):
    assert case.forge().changed_files(case.state.open("feature")) == []


def test_files_that_are_not_all_listed(case: Case):
    number = case.state.open("feature", files=[ChangedFile(path="a")], more_files=1)
    with pytest.raises(DoubtfulAnswer):
        case.forge().changed_files(number)


def test_comments_oldest_first_over_several_pages(case: Case):
    number, other = case.state.open("feature"), case.state.open("other")
    case.state.note(other, "elsewhere")
    for index in range(120):
        case.state.note(number, f"comment {index}", author="eve" if index else "ada")
    found = case.forge().comments(number)
    assert [one.body for one in found] == [f"comment {index}" for index in range(120)]
    assert [one.author for one in found[:2]] == ["ada", "eve"]


def test_whose_token_it_is(case: Case):
    assert case.forge().me() == "ada"


def test_a_token_that_cannot_know_whose_it_is(case: Case):
    case.state.tokens["of-a-job"] = ""
    assert case.forge("of-a-job").me() == ""


def test_a_wrong_token(case: Case):
    forge = case.forge("wrong-token")
    for ask in (forge.me, forge.pull_requests, lambda: forge.comments(1), lambda: forge.permission("ada")):
        with pytest.raises(AccessDenied) as raised:
            ask()
        assert "wrong-token" not in str(raised.value) + raised.value.hint


@pytest.mark.parametrize(
    ("level", "permission"),
    [
        ("none", "none"),
        ("read", "read"),
        ("triage", "read"),
        ("write", "write"),
        ("admin", "admin"),
    ],
)
def test_permissions(case: Case, level: str, permission: str):
    case.state.person("bob", level)
    assert case.forge().permission("bob") == permission


def test_who_maintains(case: Case):
    case.state.person("bob", "maintain")
    assert case.forge().permission("bob") == ("admin" if case.is_gitlab else "write")


@pytest.mark.parametrize(
    "name", ["nobody", "", ".", "..", "a/../b", "../../user", "x y", "%2e%2e", "ä", "a?b=c", "a#b"]
)
def test_nobody_may_do_anything(case: Case, name: str):
    assert case.forge().permission(name) == "none"


def test_the_open_pull_request_of_a_branch(case: Case):
    case.state.open("starry/x", fork="eve/backend", author="eve")
    owner = case.state.path.partition("/")[0]
    case.state.open("starry/x", fork=f"{owner}/other", author="eve")
    assert case.forge().find_open("starry/x", "main") is None
    number = case.state.open("starry/x")
    case.state.push("release")
    case.state.open("starry/x", base="release")
    found = case.forge().find_open("starry/x", "main")
    assert found is not None
    assert (found.number, found.is_fork) == (number, False)
    case.state.pulls[number].state = "closed"
    assert case.forge().find_open("starry/x", "main") is None


def test_head_refs(case: Case):
    assert case.forge().head_ref(7) == ("refs/merge-requests/7/head" if case.is_gitlab else "refs/pull/7/head")


def test_names_with_special_letters_in_branches(case: Case):
    case.state.push("feature/ä&b=c #1+2")
    number = case.state.open("feature/ä&b=c #1+2")
    found = case.forge().find_open("feature/ä&b=c #1+2", "main")
    assert found is not None
    assert found.number == number
