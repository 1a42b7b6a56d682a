"""Where a new key or value goes: into empty maps, flow maps, nulls, below comments; many edits at once."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.edit import Append, Discard, Drop, Edit, Put, edit_yaml
from starry_gitops.errors import InvalidRepository
from tests.unit.handwritten import Written, get, keys, values, written
from tests.unit.test_edit import edited, read

TAG = Put(path=("backend", "image", "tag"), value="2")
PLACES: dict[str, tuple[str, Edit]] = {
    "an empty map": ("backend: {}\nz: 1\n", TAG),
    "an empty map with a comment": ("backend: {}  # none yet\nz: 1\n", TAG),
    "an empty inner map": ("backend:\n  image: {}\nz: 1\n", TAG),
    "a flow map": ("backend: {image: {repository: a, tag: '1'}, x: 1}\nz: 1\n", TAG),
    "a flow map without the key": ("backend: {image: {repository: a}}\nz: 1\n", TAG),
    "a flow map over lines": ("backend: {\n  image: {\n    tag: '1',\n  },\n}\nz: 1\n", TAG),
    "an empty flow map over lines": ("backend: {\n}\nz: 1\n", TAG),
    "a flow map without a trailing comma": ("backend: {\n  x: 1 # one\n}\nz: 1\n", TAG),
    "a null": ("backend:\nz: 1\n", TAG),
    "a null with a comment": ("backend:  # later\n\nz: 1\n", TAG),
    "a null word": ("backend: null\nz: 1\n", TAG),
    "a tilde": ("backend:\n  image: ~\nz: 1\n", TAG),
    "a null at the end": ("z: 1\nbackend:", TAG),
    "the last block without a newline": ("z: 1\nbackend:\n  x: 1", TAG),
    "the last block before a comment": ("backend:\n  x: 1\n# the end\n", TAG),
    "the last block before an inner comment": ("backend:\n  x: 1\n  # inner\n\n# outer\nz: 1\n", TAG),
    "a block that ends in text": ("backend:\n  x: |\n    text\n\n    more\n\nz: 1\n", TAG),
    "a block that ends in kept text": ("backend:\n  x: |+\n    text\n\n\nz: 1\n", TAG),
    "a block that ends in a list": ("backend:\n  x:\n  - 1\n  - 2\nz: 1\n", TAG),
    "a block of four spaces": ("backend:\n    image:\n        repository: a\nz: 1\n", TAG),
    "a value that is text over lines": ("backend:\n  image:\n    tag: >-\n      old\n      tag\nz: 1\n", TAG),
    "a quoted value over lines": ('backend:\n  image:\n    tag: "old\n      tag"  # why\nz: 1\n', TAG),
    "a value below its key": ("backend:\n  image:\n    tag:\n      old\nz: 1\n", TAG),
    "an explicit key": ("backend:\n  image:\n    ? tag\n    : old\nz: 1\n", TAG),
    "a quoted key": ("'backend':\n  \"image\":\n    'tag': old\nz: 1\n", TAG),
    "a key with an escape": ('"back\\x65nd":\n  image:\n    tag: old\nz: 1\n', TAG),
    "an empty value": ("backend:\n  image:\n    tag:\n    repository: a\nz: 1\n", TAG),
    "an empty value with a comment": ("backend:\n  image:\n    tag:  # none\n    repository: a\nz: 1\n", TAG),
    "an empty document map": ("{}\n", TAG),
    "a document in flow style": ("{backend: {image: {tag: 1}}, z: 1}\n", TAG),
    "JSON": ('{\n  "backend": {\n    "image": {"tag": "1"}\n  },\n  "z": 1\n}\n', TAG),
    "a document mark": ("---\nbackend:\n  x: 1\n...\n", TAG),
    "a list item into nothing": ("z: 1\n", Append(path=("ingress", "hosts"), value="a")),
    "a list item into a null": ("ingress:\n  hosts:\nz: 1\n", Append(path=("ingress", "hosts"), value="a")),
    "a list item into an empty list": (
        "ingress:\n  hosts: []  # none\nz: 1\n", Append(path=("ingress", "hosts"), value="a"),
    ),
    "a list item into a flow list": ("ingress: {hosts: [b]}\nz: 1\n", Append(path=("ingress", "hosts"), value="a")),
    "a list item after a comment": ("hosts:\n- b  # b\n# end of hosts\nz: 1\n", Append(path=("hosts",), value="a")),
    "the only list item": ("hosts:\n  - a  # a\nz: 1\n", Discard(path=("hosts",), value="a")),
    "the first list item": ("hosts:\n  - a\n  - b\nz: 1\n", Discard(path=("hosts",), value="a")),
    "an item of a flow list": ("hosts: [b, a, c]\nz: 1\n", Discard(path=("hosts",), value="a")),
    "an item that stands twice": ("hosts: [a, b, a]\nz: 1\n", Discard(path=("hosts",), value="a")),
    "the only key": ("backend:\n  a: 1\nz: 1\n", Drop(path=("backend", "a"))),
    "the last key of all": ("backend: 1\n", Drop(path=("backend",))),
    "a key of a flow map": ("backend: {a: 1, b: 2}\nz: 1\n", Drop(path=("backend", "a"))),
    "a key with a block": ("backend:\n  a:\n    b: 1\n  c: 1\nz: 1\n", Drop(path=("backend", "a"))),
    "a key with text": ("backend:\n  a: |\n    b\n\n  c: 1\nz: 1\n", Drop(path=("backend", "a"))),
}  # fmt: skip


def meant(data: object, edit: Edit) -> object:
    """As `edited`, where a null stands for an empty map or list, and an empty map for what has lost its last key."""
    return edited(_without_nulls(data, edit.path), edit)


def _without_nulls(data: object, path: tuple[str, ...]) -> object:
    if not isinstance(data, dict) or not path or path[0] not in data:
        return data
    inner = data[path[0]]
    if inner is None and len(path) > 1:
        return {key: value for key, value in data.items() if key != path[0]}
    return {**data, path[0]: _without_nulls(inner, path[1:])}


def same(found: object, expected: object) -> bool:
    """Equal; a map or list that lost its last item may also be empty in another way."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return found == expected or (not found and expected in ({}, [], None))


@pytest.mark.parametrize(("text", "edit"), PLACES.values(), ids=PLACES)
def test_the_edit_is_made_or_refused_and_the_rest_stays(text: str, edit: Edit) -> None:
    try:
        new = edit_yaml(text, [edit], file="x.yaml")
    except InvalidRepository as error:
        assert error.file == "x.yaml"  # noqa: PT017
        pytest.fail(f"refused: {error.message}")
    if isinstance(edit, Append) and get(read(text), edit.path) is None:
        assert get(read(new), edit.path) == [edit.value]
    else:
        assert same(read(new), meant(read(text), edit)), new
    for line in text.splitlines():
        if line.startswith("z:") or line.strip().startswith("# "):
            assert line in new.splitlines()


@pytest.mark.parametrize(("text", "edit"), PLACES.values(), ids=PLACES)
def test_the_same_edit_again_changes_nothing(text: str, edit: Edit) -> None:
    once = edit_yaml(text, [edit], file="x.yaml")
    assert edit_yaml(once, [edit], file="x.yaml") == once


@pytest.mark.parametrize(("text", "edit"), PLACES.values(), ids=PLACES)
def test_crlf_gives_the_same_edit_in_crlf(text: str, edit: Edit) -> None:
    new = edit_yaml(text.replace("\n", "\r\n"), [edit], file="x.yaml")
    assert new.replace("\r\n", "\n") == edit_yaml(text, [edit], file="x.yaml")
    assert "\n" not in new.replace("\r\n", "")


edits = st.lists(
    st.one_of(
        st.builds(Put, path=st.lists(keys, min_size=1, max_size=3).map(tuple), value=values),
        st.builds(Drop, path=st.lists(keys, min_size=1, max_size=2).map(tuple)),
        st.builds(
            Append, path=st.lists(keys, min_size=1, max_size=2).map(tuple), value=st.sampled_from(["a.example", "n"])
        ),
        st.builds(Discard, path=st.lists(keys, min_size=1, max_size=2).map(tuple), value=st.just("a.example")),
    ),
    min_size=2,
    max_size=5,
)


@given(written(), edits)
@hypothesis_settings(max_examples=200)
def test_many_edits_at_once_are_the_edits_one_after_another(file: Written, wanted: list[Edit]) -> None:
    expected: object = file.data
    for edit in wanted:
        if not _fits(expected, edit):
            return
        expected = edited(expected, edit)
    new = edit_yaml(file.text, wanted, file="x.yaml")
    assert same(read(new), expected), new
    one_by_one = file.text
    for edit in wanted:
        one_by_one = edit_yaml(one_by_one, [edit], file="x.yaml")
    assert read(one_by_one) == read(new)


def _fits(data: object, edit: Edit) -> bool:
    """The path leads through maps to a scalar, a list for list edits, or nothing."""
    for depth in range(1, len(edit.path)):
        if not isinstance(get(data, edit.path[:depth]), dict | None):
            return False
    found = get(data, edit.path)
    if isinstance(edit, Append | Discard):
        return isinstance(found, list | None)
    return not isinstance(found, dict | list)
