"""The corpus itself: large enough, and no case a mere repetition of another."""

import json

import pytest

from tests.corpus.cases import kinds, load

FILES = [(folder, kind) for folder in ("arguments", "repositories") for kind in kinds(folder)]
SMALLEST = 300


@pytest.mark.parametrize(("folder", "kind"), FILES, ids=[kind for _, kind in FILES])
def test_no_case_is_there_twice(folder: str, kind: str) -> None:
    cases = load(folder, kind)
    inputs = [
        json.dumps({key: value for key, value in case.entry.items() if key in {"text", "put", "file", "files", "odd"}})
        for case in cases
    ]
    assert len(set(inputs)) == len(inputs)
    reasons = [(case.why, case.entry.get("file")) for case in cases]
    assert len(set(reasons)) == len(reasons)
    assert all(isinstance(case.why, str) for case in cases), "words such as no, true and null need quotes"


def test_there_are_many() -> None:
    assert sum(len(load(folder, kind)) for folder, kind in FILES) >= SMALLEST
