"""The decision of `starry wait`: what lasts too long, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.clusters.application import parse_application
from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Page, Sign
from starry_gitops.core.waiting import Goal, Observation, judge, revision_of
from tests.clusters.objects import application

NOW = datetime(2026, 1, 31, 18, tzinfo=UTC)
GOAL = Goal(name="preview-1", created_at="2026-01-31T17:00:00Z", expires_at="2026-01-31T19:00:00Z", committed_at=NOW)
NOTES = {"starry.env/created-at": GOAL.created_at, "starry.env/expires-at": GOAL.expires_at}


def seen(*signs: str, **changes) -> Observation:
    item = application("preview-1", "a" * 40, annotations=NOTES, health="Progressing")
    found = replace(parse_application(Shape(item, "test")), created_at=NOW + timedelta(seconds=1), **changes)
    return Observation(application=found, holds=True, signs=tuple(Sign(where="Pod x", text=text) for text in signs))


def states(observation: Observation, *seconds: int) -> list[str]:
    memory, found = {}, []
    for second in seconds:
        verdict, memory = judge(GOAL, observation, memory, NOW + timedelta(seconds=second))
        found.append(verdict.state)
    return found


def test_an_image_that_is_missing_gets_two_minutes():
    observation = seen("Failed to pull image x: not found")
    assert states(observation, 0, 60, 119, 120) == ["waiting", "waiting", "waiting", "failed"]


def test_a_cause_that_was_away_begins_anew():
    bad, good = seen("Failed to pull image x: not found"), seen()
    _, memory = judge(GOAL, bad, {}, NOW)
    _, memory = judge(GOAL, good, memory, NOW + timedelta(seconds=100))
    verdict, _ = judge(GOAL, bad, memory, NOW + timedelta(seconds=200))
    assert verdict.state == "waiting"


def test_what_may_last_lasts():
    assert states(seen("certificate is Provisioning"), 0, 3_600, 86_000) == ["waiting"] * 3


def test_what_may_be_about_an_earlier_commit_gets_four_minutes_more():
    old = replace(seen("field is immutable"), holds=False)
    older = replace(old, application=replace(old.application, created_at=NOW - timedelta(hours=1)))
    assert states(older, 0, 239, 240) == ["waiting", "waiting", "failed"]
    assert states(replace(old, holds=False), 0) == ["failed"]


def test_a_sign_from_before_the_commit_says_nothing():
    observation = seen()
    old = Sign(where="Pod x", text="field is immutable", at=NOW - timedelta(minutes=5))
    assert states(replace(observation, signs=(old,)), 0) == ["waiting"]


def test_a_self_heal_loop_is_told_from_a_sync_to_come():
    verdict, _ = judge(GOAL, seen(sync="OutOfSync", health="Healthy"), {}, NOW)
    assert verdict.found[0].cause.id == "self_heal_loop"
    other = seen(sync="OutOfSync", health="Healthy", revisions=("b" * 40,))
    assert judge(GOAL, other, {}, NOW)[0].found[0].cause.id == "out_of_sync"


@pytest.mark.parametrize(
    ("sources", "revisions", "wanted"),
    [
        ([("https://x/apps.git", "")], ["a" * 40], "a" * 40),
        ([("https://x/chart.git", ""), ("https://x/apps", "values")], ["c" * 40, "a" * 40], "a" * 40),
        ([("https://x/apps.git/", ""), ("https://x/chart", "")], ["a" * 40, "1.2.3"], "a" * 40),
        ([("https://x/chart.git", ""), ("https://x/other", "")], ["c" * 40, "b" * 40], None),
        ([("https://x/apps.git", "")], [], None),
        ([("https://x/apps.git", "")], ["HEAD"], None),
        ([("https://x/apps.git", "")], ["a" * 40, "b" * 40], None),
    ],
)
def test_the_revision_of_the_apps_repository(sources, revisions, wanted):
    item = application("preview-1", None)
    item["spec"] = {**item["spec"], "sources": [{"repoURL": url, **({"ref": r} if r else {})} for url, r in sources]}
    item["status"]["sync"] = {"status": "Synced", "revisions": revisions}
    assert revision_of(parse_application(Shape(item, "test")), "https://x/apps.git") == wanted


_WORDS = st.sampled_from(["Synced", "OutOfSync", "Unknown", "Healthy", "Degraded", "Progressing", "Missing", ""])


@given(sync=_WORDS, health=_WORDS, holds=st.booleans(), pending=st.booleans(), page=st.none() | st.integers(100, 599))
def test_ready_is_said_of_nothing_else(sync: str, health: str, holds: bool, pending: bool, page: int | None):
    observation = seen(sync=sync, health=health, is_pending=pending)
    pages = (Page(component="backend", url="https://x", status=page),)
    verdict, _ = judge(GOAL, replace(observation, holds=holds, pages=pages), {}, NOW)
    is_good = (sync, health, holds, pending) == ("Synced", "Healthy", True, False)
    answers = page is not None and (200 <= page < 400 or page in {401, 403})
    assert (verdict.state == "ready") == (is_good and answers)
    assert verdict.state == "ready" or verdict.found
