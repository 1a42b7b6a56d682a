"""A short byte-level fuzz in each test run; long ones: `python -m tests.fuzz.bytes --seconds S --seed N`."""

import os
import subprocess
import sys
from random import Random

import pytest

from tests.fuzz.agreement import changed_paths, comments, lost_comments, written
from tests.fuzz.bytes import make_input
from tests.fuzz.mutations import GENTLE, ROUGH
from tests.fuzz.targets import TARGETS
from tests.support.cli import ROOT

COUNT = int(os.environ.get("FUZZ_COUNT", "600"))
LIMIT = 600
"""Seconds for all of it: the watchdog inside is the bound for one input."""


def test_mutated_bytes_raise_nothing_hang_nowhere_and_change_only_what_is_owned() -> None:
    command = [sys.executable, "-m", "tests.fuzz.bytes", "--count", str(COUNT), "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3_000:]}"
    assert f"{COUNT} inputs" in done.stdout


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_are_valid(target: str) -> None:
    """Else the mutations would begin at nothing."""
    outcomes = [TARGETS[target].check(seed, number) for number, seed in enumerate(TARGETS[target].seeds())]
    assert not set(outcomes) & {"repository_invalid", "unread: usage", "usage"} or target == "render"


def test_an_input_follows_from_seed_and_number() -> None:
    assert make_input(7, "manifest", 99) == make_input(7, "manifest", 99) != make_input(8, "manifest", 99)


@pytest.mark.parametrize("way", [*GENTLE, *ROUGH])
def test_a_way_to_mutate_stands_anything(way: object) -> None:
    assert callable(way)
    for data in (b"", b"\n", b"a", b"a: b\n", bytes(range(256))):
        for seed in range(20):
            assert isinstance(way(data, [data, b"x: y\n"], Random(seed)), bytes)


def test_what_the_checks_see() -> None:
    """The oracles themselves: a lost comment, another value, another type, other quotes."""
    old = 'a: "é#x" # b\n# c\nd: |  # e\n  f # g\ni: j#k\n'
    assert comments(old) == {"# b": 1, "# c": 1, "# e": 1}
    assert lost_comments(old, 'a: 1 # b\nd: "# c"\n') == {"# c": 1, "# e": 1}
    assert list(changed_paths({"a": {"b": 1, "c": 2}}, {"a": {"b": True, "c": 2}})) == [("a", "b")]
    assert list(changed_paths({"a": None}, {"a": {"b": {"c": 1}}})) == [("a", "b", "c")]
    assert written("a: 'x'\nb: 0x1F\n") == {("a",): "'", ("b",): "0x1F"}
