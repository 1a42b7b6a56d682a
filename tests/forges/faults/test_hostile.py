"""Answers with anything in them: each parser gives something whole, or one line that says what is wrong."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.forge import ForgeComment, ForgePullRequest
from starry_gitops.errors import DoubtfulAnswer
from starry_gitops.forges import github_answers, gitlab_answers
from starry_gitops.forges.parsing import Fields
from tests.support import forge_schemas
from tests.support.forge_schemas import GITHUB_COM
from tests.support.openapi import example

COMMIT = "a" * 40


def merge_request(data: Any) -> ForgePullRequest:
    gitlab_answers.parse_projects(data)
    return gitlab_answers.parse_merge_request(data, base_repository="a/b", head_repository=None)


MERGE_REQUEST = {
    "iid": 1,
    "web_url": "https://gitlab.example/a/b/-/merge_requests/1",
    "title": "t",
    "state": "opened",
    "draft": False,
    "author": {"username": "ada"},
    "labels": ["x"],
    "source_branch": "f",
    "target_branch": "main",
    "sha": COMMIT,
    "description": None,
    "updated_at": "2026-11-25T08:00:00.000Z",
    "source_project_id": 1,
    "target_project_id": 1,
}
PULL_REQUEST = {
    "number": 1,
    "html_url": "https://github.com/a/b/pull/1",
    "title": "t",
    "state": "open",
    "draft": False,
    "user": {"login": "ada"},
    "labels": [{"name": "x"}],
    "head": {"ref": "f", "sha": COMMIT, "repo": {"full_name": "a/b"}},
    "base": {"ref": "main", "repo": {"full_name": "a/b"}},
    "body": None,
    "merged_at": None,
    "updated_at": "2026-11-25T08:00:00Z",
}
CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "pull request": (github_answers.parse_pull_request, PULL_REQUEST),
    "comment": (github_answers.parse_comment, {"id": 1, "user": {"login": "a"}, "body": "b"}),
    "file": (github_answers.parse_paths, {"status": "renamed", "filename": "a", "previous_filename": "b"}),
    "permission": (github_answers.parse_permission, {"permission": "write"}),
    "user": (github_answers.parse_user, {"login": "a"}),
    "enabled": (
        github_answers.parse_enabled,
        {"data": {"enablePullRequestAutoMerge": {"pullRequest": {"autoMergeRequest": {"enabledAt": "x"}}}}},
    ),
    "merge request": (merge_request, MERGE_REQUEST),
    "note": (
        gitlab_answers.parse_comment,
        {"id": 1, "author": {"username": "a"}, "body": "b", "system": False, "type": None},
    ),
    "diff": (gitlab_answers.parse_paths, {"old_path": "a", "new_path": "b"}),
    "member": (gitlab_answers.parse_permission, {"access_level": 30, "state": "active"}),
    "project": (gitlab_answers.parse_project_path, {"path_with_namespace": "a/b"}),
    "users": (lambda data: gitlab_answers.find_user(data, "a"), [{"id": 1, "username": "a"}]),
}
HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**63, 10**400, float("inf"), "", " ", "x" * 3_000, "x" * 2_000_001, "0" * 40 + "\n",
    "a\x00b", "\u202e", "\x1b[31m", "<html>", "javascript:alert(1)", "https://x y/", "https://", [], {}, [[]], [None],
    [{}], {"name": None}, {"login": []}, "2026-13-45T00:00:00Z", "2026-01-01", "0001-01-01T00:00:00+23:59",
]  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Each place in the data, the whole first."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The data with something else in one place."""
    if not path:
        return value
    made = copy.deepcopy(data)
    one = made
    for key in path[:-1]:
        one = one[key]
    one[path[-1]] = value
    return made


def assert_one_line(message: str) -> None:
    """What a person reads."""
    assert message.isprintable()
    assert len(message) < 200


def outcome(parse: Callable[[Any], Any], data: Any) -> Any:
    """What comes of it: a value, or the error's message, checked."""
    try:
        found = parse(data)
    except DoubtfulAnswer as error:
        assert_one_line(error.message)
        return None
    if isinstance(found, ForgePullRequest):
        assert found.number > 0
        assert len(found.head_commit) in {40, 64}
        assert found.url.startswith(("https://", "http://"))
        assert found.url.isprintable()
        assert all(isinstance(label, str) for label in found.labels)
        assert len(found.title) <= 2_000
    if isinstance(found, ForgeComment):
        assert found.id > 0
        assert isinstance(found.body, str)
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_right_shape_is_read(name: str):
    parse, data = CASES[name]
    assert parse(data) is not None


@pytest.mark.parametrize("name", CASES)
def test_hostile_values_in_each_place(name: str):
    parse, data = CASES[name]
    for place in places(data):
        for value in HOSTILE:
            outcome(parse, put(data, place, value))


@pytest.mark.parametrize("name", CASES)
def test_a_key_that_is_missing(name: str):
    parse, data = CASES[name]
    for place in places(data):
        if place and isinstance(place[-1], str):
            made = put(data, place, None)
            one = made
            for key in place[:-1]:
                one = one[key]
            del one[place[-1]]
            outcome(parse, made)


@given(
    name=st.sampled_from(sorted(CASES)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    choice=st.integers(min_value=0, max_value=10_000),
)
def test_anything_in_any_place(name: str, value: Any, choice: int):
    parse, data = CASES[name]
    known = places(data)
    outcome(parse, put(data, known[choice % len(known)], value))


def test_what_decides_over_rights_is_never_guessed():
    for value in HOSTILE:
        for key in ("permission", "access_level", "state"):
            data = {"permission": "none", "access_level": 0, "state": "active", key: value}
            for parse in (github_answers.parse_permission, gitlab_answers.parse_permission):
                assert outcome(parse, data) in {None, "none"} or (key, value) == ("access_level", 2**63)


def test_a_head_without_a_repository_is_a_forks():
    assert github_answers.parse_pull_request(put(PULL_REQUEST, ("head", "repo"), None)).is_fork
    assert gitlab_answers.parse_projects({**MERGE_REQUEST, "source_project_id": None}) == (None, 1)


def test_recorded_users_and_labels_are_read():
    forge_schemas.require()
    assert Fields.of("GitHub", example(GITHUB_COM, "issue-comment"), what="x").inner("user").line("login") == "octocat"
