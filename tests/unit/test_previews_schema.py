"""The JSON Schema of `starry apply --schema` accepts what the reader accepts, and refuses what it refuses."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from starry_gitops.errors import StarryError
from starry_gitops.settings.previews import ALIASES, DERIVED, PREVIEW, previews_schema
from tests.unit.previews_list import FULL, TOKEN, read, refused, wanted
from tests.unit.strategies import SCALARS, tags

SCHEMA = previews_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# What one value alone cannot show, or the schema's patterns do not know, is the reader's to refuse.
BEYOND = (
    "both stand there", "names no valid image", "contradict", "is not a path", "environment variable", "too long",
    "longer than", "control character", "looks like", "is empty", "pull request", "is not within", "too large",
    "whole number of minutes",
)  # fmt: skip


def agree(folder: Path, document: object) -> None:
    """The reader accepts just what the schema accepts, but for what a schema cannot say."""
    accepted = not list(VALIDATOR.iter_errors(document))
    fault = fault_of(folder, json.dumps(document))
    if fault is None:
        assert accepted, [error.message for error in VALIDATOR.iter_errors(document)]
    elif not any(words in fault for words in BEYOND):
        assert not accepted, fault


def fault_of(folder: Path, text: str) -> str | None:
    try:
        faults = [item.wanted for item in read(folder, text) if isinstance(item.wanted, StarryError)]
    except StarryError as error:
        return error.message
    return faults[0].message if faults else None


def test_the_schema_is_a_schema_that_explains_each_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    described = SCHEMA["$defs"]["preview"]["properties"]
    assert set(described) == {*PREVIEW.keys, *ALIASES, *DERIVED}
    assert [key for key in described if '"description"' not in json.dumps(described[key])] == []


WRONG: list[object] = [
    None, [], {}, ["x"], {"x": 1}, {"x": "y"}, {"backend": None}, {"a": [1]}, -1, 0, 1, 45, 1.5, True, "", "x", "30m",
    "PT1H", "P", "0m", "90s", "30s", "\x07", "é", "1", 10**17, [{}],
]  # fmt: skip


@pytest.mark.parametrize("key", sorted({*PREVIEW.keys, *ALIASES, *DERIVED, "unknown"}))
def test_reader_and_schema_agree_on_each_key(key: str, tmp_path: Path) -> None:
    for value in WRONG:
        agree(tmp_path, [{"name": "p", key: value}])


@pytest.mark.parametrize(
    "document",
    [
        *WRONG, [[]], [None], [1], [{}], {"previews": []}, {"previews": [{}]}, {"version": 1, "previews": []},
        {"version": 2, "previews": []}, {"version": "1", "previews": []}, {"version": None, "previews": []},
        {"version": True, "previews": []}, {"version": 1}, {"previews": None}, {"previews": {}},
        {"previews": [], "x": 1}, [FULL], {"previews": [FULL, FULL]},
    ],
    ids=repr,
)  # fmt: skip
def test_reader_and_schema_agree_on_the_list(document: object, tmp_path: Path) -> None:
    agree(tmp_path, document)


texts = st.sampled_from([*SCALARS, "alice", "v1", "30m", "a.b", TOKEN]) | st.text(max_size=8)
plain = st.none() | st.booleans() | st.integers(-2, 10**18) | texts
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2), max_leaves=4
)
good: dict[str, st.SearchStrategy[object]] = {
    "name": st.sampled_from(["p", "preview-1"]),
    "images": st.dictionaries(st.sampled_from(["backend", "frontend1"]), tags, max_size=2),
    "ttl": st.sampled_from(["45m", "PT90M", "1h30m"]),
    "owner": st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9),
    "pin": st.booleans(),
    "sequence": st.integers(0, 10**17),
    "pr": st.integers(1, 999),
    "set": st.dictionaries(st.sampled_from(["a.b", "c"]), st.booleans() | st.integers(-9, 9), max_size=2),
}
entries = st.fixed_dictionaries({}, optional=good)
odd = st.dictionaries(st.sampled_from([*PREVIEW.keys, *ALIASES, *DERIVED, "x"]), values, max_size=3)


@settings(max_examples=300)
@given(st.lists(entries | st.builds(lambda one, other: {**one, **other}, entries, odd), max_size=3))
def test_reader_and_schema_agree_on_any_list(tmp_path_factory: pytest.TempPathFactory, document: list[object]) -> None:
    agree(tmp_path_factory.getbasetemp(), document)


@given(st.lists(entries, max_size=3))
def test_yaml_and_json_read_the_same(tmp_path_factory: pytest.TempPathFactory, document: list[object]) -> None:
    folder = tmp_path_factory.getbasetemp()
    as_json = [wanted(item) for item in read(folder, json.dumps(document))]
    assert as_json == [wanted(item) for item in read(folder, json.dumps(document, indent="\t", ensure_ascii=False))]
    assert as_json == [wanted(item) for item in read(folder, yaml.safe_dump(document, sort_keys=False))]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_json_text_is_the_same_with_a_tab_beside_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A text that YAML would read otherwise, or not at all, is what JSON says it is."""
    (item,) = read(tmp_path_factory.getbasetemp(), json.dumps([{"name": "p", "set": {"a": text}}], indent="\t"))
    if text.isprintable():
        assert isinstance(item.wanted, StarryError) or item.wanted.edits[0].value == text
    else:
        assert "control character" in refused(item).message
