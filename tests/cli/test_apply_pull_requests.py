"""`starry apply --prune --pull-requests`: only what a list of pull requests calls closed goes."""

import json

import pytest

from tests.support.cli import run
from tests.support.lists import actions, applied, entry, refused, written
from tests.support.repos import Apps

WEB = "https://github.com/myorg/shop/pull"


def prune(apps: Apps, states: object) -> list[str]:
    """What goes by this list of pull requests."""
    text = states if isinstance(states, str) else json.dumps(states)
    path = written(apps, text, "pulls.json")
    results = applied(apps, [entry("kept")], "--prune", "--pull-requests", path)
    return [name for name, action in actions(results) if action == "deleted"]


def previews(apps: Apps, pull_requests: dict[str, str]) -> None:
    for name, pull_request in pull_requests.items():
        apps.create(name, "--pr", pull_request)
    apps.create("no-pull-request")


def test_closed_and_merged_ones_go_open_and_unknown_ones_stay(apps: Apps) -> None:
    previews(apps, {"a": "1", "b": "2", "c": "3", "d": "4"})
    states = [{"number": 1, "state": "CLOSED"}, {"number": 2, "state": "MERGED"}, {"number": 3, "state": "OPEN"}]
    assert prune(apps, states) == ["a", "b"]
    assert apps.names() == ["c", "d", "kept", "no-pull-request"]


@pytest.mark.parametrize(
    "state",
    [
        {"number": 1, "state": "CLOSED", "url": f"{WEB}/1"},
        {"number": 1, "state": "closed", "html_url": f"{WEB}/1", "url": "https://api.github.com/repos/myorg/shop/pulls/1"},
        {"state": "merged", "url": f"{WEB}/1", "title": "tabs \t and \u2028 and \U0001f680 \\ \u0007"},
        {"number": 1, "state": "closed"},
    ],
    ids=["gh", "api", "title", "number"],
)  # fmt: skip
@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_forms_that_forges_give(apps: Apps, state: dict[str, object], ascii_only: bool) -> None:
    previews(apps, {"a": f"{WEB}/1"})
    assert prune(apps, json.dumps([state], ensure_ascii=ascii_only, indent="\t")) == ["a"]


def test_gitlab(apps: Apps) -> None:
    web = "https://gitlab.com/myorg/shop/-/merge_requests"
    previews(apps, {"a": f"{web}/1", "b": f"{web}/2", "c": f"{web}/3"})
    states = [
        {"iid": number, "id": 900 + number, "web_url": f"{web}/{number}", "state": state}
        for number, state in ((1, "opened"), (2, "merged"), (3, "locked"))
    ]
    assert prune(apps, states) == ["b"]


def test_a_url_is_not_another_repositorys(apps: Apps) -> None:
    previews(apps, {"a": "https://github.com/myorg/other/pull/1"})
    assert prune(apps, [{"url": f"{WEB}/1", "state": "closed"}]) == []


def test_a_number_that_may_be_one_of_two_goes_only_when_both_are_closed(apps: Apps) -> None:
    previews(apps, {"a": "1"})
    other = "https://github.com/myorg/other/pull/1"
    closed = {"url": f"{WEB}/1", "state": "closed"}
    assert prune(apps, [closed, {"url": other, "state": "open"}]) == []
    assert prune(apps, [closed, {"url": other, "state": "closed"}]) == ["a"]


def test_a_number_alone_says_nothing_where_previews_are_of_several_repositories(apps: Apps) -> None:
    previews(apps, {"a": f"{WEB}/1", "b": "https://github.com/myorg/other/pull/1", "c": "2"})
    assert prune(apps, [{"number": 1, "state": "closed"}, {"number": 2, "state": "closed"}]) == ["c"]


def test_one_that_is_listed_twice_with_two_states_stays(apps: Apps) -> None:
    previews(apps, {"a": "1"})
    assert prune(apps, [{"number": 1, "state": "closed"}, {"number": 1, "state": "open"}]) == []


def test_with_a_selector_both_must_hold(apps: Apps) -> None:
    apps.create("a", "--pr", "1", "--owner", "alice")
    apps.create("b", "--pr", "2", "--owner", "bob")
    states = written(apps, [{"number": number, "state": "closed"} for number in (1, 2)], "pulls.yaml")
    scope = ("--prune", "--selector", "owner=alice", "--pull-requests", states)
    assert actions(applied(apps, [entry("kept")], *scope)) == [("kept", "created"), ("a", "deleted")]


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "null", "{}", "closed", "[1]", "[null]", "[{}]", '[{"number": 1}]', '[{"state": "closed"}]',
        '[{"number": 1, "state": "gone"}]', '[{"number": 0, "state": "closed"}]',
        '[{"number": true, "state": "closed"}]', '[{"number": 1.5, "state": "closed"}]',
        '[{"number": [1], "state": "closed"}]', '[{"url": "x", "state": "closed"}]',
        '[{"number": 1, "state": "closed"}, {"number": 2}]', '[{"number": 1, "state": ["closed"]}]',
        '[{"number": 1, "state": "closed"}', "\x00",
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_in_full_prunes_nothing(apps: Apps, content: str) -> None:
    previews(apps, {"a": "1"})
    path = written(apps, content, "pulls.json")
    error = refused(apps, 2, [entry("kept")], "--prune", "--pull-requests", path)
    assert "pulls.json:" in error["message"]


def test_a_token_in_it_is_not_repeated(apps: Apps) -> None:
    token = "ghp_" + "0123456789abcdefghij" * 2
    path = written(apps, f'[{{"url": "https://u:{token}@github.com/o/r/pull/1", "state": "closed"}}]', "pulls.json")
    done = apps.run("apply", "-f", written(apps, [entry("kept")]), "--prune", "--pull-requests", path)
    assert done.code in {2, 5}
    assert token not in done.out + done.err


def test_either_file_may_be_stdin_but_not_both(apps: Apps) -> None:
    previews(apps, {"a": "1"})
    path = written(apps, [entry("kept")])
    states = '[{"number": 1, "state": "closed"}]'
    done = run(*apps.args("apply", "-f", path, "--prune", "--pull-requests", "-"), stdin=states)
    assert actions(done.json()) == [("kept", "created"), ("a", "deleted")]
    both = run(*apps.args("apply", "-f", "-", "--prune", "--pull-requests", "-"), stdin=states)
    assert both.code == 2
    assert "stdin" in both.error()["message"]
