"""The strict reader reads the same data as other YAML readers, wherever it reads at all."""

import io
import json
import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from starry_gitops.core.yamltext import leaves, line_of, look_up, parse_document, plain, text_at
from tests.unit.strategies import documents


def read(text: str) -> object:
    return plain(parse_document(text, file="x.yaml"))


@given(documents)
def test_json_is_read_as_json(data: object) -> None:
    assert read(json.dumps(data, ensure_ascii=False)) == data


@given(documents, st.sampled_from([None, "'", '"', "|"]), st.booleans(), st.integers(2, 6))
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(data: object, style: str | None, flow: bool, step: int) -> None:
    dumper = yaml.SafeDumper
    dumper.ignore_aliases = lambda *_: True
    text = yaml.dump(
        _quoted(data, style), Dumper=dumper, default_flow_style=flow, indent=step, allow_unicode=True, sort_keys=False
    )
    if "!!" in text or "<<" in text:
        return  # a tag or a merge key: refused, and tested as such
    assert _same(read(text), yaml.safe_load(text)), text


def _quoted(data: object, style: str | None) -> object:
    return _Styled(data) if isinstance(data, str) and style == "|" and "\n" in data else data


class _Styled(str):
    __slots__ = ()


yaml.SafeDumper.add_representer(
    _Styled, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


def _same(ours: object, theirs: object) -> bool:
    """Equal, but for what Starry reads as text on purpose: dates, sexagesimal, octal and hexadecimal numbers."""
    if isinstance(theirs, dict):
        pairs = zip(ours.items(), theirs.items(), strict=True) if isinstance(ours, dict) else ()
        return isinstance(ours, dict) and all(str(a) == _key(b) and _same(x, y) for (a, x), (b, y) in pairs)
    if isinstance(theirs, list):
        return (
            isinstance(ours, list)
            and len(ours) == len(theirs)
            and all(_same(a, b) for a, b in zip(ours, theirs, strict=True))
        )
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs)
    if isinstance(ours, float) and isinstance(theirs, str):
        return re.fullmatch(r"[-+]?\d+[eE][-+]?\d+", theirs) is not None  # a number for Go, and for YAML 1.2
    return type(ours) is type(theirs) and ours == theirs


def _key(key: object) -> str:
    return key if isinstance(key, str) else {None: "null", True: "true", False: "false"}.get(key, str(key))


@given(st.dictionaries(st.text("abcdefg", min_size=1, max_size=8), documents, max_size=5))
def test_what_ruamel_writes_is_read_as_it_was(data: dict[str, object]) -> None:
    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.representer.ignore_aliases = lambda *_: True
    writer.dump(data, out)
    if "!!" in out.getvalue() or "<<" in out.getvalue():
        return
    assert _same_words(read(out.getvalue()), data), out.getvalue()


def _same_words(ours: object, data: object) -> bool:
    """ruamel writes YAML 1.2, where `yes` is text and so is unquoted; a reader of 1.1 must then say true."""
    if isinstance(data, str):
        words = {"yes": True, "on": True, "no": False, "off": False}
        return ours == data or ours is words.get(data.lower())
    if isinstance(data, dict):
        return isinstance(ours, dict) and all(_same_words(ours[key], value) for key, value in data.items())
    if isinstance(data, list):
        return isinstance(ours, list) and all(_same_words(a, b) for a, b in zip(ours, data, strict=True))
    return ours == data


PLAIN: dict[str, object] = {
    "1e3": 1000.0, "1.5": 1.5, "-7": -7, "0": 0, "010": "010", "0x1F": "0x1F", "0o17": "0o17", "1_000": "1_000",
    "12:30": "12:30", "2026-01-31": "2026-01-31", "2026-01-31T18:00:00Z": "2026-01-31T18:00:00Z", "yes": True,
    "No": False,
    "on": True, "OFF": False, "TRUE": True, "tRUE": "tRUE", "y": "y", "n": "n", "~": None, "null": None, "NULL": None,
    ".inf": ".inf", ".nan": ".nan", "1.": 1.0, ".5": 0.5, "+1": 1, "1e": "1e", "1.0.0": "1.0.0", "=": "=",
    "9" * 18: int("9" * 18), "": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_unquoted_scalars(text: str, value: object) -> None:
    found = read(f"a: {text}\n")
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize("text", [text for text in PLAIN if text])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_scalars_are_text(text: str, quote: str) -> None:
    assert read(f"a: {quote}{text}{quote}\n") == {"a": text}


@pytest.mark.parametrize("text", ["a: |\n  yes\n", "a: >-\n  1e3\n"])
def test_block_scalars_are_text(text: str) -> None:
    assert isinstance(read(text)["a"], str)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=6), st.integers(0, 99), min_size=1, max_size=8))
def test_every_key_and_value_knows_its_line(data: dict[str, int]) -> None:
    lines = ["# a comment", "top:"]
    for key, value in data.items():
        lines += [f'  "{key}":', f"    {value}", ""]
    node = parse_document("\n".join(lines), file="x.yaml")
    for key, value in data.items():
        assert lines[line_of(node, "top", key) - 1].strip() == f'"{key}":'
        found = next(leaf for path, leaf in leaves(node) if path == ("top", key))
        assert lines[found.line - 1].strip() == str(value)
    assert line_of(node, "top", "nothing") == 2
    assert line_of(node, "nothing") == 1 + (not lines[0].startswith("top"))


@given(documents)
def test_leaves_and_look_up_agree(data: object) -> None:
    node = parse_document(json.dumps({"root": data}, ensure_ascii=False), file="x.yaml")
    for path, leaf in leaves(node):
        if all(not part.isdecimal() for part in path):
            assert look_up(node, *path) is leaf
            assert text_at(node, *path) == (leaf.value if isinstance(leaf.value, str) else None)
    assert look_up(node, "root", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m") is None
