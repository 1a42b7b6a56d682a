"""People's edits are kept: comments, order, quoting and keys that Starry does not own."""

from collections.abc import Callable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.repos import PREVIEWS, Apps

VALUES = f"{PREVIEWS}/preview-1/values.yaml"
APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"
HAND_VALUES = """\
# Alice: bigger database for the load test, see the ticket

frontend2: {enabled: false}   # not needed here
databases:
  db1: {enabled: true}
backend:
  env:
    LOG_LEVEL: "debug"   # keep me
    LONG: a long line that a person wrote and that nobody wants to find folded into two lines in the next pull request
    MULTI: |
      one
      two
  image:
    # pinned by hand
    tag: '1.0.0'
    repository: us-docker.pkg.dev/myproj/sample-be
  replicas: 2
frontend1: {enabled: false}
ingress:
  hosts: ["sample-be.preview-1.starry.mycompany.com"]  # one host
  annotations: {"a/b": 'c', d: "e"}
global:
  labels: {starry.env: preview-1, team: "blue"}
  ttlMinutes: 30
# the end
"""


@pytest.fixture
def edited(apps: Apps) -> Apps:
    """A preview whose values a person wrote anew and whose Application got a label, an annotation and comments."""
    apps.create("preview-1")
    application = apps.read(APPLICATION)
    application = "# reviewed by Bob\n" + application.replace(
        "  labels:\n", "  labels:\n    team: blue  # Bob's\n", 1
    ).replace("  annotations:\n", "  annotations:\n    'example.com/note': \"it's fine\"\n", 1)
    apps.commit({VALUES: HAND_VALUES, APPLICATION: application})
    report = apps.run("validate").json()
    assert report["findings"] == []
    return apps


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    """Lines that are only in one of two texts."""
    return set(before.splitlines()) - set(after.splitlines()), set(after.splitlines()) - set(before.splitlines())


COMMANDS: dict[str, tuple[tuple[str, ...], set[str], set[str]]] = {
    "update": (
        ("update", "preview-1", "--image", "backend=2.0.0", "--keep-expiry"),
        {"    tag: '1.0.0'"},
        {"2.0.0"},
    ),
    "create": (("create", "preview-1", "--image", "backend=2.0.0"), {"    tag: '1.0.0'"}, {"2.0.0"}),
    "extend": (("extend", "preview-1", "--ttl", "1h"), {"  ttlMinutes: 30"}, {"60"}),
    "pin": (("extend", "preview-1", "--pin"), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize(("command", "gone", "new"), COMMANDS.values(), ids=COMMANDS)
def test_only_owned_keys_of_the_values_change(
    edited: Apps, command: tuple[str, ...], gone: set[str], new: set[str]
) -> None:
    assert edited.ok(*command)["action"] == "updated"
    removed, added = changed_lines(HAND_VALUES, edited.read(VALUES))
    assert removed == gone
    assert len(added) == len(new)
    assert all(any(word in line for line in added) for word in new)


@pytest.mark.parametrize("command", [command for command, _, _ in COMMANDS.values()], ids=COMMANDS)
def test_only_owned_annotations_of_the_application_change(edited: Apps, command: tuple[str, ...]) -> None:
    before = edited.read(APPLICATION)
    edited.ok(*command)
    removed, added = changed_lines(before, edited.read(APPLICATION))
    assert all("starry.env/" in line for line in removed | added), (removed, added)


def test_order_and_comments_stay_where_they_are(edited: Apps) -> None:
    edited.ok("update", "preview-1", "--image", "backend=2.0.0")
    after = edited.read(VALUES)
    assert len(after.splitlines()) == len(HAND_VALUES.splitlines())
    for before, now in zip(HAND_VALUES.splitlines(), after.splitlines(), strict=True):
        assert now == before or "tag:" in now or "ttlMinutes" in now


def test_enabling_a_component_keeps_the_rest(edited: Apps) -> None:
    before = edited.values("preview-1")
    edited.ok("update", "preview-1", "--image", "frontend1=3.0.0")
    values = edited.values("preview-1")
    assert values["frontend1"]["enabled"] is True
    assert values["backend"]["env"] == before["backend"]["env"]
    assert values["databases"] == {"db1": {"enabled": True}}
    assert values["ingress"]["annotations"] == {"a/b": "c", "d": "e"}
    after = edited.read(VALUES)
    for comment in ("# Alice: bigger", "# not needed here", "# keep me", "# pinned by hand", "# one host", "# the end"):
        assert comment in after


def test_an_environment_value_that_a_person_changed_is_kept(apps: Apps) -> None:
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend1=1.0.0")
    apps.edit_values("preview-1", lambda text: text + "# x\n")
    apps.edit_values(
        "preview-1", lambda text: text.replace("    VITE_API_BASE_URL:", "    VITE_FLAG: 'on'\n    VITE_API_BASE_URL:")
    )
    apps.ok("update", "preview-1", "--image", "frontend1=2.0.0")
    assert apps.values("preview-1")["frontend1"]["env"]["VITE_FLAG"] == "on"


def test_set_adds_one_key_to_a_file_written_by_hand(edited: Apps) -> None:
    edited.ok("update", "preview-1", "--set", "backend.env.EXTRA=yes")
    removed, added = changed_lines(HAND_VALUES, edited.read(VALUES))
    assert removed == set()
    assert len(added) == 1
    assert edited.values("preview-1")["backend"]["env"]["EXTRA"] in {"yes", True}


def test_windows_line_ends_and_a_missing_last_newline_do_no_harm(apps: Apps) -> None:
    apps.create("preview-1")
    apps.commit({VALUES: apps.read(VALUES).strip().replace("\n", "\r\n").encode()})
    assert apps.ok("update", "preview-1", "--image", "backend=2.0.0")["action"] == "updated"
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "2.0.0"


SCALARS = st.one_of(st.integers(-99, 99), st.booleans(), st.text("abc: #'\"{}[]&*!|>%@`é\n-0", max_size=12), st.none())
KEYS = st.text("abcxyz_-", min_size=1, max_size=6)
EXTRA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=15)
@given(extra=EXTRA)
def test_whatever_else_a_person_wrote_is_the_same_afterwards(apps: Apps, extra: object) -> None:
    apps.ok("delete", "preview-1")
    apps.create("preview-1")
    apps.edit_values("preview-1", lambda text: text + yaml.safe_dump({"zz": extra}, allow_unicode=True))
    before = apps.values("preview-1")
    apps.ok("update", "preview-1", "--image", "backend=2.0.0")
    after = apps.values("preview-1")
    assert after["zz"] == before["zz"]
    before["backend"]["image"]["tag"] = "2.0.0"
    assert after == before


UNREADABLE: dict[str, Callable[[str], str]] = {
    "broken YAML": lambda text: text + "\n : : [\n",
    "a duplicate key": lambda text: text + "\nbackend: {}\n",
    "a list": lambda _: "- a\n",
    "another type where Starry writes": lambda text: text.replace("global:", "global: 5\nx:"),
}


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize(
    "command", [("update", "--image", "backend=2.0.0"), ("extend", "--ttl", "1h")], ids=lambda c: c[0]
)
def test_a_file_that_cannot_be_read_is_never_overwritten(
    apps: Apps, command: tuple[str, ...], change: Callable[[str], str]
) -> None:
    apps.create("preview-1")
    apps.edit_values("preview-1", change)
    error = apps.fails(7, command[0], "preview-1", *command[1:])
    assert VALUES in error["message"]
