"""Maps and lists put in or taken out of YAML as people write it; every other line stays."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.block import block_lines
from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.edits import Drop, Graft
from starry_gitops.core.merge import same
from starry_gitops.core.yamltext import parse_document, plain
from tests.unit import test_edit
from tests.unit.handwritten import Written, get, keys, paths, written
from tests.unit.strategies import documents
from tests.unit.test_edit import lines_changed, read

MAPS_AND_LISTS = documents.filter(lambda data: isinstance(data, dict | list))


def edited(data: object, path: tuple[str, ...], value: object) -> object:
    """The data with another value at a path."""
    key, *rest = path
    below = dict(data) if isinstance(data, dict) else {}
    below[key] = edited(below.get(key), tuple(rest), value) if rest else value
    return below


@given(MAPS_AND_LISTS.filter(bool), st.sampled_from([0, 2, 5]))
@hypothesis_settings(max_examples=150)
def test_block_lines_mean_the_data(data: object, indent: int) -> None:
    lines = block_lines(data, indent)
    assert all(line.startswith(" " * indent) and "\n" not in line for line in lines)
    assert same(plain(parse_document("\n".join(lines) + "\n", file="x.yaml")), data)


@given(written(), MAPS_AND_LISTS, st.booleans(), st.data())
@hypothesis_settings(max_examples=200)
def test_a_graft_changes_what_it_names_and_no_other_line(
    file: Written, value: object, crlf: bool, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(paths(file.data)))
    text = file.text.replace("\n", "\r\n") if crlf else file.text
    assert isinstance(value, dict | list)
    new = edit_yaml(text, [Graft(path=path, value=value)], file="x.yaml")
    assert same(read(new), edited(file.data, path, value))
    went, came = lines_changed(file.text, new.replace("\r\n", "\n"))
    if value and not get(file.data, path):
        assert len(went) <= 1, (went, came)
    assert ("\r\n" in new) == crlf


@given(written(), st.lists(keys, min_size=1, max_size=3), MAPS_AND_LISTS)
@hypothesis_settings(max_examples=100)
def test_a_graft_of_a_new_key_takes_no_line_away(file: Written, path: list[str], value: object) -> None:
    place = tuple(path)
    leads = all(isinstance(get(file.data, place[:depth]), dict | None) for depth in range(1, len(place)))
    if not leads or place in paths(file.data):
        return
    assert isinstance(value, dict | list)
    new = edit_yaml(file.text, [Graft(path=place, value=value)], file="x.yaml")
    assert same(read(new), edited(file.data, place, value))
    assert lines_changed(file.text, new)[0] == []


@given(written(), st.data())
@hypothesis_settings(max_examples=150)
def test_a_dropped_block_takes_its_lines_and_no_other(file: Written, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(file.data)))
    above = get(file.data, path[:-1])
    if not isinstance(above, dict) or len(above) < 2:
        return
    new = edit_yaml(file.text, [Drop(path=path)], file="x.yaml")
    assert read(new) == test_edit.edited(file.data, Drop(path=path))
    went, came = lines_changed(file.text, new)
    assert came == []
    assert went


@given(written(), st.data())
@hypothesis_settings(max_examples=150)
def test_a_list_keeps_the_lines_and_comments_of_the_items_that_stay(file: Written, data: st.DataObject) -> None:
    lists = [path for path in paths(file.data) if isinstance(get(file.data, path), list) and get(file.data, path)]
    if not lists:
        return
    path = data.draw(st.sampled_from(lists))
    items = get(file.data, path)
    assert isinstance(items, list)
    wanted = data.draw(st.lists(st.sampled_from([*items, "new.example", 7]), min_size=1, max_size=4, unique=True))
    new = edit_yaml(file.text, [Graft(path=path, value=wanted)], file="x.yaml")
    assert same(read(new), edited(file.data, path, wanted))
    went, _ = lines_changed(file.text, new)
    if "[" not in file.text:
        assert len([line for line in went if not line.lstrip().startswith("#")]) <= len(items)


CASES = {
    "the first key of the file": ("a:\n  - 1\nb: 2\n", ("a",), [2, 3], "a:\n  - 2\n  - 3\nb: 2\n"),
    "a list below a comment": ("a:  # why\n  # first\n  - x  # one\n  - y\n", ("a",), ["x", "z"],
                               'a:  # why\n  # first\n  - x  # one\n  - "z"\n'),
    "an item before the first": ("a:\n- x # one\n", ("a",), ["w", "x"], 'a:\n- "w"\n- x # one\n'),
    "an item between": ("a:\n  - x # one\n  - z\n", ("a",), ["x", "y", "z"], 'a:\n  - x # one\n  - "y"\n  - z\n'),
    "an item less": ("a:\n  - x # one\n  - y # two\n  - z\n", ("a",), ["x", "z"], "a:\n  - x # one\n  - z\n"),
    "a number for a text": ("a:\n  - '1' # one\n", ("a",), [1], "a:\n  - 1 # one\n"),
    "a list in flow style": ("a: [x, y] # why\n", ("a",), ["x", "z"], 'a: ["x", "z"] # why\n'),
    "no item left": ("a: # why\n  - x\nb: 1\n", ("a",), [], "a: [] # why\nb: 1\n"),
    "a map for a list": ("a: # why\n  - x\nb: 1\n", ("a",), {"c": 1}, "a: # why\n  c: 1\nb: 1\n"),
    "a map for a value": ("a: 1 # why\nb: 1\n", ("a",), {"c": 1}, "a: # why\n  c: 1\nb: 1\n"),
    "a map for nothing": ("a:\nb: 1\n", ("a",), {"c": {"d": []}}, "a:\n  c:\n    d: []\nb: 1\n"),
    "no map for a map": ("a:\n  b: 1\nc: 1\n", ("a",), {}, "a: {}\nc: 1\n"),
    "a map at the end": ("a:\n  b: 1", ("a",), {"c": 1}, "a:\n  c: 1\n"),
    "a map for a value at the end": ("a: 1", ("a",), {"c": 1}, "a:\n  c: 1"),
    "a block that ends in text": ("a:\n  b: |\n    x\n\nc: 1\n", ("a",), {"d": 1}, None),
    "a block that ends in kept text": ("a:\n  - b: |+\n      x\n\n\nc: 1\n", ("a",), {"d": 1}, None),
    "a block that ends in folded text": ("a:\n  b: >-\n    x\n    y\n# end\nc: 1\n", ("a",), {"d": 1}, None),
    "a block of four spaces": ("a:\n    b:\n        c: 1\n", ("a", "b"), {"d": 1}, "a:\n    b:\n        d: 1\n"),
    "an explicit key": ("? a\n: - x\nb: 1\n", ("a",), [1, {"c": 2}], None),
    "a value below its key": ("a:\n  x\nb: 1\n", ("a",), [1], None),
    "text over lines": ("a: x\n  y\nb: 1\n", ("a",), {"c": 1}, None),
    "literal text": ("a: |\n  x\nb: 1\n", ("a",), {"c": 1}, None),
    "within a flow map": ("a: {b: [1], c: 2}\n", ("a", "b"), {"d": 1}, None),
    "a file in flow style": ("{a: 1}\n", ("a",), {"d": [1]}, None),
    "an empty file map": ("{}\n", ("a", "b"), {"d": [1]}, None),
    "a list of maps": ("a:\n  - b: 1 # x\n    c: 2\nd: 1\n", ("a",), [{"b": 2, "c": [1]}],
                       "a:\n  - b: 2\n    c:\n      - 1\nd: 1\n"),
    "a hostile text": ("a: 1\n", ("a",), ["x\ny: 2", "\x85", "# no", "- no", "", " "], None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "path", "value", "expected"), CASES.values(), ids=CASES)
def test_a_graft_in_styles_that_people_use(
    text: str, path: tuple[str, ...], value: dict[str, object] | list[object], expected: str | None
) -> None:
    new = edit_yaml(text, [Graft(path=path, value=value)], file="x.yaml")
    assert same(read(new), edited(read(text), path, value))
    assert expected is None or new == expected


DROPS = {
    "a block that ends in text": ("a:\n  b: |\n    x\n\nc: 1\n", "c: 1\n"),
    "a block that ends in kept text": ("a:\n  b: |+\n    x\n\nc: 1\n", "c: 1\n"),
    "a block before a comment": ("a:\n  b: 1\n# about c\nc: 1\n", "# about c\nc: 1\n"),
    "a list that does not stand in": ("a:\n- 1\n- 2\nc: 1\n", "c: 1\n"),
    "the last block": ("c: 1\na:\n  b: 1", "c: 1\n"),
    "a block in flow style": ("a: {b: 1} # x\nc: 1\n", None),
    "a block in flow style over lines": ("a: {\n  b: 1\n}\nc: 1\n", None),
    "a block with an explicit key": ("? a\n: b: 1\nc: 1\n", None),
    "text over lines": ("a: x\n  y\nc: 1\n", None),
}


@pytest.mark.parametrize(("text", "expected"), DROPS.values(), ids=DROPS)
def test_a_block_that_goes_in_styles_that_people_use(text: str, expected: str | None) -> None:
    new = edit_yaml(text, [Drop(path=("a",))], file="x.yaml")
    assert read(new) == {"c": 1}
    assert expected is None or new == expected
