"""merge: leaf by leaf, the template decides where the file still holds what Starry wrote, else the person does."""

from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.edit import edit_yaml
from starry_gitops.core.merge import MISSING, edits_between, leaves_of, merge, same
from starry_gitops.core.yamltext import parse_document, plain
from tests.unit.handwritten import Written, get, written

NOBODY: frozenset[tuple[str, ...]] = frozenset()
KEYS = st.sampled_from(["a", "b", "c", "d.e"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, "", "1", "x", "true"])
LEAVES = SCALARS | st.lists(SCALARS | st.dictionaries(KEYS, SCALARS, max_size=2), max_size=3) | st.just({})
MAPS = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=3),
    lambda below: st.dictionaries(KEYS, LEAVES | below, max_size=3),
    max_leaves=8,
)


def value_at(data: Any, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return MISSING
        data = data[key]
    return data


@given(MAPS, MAPS)
def test_where_all_is_starrys_the_template_is_taken(current: dict[str, Any], template: dict[str, Any]) -> None:
    merged = merge(current, template, leaves_of(current), NOBODY)
    assert same(merged.data, template)
    assert merged.kept == ()


@given(MAPS, MAPS)
def test_where_nobody_knows_no_leaf_that_stands_changes(current: dict[str, Any], template: dict[str, Any]) -> None:
    for unknown in (None, {}):
        merged = merge(current, template, unknown, NOBODY)
        for path, value in leaves_of(current).items():
            assert value == {} or same(value_at(merged.data, path), value)
        for path, value in leaves_of(template).items():
            found = value_at(merged.data, path)
            assert same(found, value) or path in merged.kept


@given(MAPS, MAPS, MAPS)
@hypothesis_settings(max_examples=200)
def test_a_persons_leaf_never_changes(current: dict[str, Any], template: dict[str, Any], old: dict[str, Any]) -> None:
    known = leaves_of(old)
    merged = merge(current, template, known, NOBODY)
    for path, value in leaves_of(current).items():
        if value != {} and not same(known.get(path, MISSING), value):
            assert same(value_at(merged.data, path), value)


@given(MAPS, MAPS, MAPS)
@hypothesis_settings(max_examples=200)
def test_a_leaf_that_a_person_removed_does_not_come_back(
    current: dict[str, Any], template: dict[str, Any], old: dict[str, Any]
) -> None:
    merged = merge(current, template, leaves_of(old), NOBODY)
    here = leaves_of(current)
    for path in leaves_of(old).keys() & leaves_of(template).keys() - here.keys():
        if value_at(current, path) is MISSING:
            assert value_at(merged.data, path) is MISSING


@given(MAPS, MAPS, MAPS)
@hypothesis_settings(max_examples=200)
def test_merging_again_changes_nothing(current: dict[str, Any], template: dict[str, Any], old: dict[str, Any]) -> None:
    known = leaves_of(old)
    once = merge(current, template, known, NOBODY)
    # As `replay` sees the commit that the first merge made.
    before, after = leaves_of(current), leaves_of(once.data)
    written_now = {path: value for path, value in known.items() if not (path in before and path not in after)}
    written_now |= {path: value for path, value in after.items() if not same(before.get(path, MISSING), value)}
    again = merge(once.data, template, written_now, NOBODY)
    assert same(again.data, once.data)


@given(MAPS, MAPS, MAPS)
def test_what_is_set_below_a_path_stays(current: dict[str, Any], template: dict[str, Any], old: dict[str, Any]) -> None:
    merged = merge(current, template, leaves_of(old) | leaves_of(current), frozenset({("a",)}))
    for path, value in leaves_of(current).items():
        if path[0] == "a" and value != {}:
            assert same(value_at(merged.data, path), value)


@given(MAPS, MAPS, MAPS)
def test_the_maps_given_stay_as_they_are(
    current: dict[str, Any], template: dict[str, Any], old: dict[str, Any]
) -> None:
    texts = repr(current), repr(template)
    merge(current, template, leaves_of(old), NOBODY)
    assert (repr(current), repr(template)) == texts


@given(written(), MAPS | written().map(lambda file: file.data), st.booleans())
@hypothesis_settings(max_examples=200)
def test_the_edits_between_two_maps_make_one_into_the_other(before: Written, after: dict[str, Any], crlf: bool) -> None:
    text = before.text.replace("\n", "\r\n") if crlf else before.text
    new = edit_yaml(text, edits_between(before.data, after), file="x.yaml")
    assert same(plain(parse_document(new, file="x.yaml")), after)
    assert edit_yaml(new, edits_between(after, after), file="x.yaml") == new


@given(MAPS, MAPS)
def test_between_equal_maps_there_is_no_edit(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (list(edits_between(one, other)) == []) == same(one, other)


def test_equal_means_equal_as_yaml() -> None:
    assert not same(1, True)
    assert not same(1, 1.0)
    assert not same([1], [True])
    assert not same({"a": 0}, {"a": False})
    assert same({"a": [1, {"b": None}], "c": ""}, {"c": "", "a": [1, {"b": None}]})


def test_a_map_that_loses_its_last_leaf_goes_with_it() -> None:
    current = {"a": {"b": {"c": 1}}, "d": 1}
    assert merge(current, {"d": 1}, leaves_of(current), NOBODY).data == {"d": 1}
    kept = merge({"a": {"b": {"c": 1}, "mine": 2}}, {}, {("a", "b", "c"): 1}, NOBODY)
    assert kept.data == {"a": {"mine": 2}}


def test_a_map_where_a_value_was_takes_its_place_and_back() -> None:
    for current, template in (({"a": 1}, {"a": {"b": 1}}), ({"a": {"b": 1}}, {"a": 1})):
        assert merge(current, template, leaves_of(current), NOBODY).data == template
        merged = merge(current, template, {}, NOBODY)
        assert merged.data == current
        assert merged.kept == tuple(leaves_of(template))


@given(written(), st.data())
def test_only_the_lines_of_what_changes_change(file: Written, data: st.DataObject) -> None:
    scalars = [path for path, value in leaves_of(file.data).items() if not isinstance(value, dict | list)]
    if not scalars:
        return
    path = data.draw(st.sampled_from(scalars))
    template = {**{key: file.data[key] for key in file.data}}
    merged = merge(file.data, set_at(template, path, "new value"), leaves_of(file.data), NOBODY)
    new = edit_yaml(file.text, edits_between(file.data, merged.data), file="x.yaml")
    assert get(plain(parse_document(new, file="x.yaml")), path) == "new value"
    pairs = zip(file.text.splitlines(), new.splitlines(), strict=True)
    assert sum(one != other for one, other in pairs) == 1


def set_at(data: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    key, *rest = path
    return {**data, key: set_at(data[key], tuple(rest), value) if rest else value}
