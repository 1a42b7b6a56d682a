"""`starry apply` on files that people edited, against pipelines, and on what `list` and `show` print."""

import json

from tests.support.cli import run
from tests.support.lists import actions, applied, entry, piped, refused
from tests.support.repos import PREVIEWS, Apps


def test_only_owned_keys_change_in_files_that_people_edited(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    apps.edit_values("preview-1", lambda text: f"# ours, hands off\n{text}\nextra:\n  - a  # why\n  - b\n")
    before = apps.read(f"{PREVIEWS}/preview-1/values.yaml").splitlines()
    applied(apps, [entry("preview-1", "2.0.0"), entry("preview-2")])
    after = apps.read(f"{PREVIEWS}/preview-1/values.yaml").splitlines()
    assert [(one, other) for one, other in zip(before, after, strict=True) if one != other] == [
        ('    tag: "1.0.0"', '    tag: "2.0.0"')
    ]
    assert apps.annotation("preview-1", "owner") == "alice"


def test_what_an_entry_leaves_out_stays(apps: Apps) -> None:
    apps.create("preview-1", "--image", "frontend1=1.0.0", "--owner", "alice", "--pin", "--ttl", "45m")
    before = apps.refs()
    (result,) = applied(apps, [{"name": "preview-1", "pin": False}])
    assert (result["action"], result["pinned"], result["ttlMinutes"]) == ("unchanged", True, 45)
    assert apps.refs() == before


def test_an_older_pipeline_never_overwrites_a_newer_one(apps: Apps) -> None:
    applied(apps, [entry("preview-1", "2.0.0", sequence=2)])
    error = refused(apps, 5, [entry("other"), entry("preview-1", "1.0.0", sequence=1)])
    assert error["code"] == "superseded"
    assert applied(apps, [entry("preview-1", "2.0.0", sequence=2)])[0]["action"] == "unchanged"


def test_what_list_prints_can_be_given_back(apps: Apps) -> None:
    apps.create("preview-1", "--pr", "1", "--owner", "alice", "--image", "frontend1=1.2")
    apps.create("preview-2", "--pin", "--ttl", "1h")
    apps.create("preview-3", tag="sha256:" + "a" * 64)
    printed = run(*apps.args("list"))
    before = apps.refs()
    for output in (printed.out, run(*apps.args("list", "-o", "yaml")).out):
        done = piped(apps, output)
        assert done.code == 0, done.err
        assert actions(done.json()) == [(f"preview-{n}", "unchanged") for n in (1, 2, 3)]
    assert apps.refs() == before


def test_what_show_prints_can_be_given_back_after_the_preview_is_gone(apps: Apps) -> None:
    options = ["--pr", "https://github.com/o/r/pull/1", "--source-branch", "f/x", "--owner", "alice", "--commit", "abc"]
    apps.create("preview-1", *options, "--sequence", "3", "--pin", "--ttl", "1h")
    shown = run(*apps.args("show", "preview-1")).out
    assert actions(piped(apps, f"[{shown}]").json()) == [("preview-1", "unchanged")]
    apps.ok("delete", "preview-1")
    assert actions(piped(apps, f"[{shown}]").json()) == [("preview-1", "created")]
    again = apps.ok("show", "preview-1")
    times = {"createdAt", "expiresAt", "lastCommit"}
    assert {key: value for key, value in again.items() if key not in times} == {
        key: value for key, value in json.loads(shown).items() if key not in times
    }
