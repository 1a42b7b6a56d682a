"""An edit changes what it names: the data is the old data with that edit, and every other line stays as it was."""

import copy
import difflib

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.edit import Append, Discard, Drop, Edit, Put, edit_yaml
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import InvalidRepository
from tests.unit.handwritten import Written, get, keys, paths, values, written
from tests.unit.strategies import HOSTILE


def read(text: str) -> object:
    return plain(parse_document(text, file="x.yaml"))


def edited(data: object, edit: Edit) -> object:
    """What an edit means, on plain data."""
    data = copy.deepcopy(data)
    parent = data
    for key in edit.path[:-1]:
        assert isinstance(parent, dict)
        if key not in parent and isinstance(edit, Drop | Discard):
            return data
        parent = parent.setdefault(key, {})
    assert isinstance(parent, dict)
    last = edit.path[-1]
    match edit:
        case Put(value=value):
            parent[last] = value
        case Drop():
            parent.pop(last, None)
        case Append(value=value):
            items = parent.setdefault(last, [])
            parent[last] = items if value in items else [*items, value]
        case Discard(value=value):
            if last in parent:
                parent[last] = [item for item in parent[last] or [] if item != value]
    return data


def lines_changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    found = list(difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True)))
    return [line[2:] for line in found if line[0] == "-"], [line[2:] for line in found if line[0] == "+"]


@st.composite
def put_on_value(draw: st.DrawFn) -> tuple[Written, Put]:
    """A file and an edit of a scalar that is in it."""
    file = draw(written().filter(lambda one: any(_is_scalar(one, path) for path in paths(one.data))))
    path = draw(st.sampled_from([path for path in paths(file.data) if _is_scalar(file, path)]))
    return file, Put(path=path, value=draw(values))


def _is_scalar(file: Written, path: tuple[str, ...]) -> bool:
    return not isinstance(get(file.data, path), dict | list)


@given(written())
def test_the_generator_means_what_it_says(file: Written) -> None:
    assert read(file.text) == file.data


@given(written())
def test_no_edit_keeps_the_very_text(file: Written) -> None:
    assert edit_yaml(file.text, [], file="x.yaml") == file.text
    same = [Put(path=path, value=get(file.data, path)) for path in paths(file.data) if _is_scalar(file, path)]
    assert edit_yaml(file.text, same, file="x.yaml") == file.text


@given(put_on_value())
@hypothesis_settings(max_examples=100)
def test_a_new_value_changes_one_line(case: tuple[Written, Put]) -> None:
    file, edit = case
    new = edit_yaml(file.text, [edit], file="x.yaml")
    assert read(new) == edited(file.data, edit)
    went, came = lines_changed(file.text, new)
    assert len(went) == len(came) <= 1, (went, came)
    for line in went:
        assert line.endswith("  # why\n") == came[0].endswith("  # why\n")
        assert line.endswith(" # see a: b\n") == came[0].endswith(" # see a: b\n")


@given(written(), st.lists(keys, min_size=1, max_size=3), values)
@hypothesis_settings(max_examples=100)
def test_a_new_key_adds_lines_and_changes_none(file: Written, path: list[str], value: str | int) -> None:
    if any(not isinstance(get(file.data, tuple(path[:depth])), dict | None) for depth in range(1, len(path) + 1)):
        return
    if get(file.data, tuple(path)) is not None:
        return
    edit = Put(path=tuple(path), value=value)
    new = edit_yaml(file.text, [edit], file="x.yaml")
    assert read(new) == edited(file.data, edit)
    assert lines_changed(file.text, new)[0] == []


@given(written(), st.data())
@hypothesis_settings(max_examples=100)
def test_a_dropped_key_takes_its_own_line_and_no_other(file: Written, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(file.data)))
    if not _is_scalar(file, path) or len(get(file.data, path[:-1])) < 2:
        return
    new = edit_yaml(file.text, [Drop(path=path)], file="x.yaml")
    assert read(new) == edited(file.data, Drop(path=path))
    went, came = lines_changed(file.text, new)
    assert came == []
    assert [line for line in went if line.lstrip().startswith("#")] == [], "comments of other keys"
    assert len([line for line in went if line.strip()]) == 1


@given(written(), st.data())
@hypothesis_settings(max_examples=100)
def test_list_items_come_and_go_one_by_one(file: Written, data: st.DataObject) -> None:
    lists = [path for path in paths(file.data) if isinstance(get(file.data, path), list)]
    if not lists:
        return
    path = data.draw(st.sampled_from(lists))
    added = Append(path=path, value="new.example")
    more = edit_yaml(file.text, [added], file="x.yaml")
    assert read(more) == edited(file.data, added)
    assert read(edit_yaml(more, [Discard(path=path, value="new.example")], file="x.yaml")) == file.data
    for item in get(file.data, path):
        edit = Discard(path=path, value=item)
        assert read(edit_yaml(file.text, [edit], file="x.yaml")) == edited(file.data, edit)
        assert edit_yaml(file.text, [Append(path=path, value=item)], file="x.yaml") == file.text


@given(put_on_value())
def test_an_edit_made_twice_is_made_once(case: tuple[Written, Put]) -> None:
    file, edit = case
    once = edit_yaml(file.text, [edit], file="x.yaml")
    assert edit_yaml(once, [edit], file="x.yaml") == once


@given(put_on_value())
def test_crlf_stays_crlf(case: tuple[Written, Put]) -> None:
    file, edit = case
    new = edit_yaml(file.text.replace("\n", "\r\n"), [edit], file="x.yaml")
    assert new.replace("\r\n", "\n") == edit_yaml(file.text, [edit], file="x.yaml")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_written_as_itself_or_refused(value: str) -> None:
    try:
        new = edit_yaml("a: 1\nb: 2\n", [Put(path=("a",), value=value)], file="x.yaml")
        found = read(new)
    except InvalidRepository:
        assert not value.isprintable()
        return
    assert found == {"a": value, "b": 2}


BLOCKED: dict[str, tuple[str, Edit]] = {
    "through a scalar": ("a: 1\n", Put(path=("a", "b"), value=1)),
    "through a list": ("a: [1]\n", Put(path=("a", "b"), value=1)),
    "in a list": ("- 1\n", Put(path=("a",), value=1)),
    "in a scalar": ("x\n", Put(path=("a",), value=1)),
    "an item of a map": ("a: {b: 1}\n", Append(path=("a",), value="x")),
    "an item of a scalar": ("a: 1\n", Append(path=("a",), value="x")),
    "a drop through a scalar": ("a: 1\n", Drop(path=("a", "b"))),
    "a value over a map": ("a: {b: 1}\n", Put(path=("a",), value=1)),
    "a value over a list": ("a: [1]\n", Put(path=("a",), value=1)),
}


@pytest.mark.parametrize(("text", "edit"), BLOCKED.values(), ids=BLOCKED)
def test_a_path_that_leads_nowhere_is_refused_or_replaces_whole(text: str, edit: Edit) -> None:
    try:
        new = edit_yaml(text, [edit], file="x.yaml")
    except InvalidRepository as error:
        assert error.file == "x.yaml"  # noqa: PT017
        return
    assert isinstance(edit, Put), new
    assert read(new) == {"a": edit.value}
