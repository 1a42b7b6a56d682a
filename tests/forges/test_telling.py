"""The sticky comment among others: whose it is, races, and what a failure leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from starry_gitops.core.comment import Answer
from starry_gitops.core.notice import Notice
from starry_gitops.errors import AccessDenied
from starry_gitops.forges.sticky import Kept
from starry_gitops.forges.telling import Manner, Teller
from tests.support.memory_forge import MemoryForge

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
NOTICE = Notice(overlay="dev", name="preview-7", state="ready", expires_at=NOW + timedelta(hours=1), commit="1" * 40)
MARKER = "<!-- starry:preview v1 dev/preview-7 -->"


def tell(forge: MemoryForge, notice: Notice = NOTICE, *, may_create: bool = True, manner: Manner | None = None) -> Kept:
    teller = Teller(forge, manner or Manner(now=NOW))
    return teller.tell(teller.thread(7), notice, head_commit="2" * 40, may_create=may_create).kept


def test_nothing_is_written_twice():
    forge = MemoryForge()
    assert tell(forge) == Kept(action="created", comment=1)
    assert tell(forge) == Kept(action="unchanged", comment=1)
    assert tell(forge, manner=Manner(now=NOW + timedelta(minutes=9))) == Kept(action="unchanged", comment=1)
    assert forge.writes == ["status", "create"]


def test_two_at_once_leave_one():
    """Both saw no comment, and both make one."""
    forge = MemoryForge()
    forge.say("alice", "Hello")
    forge.before_write = lambda: tell(forge)
    assert tell(forge) == Kept(action="unchanged", comment=2)
    assert [one.author for one in forge.said] == ["alice", "starry"]


def test_a_marker_of_others_counts_for_nothing():
    forge = MemoryForge()
    forge.say("mallory", f"{MARKER}\nhere")
    forge.say("Starry-bot", f"{MARKER}\nhere")
    assert tell(forge) == Kept(action="created", comment=3)
    assert [one.body.endswith("here") for one in forge.said] == [True, True, False]


def test_names_have_no_case():
    forge = MemoryForge(name="Starry")
    tell(forge)
    forge.name = "starry"
    assert tell(forge).action == "unchanged"


@pytest.mark.parametrize("name", ["github-actions[bot]", "gitea-actions"])
def test_a_pipelines_token_does_not_know_its_name(name: str):
    forge = MemoryForge(name=name, knows_itself=False)
    forge.say("mallory", f"{MARKER}\nhere")
    assert tell(forge) == Kept(action="created", comment=2)
    assert tell(forge) == Kept(action="unchanged", comment=2)


def test_another_bots_comment_is_not_removed():
    forge = MemoryForge(name="github-actions[bot]", knows_itself=False)
    tell(forge)
    forge.say("other[bot]", f"{MARKER}\nhere")
    assert tell(forge) == Kept(action="unchanged", comment=1)
    assert len(forge.said) == 2


def test_where_nobody_was_told_nobody_is():
    forge = MemoryForge()
    assert tell(forge, may_create=False) == Kept(action="none", comment=None)
    assert forge.writes == []


def test_a_status_that_fails_is_tried_again():
    forge = MemoryForge(may_set_status=False)
    with pytest.raises(AccessDenied):
        tell(forge)
    assert forge.said == []
    forge.may_set_status = True
    assert tell(forge).action == "created"
    assert [commit for commit, _ in forge.statuses] == ["1" * 40]


def test_an_answer_alone_sets_no_status():
    forge = MemoryForge()
    tell(forge)
    teller = Teller(forge, Manner(now=NOW))
    answer = Answer(comment=9, author="alice", command="/preview help", outcome="these are the commands")
    assert teller.tell(teller.thread(7), NOTICE, head_commit="2" * 40, answer=answer).kept.action == "updated"
    assert len(forge.statuses) == 1


def test_without_a_full_commit_the_head_gets_it():
    forge = MemoryForge()
    tell(forge, Notice(overlay="dev", name="preview-7", state="ready", commit="abc1234"))
    assert [commit for commit, _ in forge.statuses] == ["2" * 40]


def test_dry_run():
    forge = MemoryForge()
    assert tell(forge, manner=Manner(now=NOW, dry_run=True)) == Kept(action="created", comment=None)
    assert forge.writes == []
