"""One question for all who ask it; nobody waits for long, and a failure is shared too."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NoReturn

import pytest

from starry_gitops.errors import ContentionLost, DoubtfulAnswer, RemoteUnreachable
from starry_gitops.web.asking import MOST_WAITING, Asking


def _asking(*, fresh: float = 60, seconds: float = 20, at_once: int = 4) -> Asking[int]:
    return Asking("somebody", fresh=fresh, seconds=seconds, at_once=at_once)


def _counting() -> tuple[Callable[[int | None], int], list[int | None]]:
    before: list[int | None] = []

    def ask(last: int | None) -> int:
        before.append(last)
        return len(before)

    return ask, before


def test_an_answer_holds_for_a_while() -> None:
    ask, before = _counting()
    asking = _asking()
    assert [asking.answer("a", ask), asking.answer("a", ask), asking.answer("b", ask)] == [1, 1, 2]
    assert before == [None, None]


def test_who_asks_anew_has_the_last_answer() -> None:
    ask, before = _counting()
    asking = _asking(fresh=0)
    assert [asking.answer("a", ask), asking.answer("a", ask)] == [1, 2]
    assert before == [None, 1]


def test_many_ask_once() -> None:
    begun, may_end, asked = threading.Barrier(21), threading.Event(), []

    def ask(_: int | None) -> int:
        asked.append(1)
        may_end.wait(20)
        return 7

    def one(asking: Asking[int]) -> int:
        begun.wait(20)
        return asking.answer("a", ask)

    asking = _asking()
    with ThreadPoolExecutor(20) as people:
        answers = [people.submit(one, asking) for _ in range(20)]
        begun.wait(20)
        may_end.set()
        assert {answer.result() for answer in answers} == {7}
    assert asked == [1]


def test_who_waits_too_long_is_told_and_the_answer_is_for_the_next() -> None:
    may_end = threading.Event()

    def ask(_: int | None) -> int:
        may_end.wait(20)
        return 7

    asking = _asking(seconds=0.05)
    with pytest.raises(RemoteUnreachable, match="somebody did not answer within"):
        asking.answer("a", ask)
    assert asking.known("a", ask) is None
    may_end.set()
    while asking.known("a", ask) is None:
        pass
    assert asking.answer("a", ask) == 7


def test_only_so_many_at_once() -> None:
    may_end = threading.Event()
    asking = _asking(seconds=0.05, at_once=1)
    with pytest.raises(RemoteUnreachable):
        asking.answer("a", lambda _: int(may_end.wait(20)))
    with pytest.raises(ContentionLost, match="too much at once"):
        asking.answer("b", lambda _: 1)
    assert asking.known("b", lambda _: 1) is None
    may_end.set()


def test_only_so_many_wait() -> None:
    may_end = threading.Event()
    asking = _asking()

    def one() -> int | None:
        try:
            return asking.answer("a", lambda _: int(may_end.wait(20)))
        except ContentionLost:
            return None

    with ThreadPoolExecutor(MOST_WAITING + 5) as people:
        answers = [people.submit(one) for _ in range(MOST_WAITING + 5)]
        refused = [next(as_completed(answers)).result()]
        while sum(answer.done() for answer in answers) < 5:
            pass
        may_end.set()
        told = [answer.result() for answer in answers]
    assert refused == [None]
    assert (told.count(1), told.count(None)) == (MOST_WAITING, 5)
    assert asking.answer("a", lambda _: 7) == 1


def test_where_no_thread_can_be_had_the_next_one_may_ask() -> None:
    asking = _asking(fresh=0, at_once=1)
    before = threading.stack_size(2**46)
    try:
        with pytest.raises(ContentionLost):
            asking.answer("a", lambda _: 1)
    finally:
        threading.stack_size(before)
    assert asking.answer("a", lambda _: 7) == 7


def test_a_failure_is_everybodys_for_a_while() -> None:
    asked = []

    def ask(_: int | None) -> NoReturn:
        asked.append(1)
        raise DoubtfulAnswer("no")

    asking = _asking()
    for _ in range(3):
        with pytest.raises(DoubtfulAnswer, match="no"):
            asking.answer("a", ask)
    assert asked == [1]
