"""The list of `starry apply`: what is read, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from starry_gitops.cli.input_file import MAX_BYTES
from starry_gitops.cli.previews_file import read_items
from starry_gitops.core.model import PullRequest, Source
from starry_gitops.errors import StarryError
from starry_gitops.settings.previews import DERIVED, PREVIEW
from tests.unit.previews_list import FULL, INTENT, TOKEN, read, refused, wanted


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes the list; gives its path."""

    def written(content: object) -> str:
        data = content if isinstance(content, bytes) else str(content).encode()
        (tmp_path / "list").write_bytes(data)
        return str(tmp_path / "list")

    return written


@pytest.mark.parametrize(
    "text",
    [
        yaml.safe_dump([FULL], sort_keys=False),
        yaml.safe_dump({"version": 1, "previews": [FULL]}, sort_keys=False),
        yaml.safe_dump({"previews": [FULL]}, sort_keys=False),
        json.dumps([FULL]),
        json.dumps({"previews": [FULL]}, indent="\t"),
        json.dumps([FULL], indent=2).replace("/", "\\/"),
        json.dumps([FULL]).replace("alice", "\\u0061lice"),
    ],
    ids=["yaml", "yaml map", "yaml map without version", "json", "json with tabs", "json with \\/", "json with \\u"],
)
def test_each_form_reads_the_same(text: str, write: Any) -> None:
    (item,) = read_items(write(text), "dev")
    assert wanted(item) == INTENT


def test_every_key_of_the_full_entry_is_a_key() -> None:
    assert set(FULL) | {"ttl"} == set(PREVIEW.keys)


def test_other_names_and_nulls_and_derived_keys(write: Any) -> None:
    entry = {"name": "p", "pullRequest": 7, "branch": "b", "pinned": True, "owner": None, "ttl": None, "set": {}}
    entry |= {key: {"any": ["thing"]} for key in DERIVED}
    (item,) = read_items(write(json.dumps([entry])), None)
    assert wanted(item).source == Source(name="p", pull_request=PullRequest(number=7), branch="b")
    assert wanted(item).pin is True
    assert wanted(item).owner is None
    assert wanted(item).ttl is None


def test_the_overlay_of_the_command_is_for_entries_without_one(write: Any) -> None:
    one, other = read_items(write("[{name: a}, {name: b, overlay: prod}]"), "dev")
    assert (wanted(one).overlay, wanted(other).overlay) == ("dev", "prod")


WRONG_ENTRIES = [
    ("- name: p\n  imgaes: {}", "list:2: unknown key 'imgaes'", "did you mean 'images'"),
    ("- name: p\n  images:\n    backend: 1.10", "list:3: images.backend must be a text", ""),
    ("- name: p\n  images:\n    backend: true", "list:3: images.backend must be a text", ""),
    ("- name: p\n  images: [backend]", "list:2: images must be a map", ""),
    ("- name: p\n  images: {backend: null}", "list:2: images.backend must be a text", ""),
    ("- name: p\n  images: {'back end': v1}", "list:2: images: the key", ""),
    ("- name: p\n  images: {backend: 'a b'}", "list:1: --image", ""),
    ("- name: [p]", "list:1: name must be a text, not a list", ""),
    ("- name: 7", "list:1: name must be a text, not 7", ""),
    ("- name: ''", "list:1: name", ""),
    ("- name: p\n  pr: seven", "list:1: --pr 'seven'", ""),
    ("- name: p\n  pr: 1.5", "list:2: pr", ""),
    ("- name: p\n  pr: true", "list:2: pr", ""),
    ("- name: p\n  ttl: 45", "list:2: ttl must be a duration", ""),
    ("- name: p\n  ttl: '45'", "list:2: ttl: '45' is not a duration", "45m"),
    ("- name: p\n  ttl: 0m", "list:2: ttl: 0m is not within", ""),
    ("- name: p\n  ttlMinutes: 0", "list:2: ttlMinutes: 0", ""),
    ("- name: p\n  ttlMinutes: 1.5", "list:2: ttlMinutes must be a whole number", ""),
    ("- name: p\n  ttlMinutes: true", "list:2: ttlMinutes must be a whole number", ""),
    ("- name: p\n  ttl: 45m\n  ttlMinutes: 45", "list:1: ttl and ttlMinutes both stand there", "leave one out"),
    ("- name: p\n  pin: 'yes'", "list:2: pin must be true or false", ""),
    ("- name: p\n  sequence: -1", "list:2: sequence: -1", ""),
    ("- name: p\n  sequence: 99999999999999999999", "list:2: sequence", ""),
    ("- name: p\n  pr: 1\n  pullRequest: 1", "list:3: pullRequest and pr both stand there", ""),
    ("- name: p\n  set: {backend: {env: {A: b}}}", "list:2: set.backend must be a text", ""),
    ("- name: p\n  set: {'a b': 1}", "list:1: set: 'a b' is not a path", ""),
    ("- name: p\n  set: {a.b: 1, a: 2}", "list:1: --set a and --set a.b contradict", ""),
    ("- name: p\n  set: {backend.env.PORT: 80}", "list:1: set: backend.env.PORT: an environment", ""),
    ("- name: p\n  set: {a: 1e999}", "list:1: set: a: the number is too large", ""),
    ('- name: p\n  set: {a: "x\\ny"}', "list:1: set: a: the value is too long or holds a control character", ""),
    ("- p", "list:1: not a preview", "name: preview-1"),
    ("- null", "list:1: not a preview", ""),
    ("- [name, p]", "list:1: not a preview", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), WRONG_ENTRIES, ids=[one[0] for one in WRONG_ENTRIES])
def test_a_wrong_entry_is_told_with_its_line_and_stops_no_other(
    text: str, message: str, hint: str, tmp_path: Path
) -> None:
    wrong, right = read(tmp_path, f"{text}\n- name: right\n")
    error = refused(wrong)
    assert f"{tmp_path}/{message}" in error.message
    assert hint in error.hint
    assert error.exit_code == 2
    assert wanted(right).source.name == "right"


def test_the_name_of_an_entry_that_cannot_be_read_is_known(tmp_path: Path) -> None:
    one, other = read(tmp_path, "- {name: preview-1, x: 1}\n- {name: 'not a name', x: 1}\n")
    assert (one.label, other.label) == ("preview-1", "")


WRONG_LISTS = [
    (b"", "list:1: the file is empty"),
    (b"# nothing\n", "list:1: the file is empty"),
    (b"null", "list:1: not a list of previews"),
    (b"7", "list:1: not a list of previews"),
    (b"{}", "list:1: not a list of previews"),
    (b"name: preview-1\n", "list:1: unknown key 'name'"),
    (b"version: 1\n", "list:1: not a list of previews"),
    (b"previews:\n  a: {}\n", "list:2: not a list of previews"),
    (b"version: 2\npreviews: []\n", "list:1: version: 2"),
    (b"version: 1\nprevews: []\n", "list:2: unknown key 'prevews'"),
    (b"- name: a\n  name: b\n", "list:2: key 'name' appears twice"),
    (b'[{"name": "a",\t"name": "b"}]', "list:1: key 'name' appears twice"),
    (b'[\n{"name": "a",\t\n"n\\u0061me": "b"}]', "list:3: key 'name' appears twice"),
    (b"- &a {name: a}\n- *a\n", "list:1: anchors"),
    (b"- {<<: {name: a}}\n", "list:1: merge keys"),
    (b"- !!map {name: a}\n", "list:1: tags"),
    (b"- {name: a}\n---\n- {name: b}\n", "list:2: more than one YAML document"),
    (b"- name: a\n - name: b\n", "list:"),
    (b"- name: caf\xe9\n", "list:1: not UTF-8"),
    ("- name: a\n".encode("utf-16"), "list:1: "),
    ('[{"name": "a"}]'.encode("utf-16"), "list:1: "),
    (b'\xef\xbb\xbf[{"name": "a"}]', "list:1: a byte order mark"),
    (b"- name: a\r- name: b\r", "list:1: a byte order mark, or a line break"),
    (b'[{"name": "\\ud800\\/"}]', "list:1: not valid YAML"),
    (b"[" * 100_000, "list:1: "),
    (b'{"a":' * 100_000, "list:1: "),
    (b"\x00", "list:1: "),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), WRONG_LISTS, ids=[repr(one[0][:40]) for one in WRONG_LISTS])
def test_what_is_no_list_is_refused_with_its_line(data: bytes, message: str, write: Any) -> None:
    path = write(data)
    with pytest.raises(StarryError) as caught:
        read_items(path, None)
    assert f"{path.removesuffix('list')}{message}" in caught.value.message
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        f"- {TOKEN}",
        f"- {{name: {TOKEN}}}",
        f"- {{name: p, owner: {TOKEN}}}",
        f"- {{name: p, owner: [{TOKEN}]}}",
        f'- {{name: p, owner: "{TOKEN}\\n"}}',
        f"- {{name: p, sequence: {TOKEN}}}",
        f"- {{name: p, pin: {TOKEN}}}",
        f"- {{name: p, ttl: {TOKEN}}}",
        f"- {{name: p, ttlMinutes: {TOKEN}}}",
        f"- {{name: p, overlay: {TOKEN}}}",
        f"- {{name: p, pr: {TOKEN}}}",
        f"- {{name: p, pr: 'https://u:{TOKEN}@github.com/o/r/pull/1'}}",
        f"- {{name: p, commit: {TOKEN}}}",
        f"- {{name: p, sourceBranch: {TOKEN}}}",
        f"- {{name: p, images: {{backend: {TOKEN}}}}}",
        f"- {{name: p, images: {{{TOKEN}: v1}}}}",
        f"- {{name: p, images: {TOKEN}}}",
        f"- {{name: p, set: {TOKEN}}}",
        f"- {{name: p, set: {{{TOKEN}: 1}}}}",
        f"- {{name: p, set: {{'{TOKEN} x': 1}}}}",
        f"- {{name: p, {TOKEN}: 1}}",
        f"- {{{TOKEN}: 1, {TOKEN}: 2}}",
        f"{TOKEN}: []",
        f"{{version: {TOKEN}, previews: []}}",
        TOKEN,
    ],
)
def test_a_secret_is_refused_and_never_repeated(text: str, tmp_path: Path) -> None:
    try:
        items = read(tmp_path, text)
    except StarryError as error:
        found = error
    else:
        assert items, text
        found = refused(items[0])
    assert TOKEN[4:] not in found.message + found.hint
    assert found.code in {"secret", "usage"}
    assert f"{tmp_path}/list:1: " in found.message


@pytest.mark.parametrize("path", ["nowhere", "", "/", "/dev/null/x"])
def test_what_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(StarryError, match="cannot be read") as caught:
        read_items(path, None)
    assert caught.value.exit_code == 2


def test_a_link_is_followed_and_one_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("- {name: a}\n", encoding="utf-8")
    (tmp_path / "good").symlink_to("real")
    (tmp_path / "bad").symlink_to("nothing")
    assert len(read_items(str(tmp_path / "good"), None)) == 1
    with pytest.raises(StarryError, match="cannot be read"):
        read_items(str(tmp_path / "bad"), None)


def test_what_is_too_large_is_refused_and_what_never_ends_too(write: Any) -> None:
    largest = b"- {name: a}\n" + b"#" * (MAX_BYTES - 12)
    assert len(read_items(write(largest), None)) == 1
    for path in (write(largest + b"#"), "/dev/zero"):
        with pytest.raises(StarryError, match="larger than 4 MiB"):
            read_items(path, None)


def test_too_many_entries_are_refused(write: Any) -> None:
    with pytest.raises(StarryError, match="list:1: more than 50000 previews"):
        read_items(write("[" + "{}," * 50_001 + "]"), None)


def test_json_whose_escapes_grow_is_read(write: Any) -> None:
    text = '[{"name": "a",\t"commit": "' + "\x7f" * 400_000 + '"}]'
    (item,) = read_items(write(text), None)
    assert "list:1: commit: " in refused(item).message
    assert len(refused(item).message) < 1000
