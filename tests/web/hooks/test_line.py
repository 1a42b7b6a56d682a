"""The queue of what webhooks ask for: bounded, in order, tried again, and ended in order."""

import threading
from collections.abc import Callable

import pytest

from starry_gitops.errors import AccessDenied, ContentionLost, DoubtfulAnswer, RemoteUnreachable, StarryError
from starry_gitops.web.hook_line import Busy, Job, Line, Told
from tests.web.served import wait_until


class Notes:
    """What the line told, and what was done."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.done: list[str] = []

    def fates(self) -> list[tuple[str, str, int]]:
        return [(one.fate, one.result, one.attempts) for one in self.told]

    def job(self, name: str, work: Callable[[], str] | None = None, *deliveries: str) -> Job:
        def note() -> str:
            self.done.append(name)
            return work() if work else "updated"

        return Job(key=(name,), what="push", work=note, deliveries=deliveries or (name,))


def failing(*errors: StarryError) -> Callable[[], str]:
    """Raises each one once, then works."""
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "created"

    return work


def gate(started: threading.Event, go_on: threading.Event) -> Callable[[], str]:
    def work() -> str:
        started.set()
        assert go_on.wait(20)
        return "updated"

    return work


def test_one_after_another_in_order() -> None:
    notes = Notes()
    line = Line("test", notes.told.append)
    for number in range(20):
        line.add(notes.job(str(number)))
    wait_until(lambda: len(notes.told) == 20)
    assert notes.done == [str(number) for number in range(20)]
    line.close()
    line.join()


def test_what_waits_under_one_key_is_done_once() -> None:
    notes, started, go_on = Notes(), threading.Event(), threading.Event()
    line = Line("test", notes.told.append)
    line.add(notes.job("first", gate(started, go_on)))
    assert started.wait(20)
    for number in range(300):
        line.add(notes.job("same", None, f"d{number}"))
    line.add(notes.job("first"))
    assert len(line) == 2
    go_on.set()
    wait_until(lambda: len(notes.told) == 3)
    assert notes.done == ["first", "same", "first"]
    assert len(notes.told[1].job.deliveries) == 100
    assert notes.told[1].job.deliveries[-1] == "d299"
    line.close()


def test_no_more_wait_than_may() -> None:
    notes, started, go_on = Notes(), threading.Event(), threading.Event()
    line = Line("test", notes.told.append, most=3)
    line.add(notes.job("first", gate(started, go_on)))
    assert started.wait(20)
    for name in "abc":
        line.add(notes.job(name))
    with pytest.raises(Busy):
        line.add(notes.job("d"))
    line.add(notes.job("a"))
    go_on.set()
    wait_until(lambda: len(notes.told) == 4)
    line.add(notes.job("d"))
    wait_until(lambda: len(notes.told) == 5)
    assert notes.done == ["first", "a", "b", "c", "d"]
    line.close()


@pytest.mark.parametrize("kind", [RemoteUnreachable, DoubtfulAnswer, ContentionLost])
def test_who_does_not_answer_is_asked_again(kind: type[StarryError]) -> None:
    notes = Notes()
    line = Line("test", notes.told.append, pauses=(0.01, 0.01))
    line.add(notes.job("a", failing(kind("away"), kind("away"))))
    wait_until(lambda: len(notes.told) == 3)
    assert notes.fates() == [("again", kind.code, 1), ("again", kind.code, 2), ("done", "created", 3)]
    line.close()


def test_not_for_ever() -> None:
    notes = Notes()
    line = Line("test", notes.told.append, pauses=(0.01, 0.01))
    line.add(notes.job("a", failing(*(RemoteUnreachable("away") for _ in range(9)))))
    wait_until(lambda: notes.told and notes.told[-1].fate == "failed")
    assert [one[0] for one in notes.fates()] == ["again", "again", "failed"]
    assert len(notes.done) == 3
    line.close()


def test_a_refusal_is_not_tried_again_and_others_go_on() -> None:
    notes = Notes()
    line = Line("test", notes.told.append)
    line.add(notes.job("a", failing(AccessDenied("no"))))
    line.add(notes.job("b", lambda: str(1 // 0)))
    line.add(notes.job("c"))
    wait_until(lambda: len(notes.told) == 3)
    assert notes.fates() == [("failed", "access_denied", 1), ("failed", "unexpected", 1), ("done", "updated", 1)]
    line.close()


def test_others_need_not_wait_for_what_is_tried_again() -> None:
    notes = Notes()
    line = Line("test", notes.told.append, pauses=(3600,))
    line.add(notes.job("away", failing(RemoteUnreachable("away"))))
    line.add(notes.job("here"))
    wait_until(lambda: len(notes.told) == 2)
    assert notes.done == ["away", "here"]
    line.close()
    line.join()
    assert notes.fates()[-1] == ("dropped", "dropped", 1)


def test_closing_drops_what_waits_and_ends_what_is_under_way() -> None:
    notes, started, go_on = Notes(), threading.Event(), threading.Event()
    line = Line("test", notes.told.append)
    line.add(notes.job("first", gate(started, go_on)))
    assert started.wait(20)
    line.add(notes.job("second"))
    line.close()
    assert notes.fates() == [("dropped", "dropped", 0)]
    with pytest.raises(Busy):
        line.add(notes.job("third"))
    go_on.set()
    line.join()
    assert notes.done == ["first"]
    assert notes.fates()[-1] == ("done", "updated", 1)


def test_what_fails_while_closing_is_not_tried_again() -> None:
    notes, started, go_on = Notes(), threading.Event(), threading.Event()
    line = Line("test", notes.told.append)

    def work() -> str:
        gate(started, go_on)()
        raise RemoteUnreachable("away")

    line.add(notes.job("first", work))
    assert started.wait(20)
    line.close()
    go_on.set()
    line.join()
    assert notes.fates() == [("failed", "remote_unreachable", 1)]


def test_a_line_that_was_never_used_ends() -> None:
    line = Line("test", lambda _: None)
    line.close()
    line.join()
