"""A short soak, and that a soak would notice."""

import dataclasses
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from soak import hooks
from soak.check import check, kinds
from soak.journal import Attempt, Journal
from soak.leftovers import find
from soak.operation import TRANSPORTS, Fault, Item, Operation
from soak.plan import KINDS, operations
from soak.report import format_report
from soak.run import Order, soak
from soak.sandbox import Sandbox, make_sandbox
from soak.servers import missing_program
from soak.writers import Client, run

PREVIEW = "overlays/dev/previews/preview-1"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = make_sandbox(tmp_path / "soak", writers=["w0"])
    yield made
    made.close()


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[Journal]:
    opened = Journal(sandbox.folder / "operations.jsonl")
    yield opened
    opened.close()


def create(sandbox: Sandbox, journal: Journal, number: int = 1, *, fault: Fault = Fault()) -> Attempt:  # noqa: B008
    item = Item(name="preview-1", images={"backend": f"tag-{number}"})
    words = ("create", item.name, f"--image=backend=tag-{number}")
    operation = Operation(id=f"w0-{number:05d}", kind="create", words=words, items=(item,), fault=fault)
    attempt = run(Client(sandbox=sandbox, servers={}, operation=operation, writer="w0"))
    journal.note(attempt)
    return attempt


def test_all_promises_hold_under_real_faults(tmp_path: Path) -> None:
    transports = TRANSPORTS[:2] if missing_program() else TRANSPORTS
    order = Order(seed=3, writers=3, transports=transports, kinds=KINDS, operations=18)
    outcome = soak(order, tmp_path / "soak", lambda *_: None)
    assert not outcome.breaches, format_report(outcome)
    assert outcome.findings.landed > 0
    assert sum(attempt.struck for attempt in outcome.journal.attempts) > 0


def test_the_seed_gives_the_schedule() -> None:
    first, second, other = (list(islice(operations(seed, 0, TRANSPORTS, KINDS), 200)) for seed in (7, 7, 8))
    assert first == second
    assert first != other
    assert {operation.kind for operation in first} == set(KINDS)


def test_what_nobody_disturbs_has_no_breach(sandbox: Sandbox, journal: Journal) -> None:
    assert create(sandbox, journal).is_acknowledged
    assert create(sandbox, journal, 2).is_acknowledged
    assert check(sandbox, journal).breaches == ()
    assert list(find(sandbox)) == []


def test_a_clobbered_change_is_found(sandbox: Sandbox, journal: Journal) -> None:
    create(sandbox, journal)
    sandbox.git("update-ref", "-m", "push", "refs/heads/main", "refs/heads/main~1")
    assert kinds(check(sandbox, journal).breaches) == {"lost": 1}


def test_what_a_person_took_away_by_force_is_not_owed(sandbox: Sandbox, journal: Journal) -> None:
    create(sandbox, journal)
    person = {"GIT_COMMITTER_EMAIL": "person-00001@soak.invalid"}
    sandbox.git("update-ref", "-m", "push", "refs/heads/main", "refs/heads/main~1", env=person)
    found = check(sandbox, journal)
    assert found.breaches == ()
    assert found.dropped == 1


def test_a_half_change_is_found(sandbox: Sandbox, journal: Journal) -> None:
    create(sandbox, journal)
    clone = sandbox.folder / "clone"
    sandbox.git("clone", "--quiet", str(sandbox.bare), str(clone), cwd=sandbox.folder)
    (clone / PREVIEW / "values.yaml").unlink()
    message = "preview(preview-1): delete\n\nStarry-Action: delete\nStarry-Preview: preview-1\n"
    by = {"GIT_COMMITTER_EMAIL": "w0-00002@soak.invalid"}
    sandbox.git("commit", "--quiet", "--all", f"--message={message}", cwd=clone, env=by)
    sandbox.git("push", "--quiet", "origin", "HEAD:main", cwd=clone, env=by)
    item = Item(name="preview-1")
    fault = Fault(kind="kill", details={"after": 0.1})
    operation = Operation(id="w0-00002", kind="delete", words=("delete", "preview-1"), items=(item,), fault=fault)
    now = time.time()
    journal.note(
        Attempt(operation=operation, started=now, ended=now, code=-9, out="", answer=None, err="", struck=True)
    )
    found = kinds(check(sandbox, journal).breaches)
    assert found["half"] > 0
    assert found["invalid"] > 0


def test_a_commit_with_other_content_is_found(sandbox: Sandbox, journal: Journal) -> None:
    create(sandbox, journal)
    attempt = create(sandbox, journal, 2)
    wrong = Item(name="preview-1", images={"backend": "tag-3"})
    journal.attempts[-1] = dataclasses.replace(
        attempt, operation=dataclasses.replace(attempt.operation, items=(wrong,))
    )
    assert kinds(check(sandbox, journal).breaches) == {"wrong": 1}


def test_a_temporary_file_and_a_lock_are_found(sandbox: Sandbox) -> None:
    (sandbox.temporary("w0") / "starry-left").mkdir()
    (sandbox.bare / "refs" / "heads" / "main.lock").touch()
    assert len(list(find(sandbox))) == 2


def test_an_end_that_nothing_explains_is_found(sandbox: Sandbox, journal: Journal) -> None:
    hooks.install(sandbox)
    attempt = create(sandbox, journal, fault=Fault(kind="refuse", details={"words": "frozen"}))
    assert (attempt.code, attempt.struck) == (6, True)
    assert "frozen" in attempt.err
    assert check(sandbox, journal).breaches == ()
    journal.attempts[-1] = dataclasses.replace(attempt, struck=False)
    assert kinds(check(sandbox, journal).breaches) == {"unexplained": 1}


def test_a_lost_answer_is_no_lost_change(sandbox: Sandbox, journal: Journal) -> None:
    hooks.install(sandbox)
    attempt = create(sandbox, journal, fault=Fault(kind="lost-answer", details={"times": 1}))
    assert (attempt.code, attempt.struck) == (0, True)
    found = check(sandbox, journal)
    assert found.breaches == ()
    assert found.landed == 1
