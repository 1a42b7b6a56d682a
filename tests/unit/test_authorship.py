"""replay: what Starry wrote last, leaf by leaf, from the commits that carry its trailers."""

import pytest

from starry_gitops.core.authorship import Revision, Written, replay
from starry_gitops.core.paths import join_path, split_path


def told(*steps: tuple[bool, str | bytes | None], own: tuple[str, ...] = (), start: str | None = None) -> Written:
    """The values.yaml of each step: whether Starry wrote it, and the content (None: it cannot be had)."""
    contents: dict[str, bytes] = {}
    revisions, old = [], start
    if start is not None:
        contents[start] = start.encode()
    for number, (by_starry, content) in enumerate(steps):
        blob = f"{number}"
        if content is not None:
            contents[blob] = content.encode() if isinstance(content, str) else content
        revisions.append(Revision(by_starry=by_starry, own=own, files={"values.yaml": (old, blob)}))
        old = blob
    return replay(revisions, contents)


def values(*steps: tuple[bool, str | bytes | None], start: str | None = None) -> dict[tuple[str, ...], object]:
    return dict(told(*steps, start=start).leaves["values.yaml"])


A, B = ("a",), ("b",)


def test_what_starry_made_is_starrys() -> None:
    assert values((True, "a: 1\nb: {c: [x], d: {}}\n")) == {A: 1, ("b", "c"): ["x"], ("b", "d"): {}}


def test_what_a_person_made_is_not() -> None:
    assert values((False, "a: 1\n")) == {}


def test_what_starry_changed_in_a_persons_file_is_starrys_from_then_on() -> None:
    assert values((False, "a: 1\nb: 1\n"), (True, "a: 2\nb: 1\n")) == {A: 2}


def test_a_persons_change_leaves_what_starry_wrote_last_on_record() -> None:
    assert values((True, "a: 1\n"), (False, "a: 2\n")) == {A: 1}
    assert values((True, "a: 1\n"), (False, "b: 2\n")) == {A: 1}


def test_what_starry_removed_is_off_the_record() -> None:
    assert values((True, "a: 1\nb: 1\n"), (True, "b: 1\n")) == {B: 1}


@pytest.mark.parametrize(("old", "new"), [("1", "true"), ("1", "1.0"), ("'1'", "1"), ("false", "0"), ("[1]", "[true]")])
def test_values_that_python_takes_for_equal_are_told_apart(old: str, new: str) -> None:
    before, after = (next(iter(values((True, f"a: {one}\n")).values())) for one in (old, new))
    found = values((True, f"a: {old}\n"), (True, f"a: {new}\n"))[A]
    assert (repr(found), repr(before) == repr(after)) == (repr(after), False)


def test_a_list_into_which_a_person_wrote_stays_the_persons_when_starry_adds_an_item() -> None:
    steps = (True, "a: [x]\n"), (False, "a: [x, mine]\n"), (True, "a: [x, mine, y]\n")
    assert values(*steps) == {A: ["x"]}
    assert values((False, "a: [mine]\n"), (True, "a: [mine, y]\n")) == {}


def test_a_list_that_was_starrys_alone_stays_starrys_when_it_grows() -> None:
    assert values((True, "a: [x]\n"), (True, "a: [x, y]\n")) == {A: ["x", "y"]}


UNREADABLE: dict[str, str | bytes | None] = {
    "gone": None, "not YAML": "a: [", "a list": "- 1\n", "a text": "a\n", "not UTF-8": b"\xff", "empty": "",
    "huge": b"a: " + b"x" * (1 << 20), "twice": "a: 1\na: 2\n", "an alias": "a: &x 1\nb: *x\n",
    "deep": "[" * 60 + "]" * 60,
}  # fmt: skip


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_version_that_cannot_be_read_claims_nothing_for_starry(content: str | bytes | None) -> None:
    assert values((True, "a: 1\n"), (True, content)) == {A: 1}
    assert values((False, content), (True, "a: 1\n")) == {}
    assert values((True, "a: 1\n"), (False, content), (True, "a: 2\nb: 1\n")) == {A: 1}


def test_paths_that_a_person_set_are_those_of_starrys_commits() -> None:
    files = {"values.yaml": (None, "0")}
    revisions = [
        Revision(by_starry=True, own=("quota.memory", "global.labels.a\\.b/c", "", "..", "-", "a b"), files=files),
        Revision(by_starry=False, own=("forged",), files=files),
    ]
    assert replay(revisions, {"0": b"a: 1\n"}).own == {("quota", "memory"), ("global", "labels", "a.b/c")}


@pytest.mark.parametrize("path", [("a",), ("a", "b"), ("a.b", "c.d/e"), ("starry.env/owner",), ("x",) * 20])
def test_a_path_as_text_is_read_as_itself(path: tuple[str, ...]) -> None:
    assert split_path(join_path(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a b", "a\\", "\\.", "é", "a\0b", ".".join("x" * 21)])
def test_what_is_no_path_is_none(text: str) -> None:
    assert split_path(text) is None
