"""Which pull requests get a preview."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.glob import matches
from starry_gitops.core.sync_facts import Fact, number_in, why_none
from starry_gitops.core.sync_settings import SyncRepository
from tests.unit.sync_world import BACKEND, pull

PATTERNS = [
    ("src/**", "src/a.py", True),
    ("src/**", "src/a/b.py", True),
    ("src/**", "src", False),
    ("src/**", "lib/src/a", False),
    ("src/*", "src/a/b", False),
    ("**/*.py", "a.py", True),
    ("**/*.py", "a/b/c.py", True),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**/b", "a/xb", False),
    ("**", "anything/at/all", True),
    ("*", "a/b", False),
    ("feat/*", "feat/", True),
    ("feat/?", "feat/1", True),
    ("feat", "Feat", False),
    ("**/**/x", "x", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), PATTERNS)
def test_a_pattern_stands_for_all_of_a_text(pattern: str, text: str, *, expected: bool) -> None:
    assert matches(text, pattern) is expected


@given(st.text("ab/", max_size=12), st.text("ab/", max_size=12))
def test_a_text_without_stars_stands_for_itself(one: str, other: str) -> None:
    assert matches(one, other) is (one == other)


def test_a_hostile_path_is_judged_at_once() -> None:
    """A million steps would still be quick; that of a backtracking search has no end."""
    assert not matches("a/" * 2_000 + "x", "/".join(["**", "a"] * 40 + ["b"]))


RULES = [
    ({}, {}, None),
    ({}, {"draft": True}, "it is a draft"),
    ({"drafts": True}, {"draft": True}, None),
    ({"labels": ("preview", "ok")}, {"labels": ("preview",)}, "it lacks the label ok"),
    ({"labels": ("preview",)}, {"labels": ("Preview",)}, "it lacks the label preview"),
    ({"branches": ("feat/*",)}, {"head_branch": "fix/1"}, "its branch is none of branches"),
    ({"branches": ("fix/*", "feat/*")}, {}, None),
    ({"base_branches": ("main",)}, {"base_branch": "release"}, "it goes to no baseBranches"),
    ({"authors": ("Alice",)}, {}, None),
    ({"authors": ("bob",)}, {}, "its author gets no previews"),
    ({"exclude_authors": ("ALICE",)}, {}, "its author gets no previews"),
    ({}, {"state": "merged"}, "it is merged"),
    ({}, {"head_repository": "somebody/sample-be"}, "it is a fork's"),
    ({}, {"head_repository": None}, "it is a fork's"),
    ({"fork_label": "ok"}, {"head_repository": "somebody/sample-be"}, "it is a fork's, without the label ok"),
    ({"fork_label": "ok"}, {"head_repository": "somebody/sample-be", "labels": ("ok",)}, None),
    ({}, {"head_repository": "MyOrg/Sample-BE"}, None),
]


@pytest.mark.parametrize(("settings", "changes", "reason"), RULES)
def test_a_filter_lets_through_or_says_why_not(
    settings: dict[str, object], changes: dict[str, object], reason: str | None
) -> None:
    repository = SyncRepository(name="be", url=BACKEND, component="backend", **settings)
    assert why_none(Fact(pull_request=pull(**changes)), repository) == reason


def test_one_file_of_paths_is_enough_and_no_file_is_none() -> None:
    repository = SyncRepository(name="be", url=BACKEND, component="backend", paths=("src/**", "*.toml"))
    assert why_none(Fact(pull_request=pull(), files=("docs/a.md", "src/a.py")), repository) is None
    for files in (("docs/a.md",), (), None):
        assert why_none(Fact(pull_request=pull(), files=files), repository) == "it changes no file of paths"


URLS = [
    (f"{BACKEND}/pull/7", 7),
    (f"{BACKEND}/pull/7/files", 7),
    (f"{BACKEND}/pulls/7", 7),
    (f"{BACKEND}/-/merge_requests/7", 7),
    ("http://GitHub.com/MyOrg/Sample-BE/pull/7", 7),
    (f"{BACKEND}-other/pull/7", None),
    (f"{BACKEND}/sub/-/merge_requests/7", None),
    (f"{BACKEND}/issues/7", None),
    (f"{BACKEND}/pull/0", None),
    ("https://evil.example/github.com/myorg/sample-be/pull/7", None),
    ("7", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("url", "number"), URLS)
def test_a_pull_request_belongs_to_the_repository_in_its_url(url: str | None, number: int | None) -> None:
    assert number_in(url, SyncRepository(name="be", url=BACKEND, component="backend")) == number
