"""What a pipeline's runner would obey, in YAML and in lines."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.workflow_commands import harmless_json, harmless_line, harmless_name, harmless_text
from starry_gitops.core.yaml_output import harmless_document, harmless_yaml

TEXTS = st.lists(
    st.sampled_from(["::", "::error::x", "##[", "##[add-mask]", "#", "\n", "\n\n", " ", "\t", "\r", "\\", '"', "'"])
    | st.sampled_from(["word " * 17, "- ", "? ", ": ", "é", "\u2028", "\x85", "x" * 130, "---", "|", ">", "&a", "%"]),
    max_size=8,
).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def obeyed(text: str) -> list[str]:
    """The lines that GitHub's runner obeys."""
    return [line for line in re.split(r"[\r\n]", text) if line.strip().startswith("::") or "##[" in line]


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=2))
def test_no_line_is_a_command_and_nothing_else_changes(documents: list[dict[str, object]]) -> None:
    text = harmless_yaml(documents)
    assert obeyed(text) == []
    assert list(yaml.safe_load_all(text)) == documents


@given(VALUES)
def test_a_document(data: object) -> None:
    text = harmless_document(data)
    assert obeyed(text) == []
    assert yaml.safe_load(text) == data


@given(VALUES)
def test_json(data: object) -> None:
    text = harmless_json(json.dumps(data, indent=2))
    assert obeyed(text) == []
    assert json.loads(text) == data


def test_what_holds_no_command_stays_as_it_is() -> None:
    document = {"kind": "ConfigMap", "data": {"a": "one\ntwo\n", "b": "a::b", "c": "## heading", "d": "1", "e": 1}}
    plain = yaml.dump_all([document], Dumper=yaml.CSafeDumper, sort_keys=False, explicit_start=True)
    assert harmless_yaml([document]) == plain


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("   ::error::x", "   : :error::x"),
        ("a ##[error]x ##[error]", "a ## [error]x ## [error]"),
        ("+ ::error::x", "+ ::error::x"),
        ("a::b", "a::b"),
    ],
)
def test_lines(line: str, shown: str) -> None:
    assert harmless_line(line) == shown
    assert obeyed(harmless_line(line)) == []


def test_texts() -> None:
    assert harmless_text("a::b\n  ::c\n##[d]\n") == "a::b\n  : :c\n## [d]\n"


@given(TEXTS.map(lambda text: "".join(text.split("\n")).replace("\r", "")))
def test_names(name: str) -> None:
    shown = harmless_name(name)
    assert obeyed(shown) == []
    assert shown.replace(r"\x3a", ":").replace(r"\x23", "#") == name
