"""The web page: the list, a new preview through it, and many people who look at once."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from statistics import median

from benchmarks.bench import Bench, Row
from benchmarks.crowd import look_around, percentile_99
from benchmarks.figures import milliseconds_text, ratio_row
from benchmarks.page import Page, serve
from benchmarks.repositories import Bare, preview_name, reset
from benchmarks.rounds import take_turns

_ALL = "/?whole=1"
_IMAGES = {"images": dict.fromkeys(("backend", "frontend1", "frontend2"), "2.0.0")}
# How often each of many asks in a round.
_EACH = 20
_LIST, _CROWD = 0.05, 1.0


def web(bench: Bench) -> list[Row]:
    """The page as a process with sign-in, in a repository of the usual large size."""
    bare = bench.repository(previews=bench.sizes.many)
    reset(bench.sandbox, bare)
    with serve(bench.sandbox, bare) as page:
        return [*_lists(bench, page), _create(bench, page, bare), *_crowds(bench, page, bare)]


def _lists(bench: Bench, page: Page) -> list[Row]:
    sizes, me = bench.sizes, page.person(0)
    paths = {"as a page of HTML": _ALL, "as JSON": f"/api/v1/previews?limit={sizes.many}"}
    for path in paths.values():
        page.ask(path, me)
    found = take_turns(sizes.rounds, {words: partial(page.ask, path, me) for words, path in paths.items()})
    work = f"web: the list of {sizes.many:,} previews"
    return [_row(f"{work} {words}", _median(one), _LIST, median(one)) for words, one in found.seconds.items()]


def _create(bench: Bench, page: Page, bare: Bare) -> Row:
    people = map(page.person, count(1))
    looks = []

    def by_page() -> float:
        reset(bench.sandbox, bare)
        person = next(people)
        seconds = page.put("new-preview", _IMAGES, person)
        looks.append(page.ask(_ALL, person))
        return seconds

    found = take_turns(bench.sizes.rounds, {"page": by_page, "process": partial(bench.create, bare)})
    work = f"web: a new preview through the API, against `starry create`, {bench.sizes.many:,} previews"
    row = ratio_row(work, found, "page", "process", 1.3)
    measured = f"{row.measured}; the first look at the list afterwards {_median(looks)}"
    return Row(work=work, measured=measured, bound=row.bound, met=row.met)


def _crowds(bench: Bench, page: Page, bare: Bare) -> list[Row]:
    """Rounds without and with somebody who writes meanwhile."""
    people = [page.person(number) for number in range(bench.sizes.people)]
    name = preview_name(bench.sizes.many // 2)
    paths = ("/", f"/api/v1/previews/{name}", "/api/v1/previews", f"/previews/dev/{name}")
    seconds: dict[str, list[list[float]]] = {"": [], ", while somebody creates one preview after another": []}
    quiet, busy = seconds

    def look(words: str) -> float:
        seconds[words].append(look_around(page, people, paths, _EACH))
        return percentile_99(seconds[words][-1])

    def look_while_writing() -> float:
        reset(bench.sandbox, bare)
        with _writing(page):
            return look(busy)

    take_turns(bench.sizes.slow_rounds, {quiet: partial(look, quiet), busy: look_while_writing})
    return [_crowd_row(len(people), words, rounds) for words, rounds in seconds.items()]


@contextmanager
def _writing(page: Page) -> Iterator[None]:
    """Creates previews until the block ends, each in another person's name: nobody may write so often."""
    ended = threading.Event()

    def write() -> None:
        for number in count(1):
            if ended.is_set():
                return
            page.put(f"crowd-{number}", _IMAGES, page.person(number))

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        try:
            yield
        finally:
            ended.set()
        done.result()


def _crowd_row(people: int, words: str, rounds: list[list[float]]) -> Row:
    tails = [percentile_99(one) for one in rounds]
    middle = milliseconds_text(median(seconds for one in rounds for seconds in one))
    work = f"web: {people} people read at once{words}"
    return _row(work, f"99 of 100 answers within {_median(tails)}; half of them within {middle}", _CROWD, median(tails))


def _row(work: str, measured: str, limit: float, seconds: float) -> Row:
    return Row(work=work, measured=measured, bound=f"≤ {milliseconds_text(limit)}", met=seconds <= limit)


def _median(seconds: Sequence[float]) -> str:
    return f"{milliseconds_text(median(seconds))} (best {milliseconds_text(min(seconds))})"
