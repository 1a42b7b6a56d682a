"""`starry apply`: a list of previews lands in one commit; the same list again changes nothing."""

import json
import re

import pytest
import yaml

from tests.support.lists import actions, applied, entry, piped, written
from tests.support.repos import PREVIEWS, Apps


def test_a_list_lands_as_one_commit_with_just_the_files_of_its_previews(apps: Apps) -> None:
    before = apps.count()
    result = applied(apps, [entry(f"preview-{n}") for n in (3, 1, 2)])
    assert apps.count() == before + 1
    assert actions(result) == [(f"preview-{n}", "created") for n in (3, 1, 2)]
    assert apps.changed() == {
        f"{PREVIEWS}/preview-{n}/{file}.yaml": "A" for n in (1, 2, 3) for file in ("application", "values")
    }
    assert {one["commit"] for one in result} == {apps.tip()}
    assert apps.ok("validate") == {"ok": True, "previews": 3, "findings": []}


def test_a_result_has_the_shape_of_create(apps: Apps) -> None:
    created = apps.create("preview-1")
    (result,) = applied(apps, [entry("preview-2")])
    assert list(result) == list(created)
    times = {"commit", "expiresAt", "createdAt"}
    same = {key: str(value).replace("preview-1", "preview-2") for key, value in created.items() if key not in times}
    assert {key: str(value) for key, value in result.items() if key not in times} == same


def test_what_apply_writes_is_what_create_writes(apps: Apps) -> None:
    options = ["--owner", "alice", "--pr", "7", "--source-branch", "feature/x", "--commit", "abc", "--sequence", "4"]
    options += ["--ttl", "45m", "--pin", "--set", "backend.env.LOG_LEVEL=debug", "--image", "frontend1=2.0.0"]
    apps.create("preview-1", *options)
    wanted = entry("preview-2", owner="alice", pr=7, sourceBranch="feature/x", commit="abc", sequence=4)
    wanted |= {"ttl": "45m", "pin": True, "set": {"backend.env.LOG_LEVEL": "debug"}}
    wanted["images"]["frontend1"] = "2.0.0"
    applied(apps, [wanted])
    for file in ("application", "values"):
        one, other = (apps.read(f"{PREVIEWS}/preview-{n}/{file}.yaml") for n in (1, 2))
        instants = r"20\d\d-\d\d-\d\dT[\d:]+Z"
        assert re.sub(instants, "", one.replace("preview-1", "preview-2")) == re.sub(instants, "", other)


def test_the_same_list_again_changes_nothing(apps: Apps) -> None:
    path = written(apps, [entry("preview-1", ttl="45m", owner="alice"), entry("preview-2", set={"backend.env.A": "b"})])
    apps.ok("apply", "-f", path)
    before = apps.refs()
    result = apps.ok("apply", "-f", path)
    assert actions(result) == [("preview-1", "unchanged"), ("preview-2", "unchanged")]
    assert {one["commit"] for one in result} == {None}
    assert apps.refs() == before


def test_only_what_changed_has_the_commit(apps: Apps) -> None:
    applied(apps, [entry("preview-1"), entry("preview-2")])
    result = applied(apps, [entry("preview-2"), entry("preview-1", "2.0.0"), entry("preview-3")])
    assert actions(result) == [("preview-2", "unchanged"), ("preview-1", "updated"), ("preview-3", "created")]
    assert [one["commit"] for one in result] == [None, apps.tip(), apps.tip()]
    assert {path.split("/")[3] for path in apps.changed()} == {"preview-1", "preview-3"}


def test_the_commit_says_what_became_of_each(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2", "--owner", "alice")
    entries = [entry("preview-1", "2.0.0"), entry("preview-3"), entry("preview-4")]
    applied(apps, entries, "--prune", "--selector", "owner=alice", "--author", "A B <a@example.com>")
    subject, _, body = apps.git("log", "-1", "--format=%B").partition("\n\n")
    assert subject == "previews(dev): apply, 2 created, 1 updated, 1 deleted"
    lines = ["preview-1: updated", "preview-3: created", "preview-4: created", "preview-2: deleted"]
    assert body.splitlines()[:4] == lines
    trailers = apps.git("log", "-1", "--format=%(trailers:only,unfold)").splitlines()
    names = [f"Starry-Preview: preview-{n}" for n in (1, 3, 4, 2)]
    assert trailers[:-1] == ["Starry-Action: apply", *names, "Starry-Overlay: dev"]
    assert trailers[-1].startswith("Starry-Version: ")
    assert apps.git("log", "-1", "--format=%an <%ae>") == "A B <a@example.com>"
    assert apps.ok("history", "preview-3")[0]["commit"] == apps.tip()


def test_an_empty_list_is_nothing_to_do(apps: Apps) -> None:
    before = apps.refs()
    assert applied(apps, []) == []
    assert apps.refs() == before


@pytest.mark.parametrize("form", ["[{}]", '{{"previews": [{}]}}'])
def test_stdin(apps: Apps, form: str) -> None:
    done = piped(apps, form.format(json.dumps(entry("preview-1"))))
    assert done.code == 0, done.err
    assert apps.names() == ["preview-1"]


def test_stdin_can_be_read_once_more_by_the_same_process(apps: Apps) -> None:
    for number in range(2):
        assert piped(apps, yaml.safe_dump([entry(f"preview-{number}")])).code == 0
    assert apps.names() == ["preview-0", "preview-1"]
