"""Answers that are not what Gitea gives: nothing may be concluded from them."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.errors import DoubtfulAnswer
from starry_gitops.forges import gitea_answers as answers

PULL_REQUEST: dict[str, Any] = {
    "number": 1,
    "html_url": "https://gitea.example.com/myorg/backend/pulls/1",
    "title": "Title",
    "body": "Body",
    "state": "open",
    "draft": False,
    "merged": False,
    "user": {"login": "alice"},
    "labels": [{"name": "preview"}],
    "updated_at": "2026-01-31T18:30:00+02:00",
    "head": {"label": "feature", "ref": "feature", "sha": "a" * 40, "repo": {"full_name": "myorg/backend"}},
    "base": {"label": "main", "ref": "main", "sha": "b" * 40, "repo": {"full_name": "myorg/backend"}},
}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(PULL_REQUEST)), inner, max_size=3),
    max_leaves=5,
)


def changed(*path: str, value: Any) -> dict[str, Any]:
    made = deepcopy(PULL_REQUEST)
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return made


def test_as_it_should_be():
    found = answers.parse_pull_request(PULL_REQUEST)
    assert (found.number, found.labels, found.is_fork) == (1, ("preview",), False)
    assert found.updated_at is not None
    assert found.updated_at.isoformat() == "2026-01-31T16:30:00+00:00"


def test_sha256():
    assert answers.parse_pull_request(changed("head", "sha", value="c" * 64)).head_commit == "c" * 64


@pytest.mark.parametrize("labels", [None, []])
def test_no_labels(labels: Any):
    assert answers.parse_pull_request(changed("labels", value=labels)).labels == ()


@pytest.mark.parametrize(
    "path",
    [
        ("number",),
        ("html_url",),
        ("title",),
        ("body",),
        ("state",),
        ("draft",),
        ("merged",),
        ("user",),
        ("user", "login"),
        ("updated_at",),
        ("head",),
        ("head", "label"),
        ("head", "sha"),
        ("head", "repo", "full_name"),
        ("base",),
        ("base", "ref"),
        ("base", "repo"),
        ("base", "repo", "full_name"),
    ],
)
@pytest.mark.parametrize("value", [None, 1.5, [1], {"a": 1}])
def test_another_type(path: tuple[str, ...], value: Any):
    with pytest.raises(DoubtfulAnswer):
        answers.parse_pull_request(changed(*path, value=value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("number",), 0),
        (("number",), True),
        (("state",), "all"),
        (("head", "sha"), ""),
        (("head", "sha"), "--upload-pack=x"),
        (("head", "sha"), "a" * 40 + "\n"),
        (("updated_at",), "yesterday"),
        (("updated_at",), "2026-01-31T18:30:00"),
        (("labels",), [1]),
        (("labels",), {"name": "preview"}),
    ],
)
def test_another_value(path: tuple[str, ...], value: Any):
    with pytest.raises(DoubtfulAnswer):
        answers.parse_pull_request(changed(*path, value=value))


@given(ANY)
def test_anything(data: Any):
    for parse in (answers.parse_pull_request, answers.parse_comment, answers.parse_paths, answers.parse_team):
        with pytest.raises(DoubtfulAnswer):
            parse(data)
    for parse in (answers.parse_login, answers.parse_permission, answers.is_mergeable):
        with pytest.raises(DoubtfulAnswer):
            parse(data)
    assert answers.parse_merge_style(data) == "merge"


def test_files():
    assert answers.parse_paths({"filename": "b", "previous_filename": "a"}) == ("a", "b")
    assert answers.parse_paths({"filename": "b", "previous_filename": "b"}) == ("b",)
    assert answers.parse_paths({"filename": "b"}) == ("b",)


def test_a_permission_that_nobody_knows():
    with pytest.raises(DoubtfulAnswer):
        answers.parse_permission({"permission": "root"})


def test_merge_styles():
    assert answers.parse_merge_style({"default_merge_style": "squash"}) == "squash"
    assert answers.parse_merge_style({"default_merge_style": "manually-merged"}) == "merge"
