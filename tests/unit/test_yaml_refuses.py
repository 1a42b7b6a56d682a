"""What is not strict YAML is an InvalidRepository that names its line; nothing else is ever raised, nothing hangs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.yamltext import MAX_BYTES, MAX_DEPTH, leaves, parse_document, plain
from starry_gitops.errors import InvalidRepository
from tests.unit.strategies import texts

# What is wrong: the text, and the line that must be named (0: none can be).
REFUSED: dict[str, tuple[str | bytes, int]] = {
    "a duplicate key": ("a: 1\nb: 2\na: 3\n", 3),
    "a duplicate key, quoted otherwise": ('a: 1\n"a": 2\n', 2),
    "a duplicate key in flow style": ("x: {a: 1,\n  a: 2}\n", 2),
    "a duplicate key deep down": ("a:\n  - b: 1\n    c: 2\n    b: 3\n", 4),
    "an anchor": ("a: &x 1\n", 1),
    "an anchor on a map": ("a: 1\nb: &x\n  c: 1\n", 2),
    "an alias": ("a: 1\nb: *x\n", 2),
    "a merge key": ("a:\n  <<: {b: 1}\n", 2),
    "a tag": ("a: !!str 1\n", 1),
    "a tag of one's own": ("a: 1\nb: !python/object:os.system x\n", 2),
    "a tag on a map": ("a: !!map\n  b: 1\n", 1),
    "a tag on the root": ("!!map {a: 1}\n", 1),
    "a non-specific tag": ("a: ! b\n", 1),
    "two documents": ("a: 1\n---\nb: 2\n", 2),
    "two documents, the second empty": ("a: 1\n---\n", 2),
    "two documents after an end mark": ("a: 1\n...\n---\nb: 2\n", 3),
    "an empty file": ("", 0),
    "only comments": ("# nothing\n", 0),
    "a map as key": ("? {a: 1}\n: 2\n", 1),
    "a list as key": ("a: 1\n? [b]\n: 2\n", 2),
    "a tab as indentation": ("a:\n\tb: 1\n", 2),
    "an unclosed quote": ('a: 1\nb: "x\n', 0),
    "an unclosed bracket": ("a: [1, 2\n", 0),
    "bad indentation": ("a: 1\n  b: 2\n", 2),
    "a control character": ("a: 1\nb: \x07\n", 0),
    "a NUL": ("a: \x00\n", 0),
    "not UTF-8": (b"a: 1\nb: \xff\n", 2),
    "half a character": (b"a: \xc3", 1),
    "UTF-16": ("a: 1\n".encode("utf-16"), 1),
    "an overlong encoding": (b"a: \xc0\x80\n", 1),
    "a surrogate": (b"a: \xed\xa0\x80\n", 1),
    "too deep a list": ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1),
    "too deep a map": ("".join(" " * depth + "a:\n" for depth in range(MAX_DEPTH + 2)), MAX_DEPTH + 1),
    "far too deep": ("[" * 100_000, 1),
    "too large": (b"a: " + b"x" * MAX_BYTES, 0),
    "a byte order mark": ("\ufeffa: 1\n", 1),
    "a line separator in a comment": ("a: 1\n# x\u2028b: 2\n", 2),
    "a paragraph separator in a value": ('a: "x\u2029"\n', 1),
    "a next-line mark": ("a: 1\n\n# x\x85b: 2\n", 3),
    "a lone carriage return": ("a: 1\rb: 2\n", 1),
    "a directive": ("%YAML 3.0\n---\na: 1\n", 0),
}


@pytest.mark.parametrize(("data", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_on_which_line(data: str | bytes, line: int) -> None:
    with pytest.raises(InvalidRepository) as caught:
        parse_document(data, file="x.yaml")
    error = caught.value
    assert error.file == "x.yaml"
    assert error.message.startswith("x.yaml")
    assert error.message.isprintable(), error.message
    if line:
        assert error.line == line, error.message


ALLOWED = [
    "---\na: 1\n",
    "a: 1\n...\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1",
    "a: 1\r\nb: 2\r\n",
    "[]",
    "{}",
    "x",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_allowed(text: str) -> None:
    assert parse_document(text.encode(), file="x.yaml") is not None


def test_the_deepest_that_is_allowed() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert str(plain(parse_document(text, file="x.yaml"))) == text


def test_the_size_counts_bytes_whatever_the_type() -> None:
    text = "a: " + "é" * (MAX_BYTES // 2)
    for data in (text, text.encode()):
        with pytest.raises(InvalidRepository):
            parse_document(data, file="x.yaml")


def tried(data: bytes | str) -> None:
    """Reads, and lets nothing but an InvalidRepository pass."""
    try:
        node = parse_document(data, file="x.yaml")
    except InvalidRepository as error:
        assert error.message.isprintable(), error.message  # noqa: PT017
        assert 0 <= error.line <= _most_lines(data)  # noqa: PT017
    else:
        plain(node)
        assert all(leaf.line > 0 for _, leaf in leaves(node))


def _most_lines(data: bytes | str) -> int:
    """YAML 1.1 breaks lines at more characters than editors do; what is missing at the end is missed one line later."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    return sum(character in "\r\n\x85\u2028\u2029" for character in text) + 2


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    tried(data)


@given(st.lists(st.sampled_from([*"abc:-?!&*|>'\"%@`{}[],# \n\t\r~<=", "  ", "\n- ", ": ", "---\n", "é", "\u2028"])))
def test_any_soup_of_yaml_is_read_or_refused(pieces: list[str]) -> None:
    tried("".join(pieces))
    tried("".join(pieces).encode())


@given(texts)
def test_any_text_is_read_or_refused(text: str) -> None:
    tried(text)


BOMBS = {
    "brackets": "[" * 200_000,
    "braces": "{" * 200_000,
    "questions": "? " * 100_000,
    "dashes": "- " * 100_000,
    "colons": "a: " * 100_000,
    "a billion laughs": "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a,*a]\n" for n in range(100)),
    "many keys": "\n".join(f"k{n}: 1" for n in range(50_000)),
    "one long key": "k" * 500_000 + ": 1",
    "quotes": '"' * 300_000,
    "comments": "#\n" * 300_000,
    "many lines of text": "a: |\n" + " x\n" * 200_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_or_refused_at_once(text: str) -> None:
    tried(text)
