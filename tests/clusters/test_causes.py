"""Messages as Argo CD, Kubernetes and the operators word them, and what they mean."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.causes import CAUSES, by_rank, cause_of, explain

LINES = (Path(__file__).parent / "messages.tsv").read_text(encoding="utf-8").splitlines()
CASES = [line.split("\t") for line in LINES]


@pytest.mark.parametrize(("cause", "message"), CASES, ids=[f"{cause}-{n}" for n, (cause, _) in enumerate(CASES)])
def test_each_message_has_its_cause(cause: str, message: str):
    found = cause_of(message)
    assert found is not None
    assert found.id == cause


def test_every_pattern_has_a_message():
    assert {cause.id for cause in CAUSES if cause.pattern} == {cause for cause, _ in CASES}


def test_every_cause_says_what_to_do():
    assert len({cause.id for cause in CAUSES}) == len(CAUSES)
    for cause in CAUSES:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", cause.id)
        assert cause.cause.endswith(".")
        assert cause.next_step.endswith(".")
        assert cause.looks
        assert cause.patience is None or 0 <= cause.patience <= 900


@pytest.mark.parametrize("message", ["", "successfully synced (all tasks run)", "everything is fine"])
def test_what_is_not_known_is_not_guessed(message: str):
    assert cause_of(message) is None


def test_the_most_telling_comes_first():
    found = [explain("x", text) for text in ("one or more objects failed to apply", "exceeded quota: q")]
    assert [one.cause.id for one in by_rank(one for one in found if one)] == ["quota_exceeded", "sync_failed"]


@given(st.text(max_size=4_000))
def test_any_message_is_bounded_and_one_line(text: str):
    found = explain(text, f"{text} exceeded quota")
    if found is not None:
        assert len(found.words) <= 1_000
        assert found.words.isprintable()


@pytest.mark.parametrize(
    "part", ["pull ", "image", "secret ", "rpc error: ", "aaaa.", "certificate of ", "SecretStore"]
)
def test_long_messages_take_no_time(part: str):
    cause_of(part * (4_000 // len(part)))
