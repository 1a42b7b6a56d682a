"""Links between pages that lead astray: a list is whole, or there is an error."""

from dataclasses import replace

import pytest

from starry_gitops.errors import DoubtfulAnswer, ForgeRefusal, RemoteUnreachable
from tests.support.forge_faults import says
from tests.support.forge_server import Asked, Reply, Spoil
from tests.support.forges import Case, running

KINDS = ("github", "gitlab")


@pytest.fixture(params=KINDS)
def three_pages(request: pytest.FixtureRequest):
    with running(request.param) as made:
        for number in range(250):
            made.state.open(f"branch-{number}")
        yield made


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest):
    with running(request.param) as made:
        made.state.open("feature")
        yield made


def links_with(change) -> Spoil:
    def spoilt(_asked: Asked, reply: Reply) -> Reply:
        return replace(reply, headers={"Link": change(reply.headers.get("Link", ""))})

    return spoilt


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link.replace("page=3>", "page=2>"),
        lambda link: link.replace("page=3>", "page=3&x>"),
        lambda link: link.replace("page=3>", "page"),
    ],
    ids=["itself", "not-a-query", "cut"],
)
def test_a_link_that_leads_nowhere_ends_no_list(three_pages: Case, change):
    three_pages.server.spoil(r"^GET .*(pulls|merge_requests)\?.*page=2", links_with(change))
    with pytest.raises(DoubtfulAnswer):
        three_pages.forge(seconds=10).pull_requests()


@pytest.mark.parametrize("status", [300, 303, 305])
def test_a_status_that_is_no_success_is_an_error(case: Case, status: int):
    case.server.spoil("", says(status))
    with pytest.raises(RemoteUnreachable):
        case.forge().delete_comment(1, 5)


def test_a_secondary_rate_limit_without_a_header_is_no_denial():
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    with running("github") as case:
        case.server.spoil("^GET", says(403, message))
        with pytest.raises(RemoteUnreachable) as raised:
            case.forge(seconds=1).pull_requests()
        assert raised.value.code == "rate_limited"


def test_the_words_of_a_refusal_over_fields_are_shown():
    with running("gitlab") as case:
        with pytest.raises(ForgeRefusal) as raised:
            case.forge().open_pull_request("nothing", "main", "t", "b")
        assert "does not exist" in str(raised.value)
