"""GitLab's recorded answers, an independent client against the server, and a harness that notices what is unknown."""

from dataclasses import replace

import gitlab
import pytest

from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound
from starry_gitops.forges import gitlab_answers as answers
from tests.support import forge_schemas
from tests.support.forge_faults import changes
from tests.support.forge_server import Asked, Reply
from tests.support.forge_state import ChangedFile
from tests.support.forges import TOKEN, Case, running
from tests.support.gitlab_contract import GitLabContract, client


@pytest.fixture
def case():
    with running("gitlab") as made:
        yield made


def test_recorded_merge_requests():
    forge_schemas.require()
    # They are older than this field.
    data = {**forge_schemas.gitlab_recording("get_merge_request"), "draft": False}
    one = answers.parse_merge_request(data, base_repository="gitlab-org/gitlab-ee", head_repository=None)
    assert (one.number, one.state, one.author, len(one.labels)) == (14656, "open", "alexkalderimis", 9)
    assert answers.parse_projects(data) == (278964, 278964)
    assert answers.count_changed_files(data) == 35
    assert answers.is_settled(data)
    listed = [{"draft": False, **item} for item in forge_schemas.gitlab_recording("get_merge_requests")]
    found = [answers.parse_merge_request(item, base_repository="a/b", head_repository=None) for item in listed]
    assert len(found) == len(listed) > 0


def test_recorded_files_and_users():
    forge_schemas.require()
    found = [answers.parse_paths(item) for item in forge_schemas.gitlab_recording("list_merge_request_diff")]
    assert found == [("README",), ("VERSION",)]
    assert answers.parse_user(forge_schemas.gitlab_recording("get_user")) == "john_smith"
    assert answers.find_user(forge_schemas.gitlab_recording("list_users"), "Example_User2") == 2


def test_an_independent_client_reads_and_writes_the_same(case: Case):
    """python-gitlab knows GitLab, and nothing of us: what it sees of the server is what the adapter sees."""
    case.state.grants["ada"] = "maintain"
    for number in range(120):
        case.state.open(f"branch-{number}", files=[ChangedFile(path="a")])
    other = gitlab.Gitlab(case.server.url, private_token=TOKEN)
    other.auth()
    assert other.user.username == case.forge().me() == "ada"
    project = other.projects.get(case.state.path)
    theirs = project.mergerequests.list(state="opened", order_by="created_at", sort="asc", get_all=True)
    ours = case.forge().pull_requests()
    seen = [(one.iid, one.title, one.sha, one.source_branch, one.web_url) for one in theirs]
    assert seen == [(one.number, one.title, one.head_commit, one.head_branch, one.url) for one in ours]
    request = project.mergerequests.get(1)
    note = request.notes.create({"body": "theirs"})
    assert [one.body for one in case.forge().comments(1)] == ["theirs"]
    case.forge().update_comment(1, note.id, "ours")
    assert [one.body for one in request.notes.list(get_all=True)] == ["ours"]
    note.delete()
    assert case.forge().comments(1) == []
    assert project.members_all.get(other.user.id).access_level == 40
    request.title = "Another"
    request.save()
    assert case.forge().pull_request(1).title == "Another"
    case.state.push("new")
    made = project.mergerequests.create({"source_branch": "new", "target_branch": "main", "title": "t"})
    assert case.forge().find_open("new", "main").number == made.iid
    made.merge(merge_when_pipeline_succeeds=True, sha=made.sha)
    assert case.state.pulls[made.iid].auto_merge
    with pytest.raises(gitlab.GitlabGetError):
        project.mergerequests.get(999)


def test_the_adapters_operations_are_known():
    forge_schemas.require()
    assert len(client().operations) > 1_000
    kinds = client().structs
    assert kinds["MergeRequest"]["source_project_id"] == "int64"
    assert {"per_page", "state", "source_branch"} <= client().queries["ListProjectMergeRequestsOptions"]


ASKED = Asked(method="GET", path="/user", query={}, body=None, token="t")
WRONG = {
    "path": {"path": "/projects/a%2Fb/pulls"},
    "method": {"method": "PATCH", "path": "/projects/a%2Fb/merge_requests/1"},
    "query": {"path": "/projects/a%2Fb/merge_requests", "query": {"limit": "50"}},
    "body": {"method": "PUT", "path": "/projects/a%2Fb/merge_requests/1", "body": {"titel": "x"}},
    "type": {"method": "PUT", "path": "/projects/a%2Fb/merge_requests/1/merge", "body": {"auto_merge": "yes"}},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG.keys())
def test_a_request_that_is_unknown_is_noticed(more: dict):
    forge_schemas.require()
    assert GitLabContract().check_request(replace(ASKED, **more))


def test_an_answer_that_is_unknown_is_noticed():
    forge_schemas.require()
    contract = GitLabContract()
    asked = replace(ASKED, path="/projects/1/merge_requests/1")
    data = {**forge_schemas.gitlab_recording("get_merge_request"), "draft": False}
    assert contract.check_answer(asked, Reply(data=data)) == []
    assert contract.check_answer(asked, Reply(data={**data, "iid": "1"}))
    assert contract.check_answer(asked, Reply(data={**data, "author": {"id": 1, "username": 2}}))
    assert contract.check_answer(asked, Reply(data={**data, "invented": 1}))
    assert contract.check_answer(asked, Reply(data={key: data[key] for key in data if key != "sha"}))


def test_what_gitlab_itself_writes_and_comments_on_lines_are_no_comments(case: Case):
    number = case.state.open("feature")
    case.state.note(number, "added 1 commit", system=True)
    case.state.note(number, "on a line", kind="DiffNote")
    case.state.note(number, "in a thread", kind="DiscussionNote")
    case.state.note(number, "alone")
    assert [one.body for one in case.forge().comments(number)] == ["in a thread", "alone"]


def test_a_blocked_member_may_do_nothing(case: Case):
    case.state.person("bob", "admin")
    case.state.blocked.add("bob")
    assert case.forge().permission("bob") == "none"


def test_names_are_compared_as_gitlab_does_and_whole(case: Case):
    case.state.person("Bob", "write")
    assert case.forge().permission("bob") == "write"
    case.server.spoil("GET /users", changes(username="bobby"))
    assert case.forge().permission("bob") == "none"


@pytest.mark.parametrize(
    ("level", "permission"),
    [(0, "none"), (5, "none"), (10, "read"), (15, "read"), (20, "read"), (30, "write"), (40, "admin"), (60, "admin")],
)
def test_access_levels(level: int, permission: str):
    assert answers.parse_permission({"access_level": level, "state": "active"}) == permission


def test_a_fork_that_may_not_be_seen(case: Case):
    case.state.open("feature", fork="eve/secret", author="eve")
    case.state.hidden_forks.add("eve/secret")
    found = case.forge().pull_requests()
    assert [(one.is_fork, one.head_repository) for one in found] == [(True, None)]


def test_a_fork_that_says_to_be_the_project_itself_is_still_a_fork(case: Case):
    case.state.open("feature", fork="eve/backend", author="eve")
    case.server.spoil(r"GET /projects/\d+\?", changes(path_with_namespace=case.state.path))
    assert [one.is_fork for one in case.forge().pull_requests()] == [True]


def test_projects_are_named_by_their_quoted_path(case: Case):
    case.forge().pull_requests()
    assert case.server.asked[-1].path == "/projects/acme%2Fteam%2Fbackend/merge_requests"
    with pytest.raises(NotFound):
        case.forge(path="acme/team/other").pull_requests()


@pytest.mark.parametrize("count", ["1000+", "2", None])
def test_files_of_which_gitlab_does_not_know_all(case: Case, count: str | None):
    number = case.state.open("feature", files=[ChangedFile(path="a")])
    case.server.changes_counts[number] = count
    with pytest.raises(DoubtfulAnswer):
        case.forge().changed_files(number)


def test_files_that_gitlab_has_not_looked_at_yet(case: Case):
    number = case.state.open("feature")
    case.server.spoil("GET .*/merge_requests/1[?]", changes(prepared_at=None))
    with pytest.raises(DoubtfulAnswer):
        case.forge().changed_files(number)


def test_auto_merge_of_a_conflict_and_without_the_right(case: Case):
    number = case.state.open("feature", conflict=True)
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is False
    case.state.pulls[number].conflict = False
    case.state.grants["ada"] = "read"
    assert case.forge().auto_merge(number, case.state.branches["feature"]) is False
    with pytest.raises(AccessDenied):
        case.forge("wrong").auto_merge(number, case.state.branches["feature"])
