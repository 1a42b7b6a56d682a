"""Styles that people use: editing one value leaves each other line as it was written, byte by byte."""

import pytest

from starry_gitops.core.edit import Drop, Put, edit_yaml
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import InvalidRepository

# `b: 1` becomes `b: 2`.
STYLES = {
    "a null": "a: ~\nb: 1\n",
    "a null word": "a: null\nb: 1\n",
    "an empty value": "a:\nb: 1\n",
    "spaces after the colon": "a:    1\nb: 1\n",
    "aligned comments": "aaa: 1   # x\nb: 1\nc: 2 # z\n",
    "flow style with spaces": "x: { a: 1 , b: [ 1,2 ] }\nb: 1\n",
    "flow style over lines": "x: {\n  a: 1,\n  c: 2\n}\nb: 1\n",
    "lists of both indentations": "x:\n- 1\ny:\n  - 2\nb: 1\n",
    "maps of both indentations": "x:\n  a: 1\ny:\n    a: 1\nb: 1\n",
    "a long line": "a: " + "word " * 60 + "end\nb: 1\n",
    "a folded text": "a: >\n  some text\n  more\n\nb: 1\n",
    "a literal text that keeps its end": "a: |+\n  x\n\n\nb: 1\n",
    "a literal text with its own indentation": "a: |4\n     x\n    y\nb: 1\n",
    "plain text over lines": "a: some\n  more text\nb: 1\n",
    "quoted text over lines": 'a: "some\n  more text"\nb: 1\n',
    "single quotes": "a: 'it''s'\nb: 1\n",
    "escapes": 'a: "\\u00e9\\t"\nb: 1\n',
    "characters beyond ASCII": 'a: "é😀"\nc: é\nb: 1\n',
    "numbers of all kinds": "a: 0x1F\nc: 010\nd: 1_000\ne: 1e3\nf: 1.10\ng: +1\nh: .5\nb: 1\n",
    "dates": "a: 2026-01-31T18:00:00Z\nc: 2026-01-31\nb: 1\n",
    "words for truth": "a: yes\nc: True\nd: OFF\ne: TRUE\nb: 1\n",
    "CRLF with a comment": "a: 1 # x\r\n# y\r\nc:\r\n  - 1\r\nb: 1\r\n",
    "no newline at the end": "a: 1\nb: 1",
    "a start mark below a comment": "# top\n---\na: 1\nb: 1\n",
    "an end mark": "a: 1\nb: 1\n...\n",
    "a directive": "%YAML 1.1\n---\na: yes\nb: 1\n",
    "blank lines at the end": "a: 1\nb: 1\n\n\n",
    "a comment at the end": "a: 1\nb: 1\n# end\n",
    "comments between": "a: 1\n# x\n\n# y\nb: 1\n",
    "a comment of odd indentation": "a:\n  c: 1\n    # odd\n  d: 2\nb: 1\n",
    "a comment after a map's key": "a: # about a\n  c: 1\nb: 1\n",
    "comments in a list": "a:\n  # first\n  - 1 # one\n  # second\n  - 2\nb: 1\n",
    "quoted keys": "\"a\": 1\n'c': 2\nb: 1\n",
    "a list of maps": "a:\n  - name: x\n    value: 1\n  - name: y\n    value: 2\nb: 1\n",
    "lists in lists": "a:\n  - - 1\n    - 2\n  - []\n  - {}\nb: 1\n",
    "a tab after the colon": "a:\t1\nb: 1\n",
    "spaces at the end of a line": "a: 1   \nb: 1\n",
    "a URL with a fragment": "a: http://x:80/#frag\nc: a#b\nb: 1\n",
    "an explicit key": "? a\n: 1\nb: 1\n",
    "keys that are no text": "1: a\n2026-01-31: c\nnull: d\n1.5: e\nb: 1\n",
    "keys that are one for YAML 1.2": "1: a\ntrue: c\nb: 1\n",
    "a key of 200 characters": f"{'k' * 200}: x\nb: 1\n",
    "dashes with more spaces": "a:\n  -   1\n  -   2\nb: 1\n",
}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_the_other_lines_stay_as_they_were(text: str) -> None:
    assert edit_yaml(text, [Put(path=("b",), value=2)], file="x.yaml") == text.replace("b: 1", "b: 2")


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_the_data_is_the_old_data_with_the_edit(text: str) -> None:
    before = plain(parse_document(text, file="x.yaml"))
    assert isinstance(before, dict)
    try:
        new = edit_yaml(text, [Put(path=("b",), value=2)], file="x.yaml")
    except InvalidRepository:
        return
    assert plain(parse_document(new, file="x.yaml")) == {**before, "b": 2}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_no_comment_is_lost(text: str) -> None:
    try:
        new = edit_yaml(text, [Put(path=("b",), value=2), Put(path=("n", "m"), value=1)], file="x.yaml")
    except InvalidRepository:
        return
    comments = [line.partition("#")[2].strip() for line in text.splitlines() if "# " in line]
    for comment in comments:
        assert comment in new


DROPS = {
    "a comment above the next key": ("a: 1\nb: 1\n# about c\nc: 1\n", "a: 1\n# about c\nc: 1\n"),
    "a comment at the end": ("a: 1\nb: 1\n# the end\n", "a: 1\n# the end\n"),
    "a blank line below": ("a: 1\nb: 1\n\nc: 1\n", "a: 1\n\nc: 1\n"),
    "nothing around": ("a: 1\nb: 1\nc: 1\n", "a: 1\nc: 1\n"),
    "an inner key, before a comment": ("x:\n  a: 1\n  b: 1\n  # end of x\ny: 1\n", "x:\n  a: 1\n  # end of x\ny: 1\n"),
}


@pytest.mark.parametrize(("text", "expected"), DROPS.values(), ids=DROPS)
def test_a_dropped_key_leaves_what_stands_around_it(text: str, expected: str) -> None:
    path = ("x", "b") if text.startswith("x") else ("b",)
    assert edit_yaml(text, [Drop(path=path)], file="x.yaml") == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: >- # why\n  some\n  text\n\n# below\nb: 1\n", 'a: "x" # why\n\n# below\nb: 1\n'),
        ("a: |\n  some\nb: 1\n", 'a: "x"\nb: 1\n'),
        ("b: 1\na: |+\n  some\n\n\n", 'b: 1\na: "x"\n\n\n'),
        ("b: 1\na: >\n  some", 'b: 1\na: "x"\n'),
        ("a: |2-   # why\r\n    some\r\nb: 1\r\n", 'a: "x"   # why\r\nb: 1\r\n'),
    ],
)
def test_a_text_over_lines_gives_way_to_one_and_leaves_its_comments(before: str, after: str) -> None:
    assert edit_yaml(before, [Put(path=("a",), value="x")], file="x.yaml") == after
