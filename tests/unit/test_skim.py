"""The fast pass over many manifests never guesses: it gives what the strict reading gives, or refuses as it does."""

# ruff: noqa: E501 - a table reads best with one case a line

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starry_gitops.core.manifest import is_preview_field
from starry_gitops.core.skim import Skimmer
from starry_gitops.core.values import is_image_field
from starry_gitops.core.yamltext import MAX_BYTES, leaves, parse_document
from starry_gitops.errors import InvalidRepository
from tests.unit.strategies import texts
from tests.unit.world import PREVIEWS, create, empty, image, text

WORLD = create(
    empty(), "preview-1", owner="ada", sequence=7, commit="abc", images=(image(), image("frontend1", "2.0.0"))
)
APPLICATION = text(WORLD, f"{PREVIEWS}/preview-1/application.yaml")
VALUES = text(WORLD, f"{PREVIEWS}/preview-1/values.yaml")
EXPIRY = 'starry.env/expires-at: "2026-03-01T12:30:00Z"'

KINDS: list[tuple[str, Callable[[tuple[str, ...]], bool]]] = [(APPLICATION, is_preview_field), (VALUES, is_image_field)]
Outcome = Mapping[tuple[str, ...], object] | str


def strictly(data: bytes, wanted: Callable[[tuple[str, ...]], bool]) -> Outcome:
    try:
        node = parse_document(data, file="x")
    except InvalidRepository:
        return "refused"
    return {path: leaf.value for path, leaf in leaves(node) if wanted(path)}


def skimmed(skimmer: Skimmer, data: bytes) -> Outcome:
    try:
        return skimmer.fields(data, file="x")
    except InvalidRepository:
        return "refused"


def same_as_strict(documents: list[bytes], wanted: Callable[[tuple[str, ...]], bool]) -> None:
    """One skimmer reads all documents, twice; each answer must be the strict reading's."""
    skimmer = Skimmer(wanted)
    for data in documents * 2:
        found, expected = skimmed(skimmer, data), strictly(data, wanted)
        if found != expected:
            pytest.fail(f"{data[:400]!r}: {str(found)[:200]} instead of {str(expected)[:200]}")


@pytest.mark.parametrize(("base", "wanted"), KINDS, ids=["application", "values"])
def test_every_mutation_of_a_line_is_read_as_strictly(base: str, wanted: Callable[[tuple[str, ...]], bool]) -> None:
    lines = base.splitlines(keepends=True)
    changed = []
    for number, line in enumerate(lines):
        for new in ("", line * 2, f"#{line}", f"  {line}", line.replace('"', "'"), line.replace('"', ""), line.upper()):
            changed += ["".join([*lines[:number], new, *lines[number + 1 :]]).encode()]
    same_as_strict([base.encode(), *changed], wanted)


@pytest.mark.parametrize(("base", "wanted"), KINDS, ids=["application", "values"])
@pytest.mark.parametrize("put", [b"", b"x", b'"', b"\\", b"\n", b": ", b"\xff", b"#", b"&", b"- ", b"\t"])
def test_every_mutation_of_a_byte_is_read_as_strictly(
    base: str, wanted: Callable[[tuple[str, ...]], bool], put: bytes
) -> None:
    data = base.encode()
    changed = [data[:place] + put + data[place + 1 :] for place in range(0, len(data), 7)]
    same_as_strict([data, *changed], wanted)


@given(st.lists(texts, min_size=2, max_size=6), st.integers(0, 10**6))
@settings(max_examples=40)
def test_any_text_in_a_quoted_value_is_read_as_strictly(found: list[str], place: int) -> None:
    values = [part for part in APPLICATION.split('"')[1::2] if part]
    old = values[place % len(values)]
    documents = [APPLICATION.replace(f'"{old}"', f'"{new}"', 1).encode(errors="surrogatepass") for new in found]
    same_as_strict([APPLICATION.encode(), *documents], is_preview_field)


def annotated(*lines: str) -> str:
    """A manifest with these lines under metadata.annotations."""
    return "metadata:\n  annotations:\n" + "".join(f"    {line}\n" for line in lines) + "  name: x\n"


def owned(owner: str) -> str:
    """A manifest with an owner."""
    return annotated(f'owner: "{owner}"')


# Documents of one shape, whose values differ in a place that the eye takes for a value, or not.
TRAPS: dict[str, list[str]] = {
    "a quoted text in a comment": [annotated(f'expires-at: "1" # was: "{old}"') for old in "23"],
    "a quoted text in a comment of its own": [annotated(f'# was: "{old}"', 'expires-at: "1"') for old in "23"],
    "a quoted text at the end of a plain one": [annotated(f'owner: team - "{name}"') for name in ("red", "blue")],
    "two values on a line of a flow map": [
        f'metadata:\n  annotations: {{created-at: "1", expires-at: "{new}"\n  }}\n' for new in "23"
    ],
    "values on lines of a flow list": [annotated("owner: [", f'  a: "{new}"', "]") for new in "23"],
    "a block scalar that looks like a value": [annotated("owner: |-", f'  a: "{new}"') for new in "23"],
    "a plain scalar over two lines": [annotated("owner: a", f'  - "{new}"') for new in "23"],
    "a single-quoted scalar over two lines": [annotated(f"owner: 'a: \"{new}\"", "  b'") for new in "23"],
    "a double-quoted scalar over two lines": [annotated('owner: "a', f'  b: "{new}"') for new in "23"],
    "a double-quoted scalar that begins on the line": [annotated('owner: "a', f'  {new}"') for new in "23"],
    "a value on the line below its key": [annotated("owner:", f'  "{new}"') for new in "23"],
    "a character that YAML does not allow": [owned(new) for new in ("a", "\ufffe", "\uffff")],
    "a line separator in a comment": [f"# a\u2028# b\n{owned(new)}" for new in "23"],
    "a next-line mark in a comment": [f"# a\x85# b\n{owned(new)}" for new in "23"],
    "a lone carriage return": [f"# a\r# b\n{owned(new)}" for new in "23"],
    "a line separator before the last line": [f"# a\u2028# b\nmetadata:\n  annotations: {{owner: {new}}}" for new in "23"],
    "CRLF": [owned(new).replace("\n", "\r\n") for new in "23"],
    "an escape": [owned(new) for new in ("a", "\\x41", "\\n", "\\")],
    "a duplicate key": [annotated('owner: "a"', f'{key}: "b"') for key in ("pinned", "owner")],
    "an empty value": [owned(new) for new in ("a", "")],
    "an unquoted value": [annotated(f"owner: {new}") for new in ("a", "1", "true", '"a"')],
    "a text block that only looks like the manifest": [
        f'note: |\n  metadata:\n    annotations:\n      owner: "{new}"\n' + annotated("owner: ada") for new in "23"
    ],
    "a byte order mark in a value": [owned(new) for new in ("a", "\ufeff")],
    "too large a value": [owned(new) for new in ("a", "x" * MAX_BYTES)],
    "a second document": [annotated('owner: "a"'), annotated('owner: "a"') + "---\n"],
    "a key that is quoted": [annotated(f'"owner": "{new}"') for new in "23"],
    "an explicit key": [annotated("? owner", f': "{new}"') for new in "23"],
}  # fmt: skip


@pytest.mark.parametrize("documents", TRAPS.values(), ids=TRAPS)
def test_a_trap_is_read_as_strictly(documents: list[str]) -> None:
    same_as_strict([document.encode() for document in documents], is_preview_field)


pieces = st.sampled_from([
    "\n", "\n    ", "\n      ", '"', "'", ": ", "- ", "# ", " ", "a", "b", "owner", '"x"', ': "y"', '- "z"', "{", "}", "[",
    "]", ",", "|", ">", "|-", "\\", "\r", "\u2028", "\x85", "---", "&a ", "? ",
])  # fmt: skip


@given(st.lists(st.lists(pieces, max_size=8).map("".join), min_size=2, max_size=5), st.sampled_from(["a", "b", "cc"]))
@settings(max_examples=300)
def test_any_soup_in_a_manifest_is_read_as_strictly(soups: list[str], other: str) -> None:
    documents = []
    for soup in soups:
        documents += [
            f'metadata:\n  annotations:\n    owner: {soup.replace("x", new).replace("y", new)}\n    z: "1"\n'.encode()
            for new in ("x", other)
        ]
    same_as_strict(documents, is_preview_field)


def test_the_second_manifest_of_a_shape_is_not_parsed_again() -> None:
    """Speed is the reason for the fast pass: 2,000 manifests in the time that strict reading takes for some 300."""
    skimmer = Skimmer(is_preview_field)
    skimmer.fields(APPLICATION.encode(), file="x")
    known = len(skimmer._known)
    for number in range(2_000):
        fields = skimmer.fields(APPLICATION.replace("preview-1", f"preview-{number}").encode(), file="x")
        assert fields["metadata", "labels", "starry.env"] == f"preview-{number}"
    assert len(skimmer._known) == known
