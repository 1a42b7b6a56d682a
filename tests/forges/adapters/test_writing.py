"""What both adapters write alike."""

import pytest

from starry_gitops.core.forge import Status
from starry_gitops.errors import AccessDenied, ForgeRefusal, NotFound
from tests.support.forges import Case


def test_a_comments_life(case: Case):
    number = case.state.open("feature")
    forge = case.forge()
    made = forge.create_comment(number, "one\n<!-- marker -->")
    assert (made.author, made.body) == ("ada", "one\n<!-- marker -->")
    assert forge.comments(number) == [made]
    changed = forge.update_comment(number, made.id, "two \U0001f680")
    assert (changed.id, changed.body) == (made.id, "two \U0001f680")
    assert forge.comments(number) == [changed]
    forge.delete_comment(number, made.id)
    assert forge.comments(number) == []


def test_a_comment_that_is_gone(case: Case):
    number = case.state.open("feature")
    case.forge().delete_comment(number, 12345)
    with pytest.raises(NotFound):
        case.forge().update_comment(number, 12345, "x")
    with pytest.raises(NotFound):
        case.forge().delete_comment(99, 12345)
    with pytest.raises(NotFound):
        case.forge().create_comment(99, "x")


def test_somebody_elses_comment(case: Case):
    case.state.person("bob", "read", token="bobs")
    comment = case.state.note(case.state.open("feature"), "mine")
    with pytest.raises(AccessDenied):
        case.forge("bobs").update_comment(1, comment, "x")
    assert case.state.notes[comment].body == "mine"


def test_the_longest_comment(case: Case):
    forge = case.forge(seconds=20)
    number = case.state.open("feature")
    assert len(forge.create_comment(number, "x" * forge.longest_comment).body) == forge.longest_comment
    with pytest.raises(ForgeRefusal):
        forge.create_comment(number, "x" * (forge.longest_comment + 1))


def test_a_pull_requests_life(case: Case):
    commit = case.state.push("starry/x")
    forge = case.forge()
    made = forge.open_pull_request("starry/x", "main", "Create x", "what it says")
    assert (made.title, made.body, made.head_commit) == ("Create x", "what it says", commit)
    assert (made.author, made.state, made.is_fork) == ("ada", "open", False)
    assert forge.find_open("starry/x", "main") == made
    forge.update_pull_request(made.number, "Create y", "other")
    changed = forge.pull_request(made.number)
    assert (changed.title, changed.body) == ("Create y", "other")
    forge.close_pull_request(made.number)
    assert forge.pull_request(made.number).state == "closed"


def test_a_second_pull_request_for_a_branch_is_refused(case: Case):
    case.state.push("starry/x")
    case.forge().open_pull_request("starry/x", "main", "t", "b")
    with pytest.raises(ForgeRefusal) as raised:
        case.forge().open_pull_request("starry/x", "main", "t", "b")
    assert "already exists" in str(raised.value)


def test_a_branch_that_is_not_there(case: Case):
    with pytest.raises(ForgeRefusal):
        case.forge().open_pull_request("nothing", "main", "t", "b")


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_what_is_closed_is_left_alone(case: Case, state: str):
    number = case.state.open("feature")
    case.state.pulls[number].state = state
    case.forge().close_pull_request(number)
    assert case.state.pulls[number].state == state
    assert not case.asked("PATCH") + case.asked("PUT")


def test_who_may_only_read(case: Case):
    case.state.person("bob", "read", token="bobs")
    case.state.push("starry/x")
    forge, number = case.forge("bobs"), case.state.open("feature")
    for write in (
        lambda: forge.open_pull_request("starry/x", "main", "t", "b"),
        lambda: forge.update_pull_request(number, "t", "b"),
        lambda: forge.close_pull_request(number),
        lambda: forge.set_status(case.state.branches["feature"], Status(context="c", state="success", description="d")),
    ):
        with pytest.raises(AccessDenied):
            write()
    assert forge.auto_merge(number, case.state.branches["feature"]) is False


def test_auto_merge(case: Case):
    number = case.state.open("feature")
    forge, commit = case.forge(), case.state.branches["feature"]
    assert forge.auto_merge(number, commit) is True
    assert case.state.pulls[number].auto_merge is True
    asked = len(case.server.asked)
    assert forge.auto_merge(number, commit) is True
    assert len(case.server.asked) == asked + 1


def test_auto_merge_waits_until_the_forge_knows_whether_it_can_be_merged(case: Case):
    number = case.state.open("feature", looks=3)
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is True


def test_auto_merge_where_nothing_is_to_be_waited_for(case: Case):
    number = case.state.open("feature", blocked=False)
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is case.is_gitlab
    assert case.state.pulls[number].state == ("merged" if case.is_gitlab else "open")


def test_auto_merge_where_it_is_not_allowed(case: Case):
    case.state.allows_auto_merge = False
    number = case.state.open("feature")
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is False


@pytest.mark.parametrize("more", [{"draft": True}, {"state": "closed"}], ids=["draft", "closed"])
def test_auto_merge_of_what_cannot_be_merged(case: Case, more: dict):
    number = case.state.open("feature", **more)
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is False
    assert case.state.pulls[number].auto_merge is False


def test_auto_merge_of_another_commit(case: Case):
    number = case.state.open("feature")
    old = case.state.branches["feature"]
    case.state.push("feature")
    with pytest.raises(ForgeRefusal):
        case.forge().auto_merge(number, old)
    assert case.state.pulls[number].auto_merge is False


def test_auto_merge_of_what_is_pushed_to_meanwhile(case: Case):
    number = case.state.open("feature")
    old = case.state.branches["feature"]
    case.server.meanwhile("GET .*(pulls|merge_requests)/1", lambda: case.state.push("feature"))
    with pytest.raises(ForgeRefusal):
        case.forge().auto_merge(number, old)
    assert case.state.pulls[number].auto_merge is False


@pytest.mark.parametrize("state", ["pending", "success", "failure"])
def test_statuses(case: Case, state):
    commit = case.state.push("feature")
    case.forge().set_status(commit, Status(context="starry/x", state=state, description="d", url="https://x.example/"))
    told = case.state.statuses[commit, "starry/x"]
    expected = "failed" if case.is_gitlab and state == "failure" else state
    assert (told["state"], told["description"], told["target_url"]) == (expected, "d", "https://x.example/")


def test_a_status_again_and_another_and_a_long_one(case: Case):
    commit = case.state.push("feature")
    for state in ("pending", "pending", "success", "pending", "failure"):
        case.forge().set_status(commit, Status(context="starry/x", state=state, description="long " * 100))
    assert case.state.statuses[commit, "starry/x"]["state"] == ("failed" if case.is_gitlab else "failure")


def test_a_status_of_a_commit_that_is_not_there(case: Case):
    with pytest.raises((NotFound, ForgeRefusal)):
        case.forge().set_status("0" * 40, Status(context="c", state="success", description="d"))
