"""GitHub's own examples and recorded answers, and a harness that notices what is not documented."""

from dataclasses import replace

import pytest

from starry_gitops.core.forge import Status
from starry_gitops.errors import DoubtfulAnswer, ForgeRefusal
from starry_gitops.forges import github_answers as answers
from starry_gitops.forges.github import GitHub
from starry_gitops.rest.client import Api
from tests.support import forge_schemas
from tests.support.forge_faults import gives
from tests.support.forge_schemas import GITHUB_COM, GITHUB_SERVER
from tests.support.forge_server import Asked, Reply
from tests.support.forge_state import ForgeState
from tests.support.forges import TOKEN, running
from tests.support.github_server import GitHubServer
from tests.support.openapi import OpenApi, example


@pytest.fixture(autouse=True)
def _schemas() -> None:
    forge_schemas.require()


@pytest.fixture(params=[GITHUB_COM, GITHUB_SERVER])
def document(request: pytest.FixtureRequest) -> str:
    return request.param


def test_documented_pull_requests(document: str):
    one = answers.parse_pull_request(example(document, "pull-request"))
    assert (one.number, one.state, one.author, one.labels) == (1347, "merged", "octocat", ("bug",))
    assert (one.head_branch, one.base_branch, one.head_repository) == ("new-topic", "master", "octocat/Hello-World")
    listed = [answers.parse_pull_request(item) for item in example(document, "pull-request-simple-items")]
    assert [item.number for item in listed] == [1347]


def test_documented_comments_files_permissions_and_users(document: str):
    assert answers.parse_comment(example(document, "issue-comment")).author == "octocat"
    assert [answers.parse_paths(item) for item in example(document, "diff-entry-items")] == [("file1.txt",)]
    key = "repository-collaborator-permission-response-if-user-has-admin-permissions"
    assert answers.parse_permission(example(document, key)) == "admin"
    assert answers.parse_merge_method(example(document, "full-repository-default-response")) == "MERGE"


def test_a_copied_file_changes_one_path():
    assert answers.parse_paths({"status": "copied", "filename": "b", "previous_filename": "a"}) == ("b",)


def recorded(method: str, part: str) -> list[dict]:
    found = [one for one in forge_schemas.github_recordings() if one["method"] == method and part in one["path"]]
    assert found
    return found


def test_recorded_statuses():
    made = [one for one in recorded("post", "/statuses/") if one["status"] == 201]
    for one in made:
        state = ForgeState(path="octokit-fixture-org/create-status")
        state.person("ada", "write", token=TOKEN)
        with GitHubServer(state) as server:
            server.spoil("POST .*/statuses/", lambda _asked, _reply, one=one: Reply(status=201, data=one["response"]))
            body = one["body"]
            status = Status(
                context=body["context"],
                state=body["state"],
                description=body["description"],
                url=body["target_url"],
            )
            api = Api(server.api_url, what="GitHub", headers={"Authorization": f"Bearer {TOKEN}"})
            GitHub(state.path, api=api).set_status("0" * 39 + "1", status)
            assert server.asked[-1].body == body
            assert server.asked[-1].path == one["path"]


def test_recorded_pages_are_followed_by_their_links():
    """Their links name the repository by its number, at another host: only the query may be taken."""
    pages = recorded("get", "/issues?per_page=3")
    by_page = {one["path"].partition("&page=")[2] or "1": one for one in pages}
    with GitHubServer(ForgeState()) as server:

        def replay(asked: Asked, _reply: Reply) -> Reply:
            one = by_page[asked.query.get("page", "1")]
            return Reply(data=one["response"], headers={"Link": one["headers"]["link"]})

        server.spoil("/issues", replay)
        api = Api(server.api_url, what="GitHub", headers={"Authorization": f"Bearer {TOKEN}"})
        found = api.pages("/repos/octokit-fixture-org/paginate-issues/issues", {"per_page": 3})
    assert len(found) == sum(len(one["response"]) for one in pages) == 13


def test_recorded_refusals():
    wrong = next(one for one in recorded("post", "/errors/labels") if one["status"] == 422)
    with running("github") as case:
        case.server.spoil("POST", lambda _asked, _reply: Reply(status=422, data=wrong["response"]))
        case.state.push("starry/x")
        with pytest.raises(ForgeRefusal) as raised:
            case.forge().open_pull_request("starry/x", "main", "t", "b")
    assert "Validation Failed" in str(raised.value)


ASKED = Asked(method="GET", path="/user", query={}, body=None, token="t")
WRONG = {
    "path": {"path": "/nothing/here/at/all"},
    "method": {"method": "PUT", "path": "/repos/a/b/pulls"},
    "query": {"path": "/repos/a/b/pulls", "query": {"limit": "50"}},
    "value": {"path": "/repos/a/b/pulls", "query": {"state": "opened"}},
    "body": {"method": "PATCH", "path": "/repos/a/b/pulls/1", "body": {"state": "shut"}},
    "unknown": {"method": "POST", "path": "/repos/a/b/issues/1/comments", "body": {"body": "x", "text": "x"}},
    "missing": {"method": "POST", "path": "/repos/a/b/issues/1/comments", "body": {}},
    "graphql": {"method": "POST", "path": "/graphql", "body": {"query": "mutation { nothing { id } }"}},
    "variable": {
        "method": "POST",
        "path": "/graphql",
        "body": {"query": "query($n: Int!) { rateLimit { cost } user(login: $n) { id } }", "variables": {"n": 1}},
    },
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG.keys())
def test_a_request_that_is_not_documented_is_noticed(document: str, more: dict):
    assert OpenApi(document, "/graphql").check_request(replace(ASKED, **more))


def test_an_answer_that_is_not_documented_is_noticed(document: str):
    contract = OpenApi(document, "/graphql")
    asked = replace(ASKED, path="/repos/a/b/pulls/1")
    wrong = {**example(document, "pull-request"), "requested_teams": [], "number": "1347"}
    assert contract.check_answer(asked, Reply(data=wrong))
    assert contract.check_answer(asked, Reply(data={**wrong, "number": 1347})) == []
    assert contract.check_answer(asked, Reply(data=[]))
    assert contract.check_answer(asked, Reply(status=418, data={}))


def test_somebody_whose_account_is_gone(document: str):
    gone = {**example(document, "pull-request"), "user": None}
    assert answers.parse_pull_request(gone).author == "ghost"
    with running("github") as case:
        number = case.state.open("feature")
        case.state.note(number, "x", author=None)
        assert [one.author for one in case.forge().comments(number)] == ["ghost"]


def test_more_files_than_github_lists():
    with running("github") as case:
        number = case.state.open("feature")
        case.server.spoil("GET .*/pulls/1$|GET .*/pulls/1[?]$", _counts(3_001))
        with pytest.raises(DoubtfulAnswer) as raised:
            case.forge().changed_files(number)
        assert "3,000" in raised.value.hint


def _counts(number: int):
    return lambda _asked, reply: replace(reply, data={**reply.data, "changed_files": number})


@pytest.mark.parametrize(("methods", "method"), [(("squash",), "SQUASH"), (("rebase",), "REBASE"), ((), "MERGE")])
def test_auto_merge_merges_as_the_repository_allows(methods: tuple[str, ...], method: str):
    with running("github") as case:
        case.state.merge_methods = methods
        number = case.state.open("feature")
        done = case.forge().auto_merge(number, case.state.branches["feature"])
        assert done is bool(methods)
        assert case.server.asked[-1].body["variables"]["method"] == method


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"errors": [{"type": "NOT_FOUND", "message": "x"}]}, "not_found"),
        ({"errors": [{"type": "RATE_LIMITED", "message": "x"}]}, "rate_limited"),
        ({"errors": [{"message": "Something went wrong"}]}, "remote_unreachable"),
        ({"errors": [{"type": ["x"], "message": "x\x1b[31m\n::error::"}]}, "remote_unreachable"),
        ({"errors": []}, "doubtful_answer"),
        ({"errors": "no"}, "doubtful_answer"),
        ({"errors": [{"type": "FORBIDDEN"}]}, "doubtful_answer"),
        ({"data": None}, "doubtful_answer"),
        ({"data": {"enablePullRequestAutoMerge": None}}, "doubtful_answer"),
        ([], "doubtful_answer"),
    ],
)
def test_what_graphql_answers_with_status_200(data, code: str):
    with running("github") as case:
        number = case.state.open("feature")
        case.server.spoil("POST /graphql", gives(data))
        with pytest.raises(Exception) as raised:  # noqa: PT011 - its code is what counts
            case.forge().auto_merge(number, case.state.branches["feature"])
        assert raised.value.code == code
        assert raised.value.message.isprintable()
