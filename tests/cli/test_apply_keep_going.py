"""`starry apply --keep-going`: the good ones land in one commit, the rest are reported."""

from typing import Any

import yaml

from tests.support.cli import Result
from tests.support.lists import actions, entry, written
from tests.support.repos import Apps


def kept_going(apps: Apps, entries: object, *args: str) -> Result:
    return apps.run("apply", "-f", written(apps, entries), "--keep-going", *args)


def mixed() -> list[dict[str, Any]]:
    return [
        entry("good-1"),
        entry("bad-ttl", ttl="9h"),
        {"name": "bad-key", "imgaes": {}},
        entry("good-2"),
        entry("Bad Name"),
        entry("bad-overlay", overlay="nowhere"),
    ]


def test_the_good_ones_land_in_one_commit_and_the_first_failure_gives_the_code(apps: Apps) -> None:
    before = apps.count()
    done = kept_going(apps, mixed())
    assert done.code == 5
    assert apps.count() == before + 1
    assert apps.names() == ["good-1", "good-2"]
    results = done.json()
    assert [one["action"] for one in results] == ["created", "failed", "failed", "created", "failed", "failed"]
    assert [one.get("entry") for one in results] == [None, 2, 3, None, 5, 6]
    assert [one["name"] for one in results] == ["good-1", "bad-ttl", "bad-key", "good-2", "Bad Name", "bad-overlay"]
    assert [one["error"]["code"] for one in results if "error" in one] == ["ttl", "usage", "usage", "not_found"]
    assert "did you mean 'images'" in results[2]["error"]["hint"]
    assert "list.yaml:9: " in results[2]["error"]["message"]
    assert {one["commit"] for one in results} == {apps.tip(), None}
    assert set(results[0]) <= set(results[1])
    names = [
        line for line in apps.git("log", "-1", "--format=%(trailers:only,unfold)").splitlines() if "Preview" in line
    ]
    assert names == ["Starry-Preview: good-1", "Starry-Preview: good-2"]
    assert apps.ok("validate")["ok"] is True


def test_again_it_changes_nothing_and_fails_again(apps: Apps) -> None:
    kept_going(apps, mixed())
    before = apps.refs()
    done = kept_going(apps, list(reversed(mixed())))
    assert done.code == 3
    assert apps.refs() == before
    assert [one["action"] for one in done.json()] == ["failed", "failed", "unchanged", "failed", "failed", "unchanged"]


def test_nothing_good_is_no_commit(apps: Apps) -> None:
    before = apps.refs()
    assert kept_going(apps, [{"name": "bad"}]).code == 2
    assert apps.refs() == before


def test_all_good_is_success(apps: Apps) -> None:
    assert kept_going(apps, [entry("a"), entry("b")]).code == 0


def test_what_a_refused_entry_would_have_taken_is_free_for_the_next(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 1}))
    done = kept_going(apps, [entry("a", ttl="9h"), entry("b"), entry("c")])
    assert actions(done.json()) == [("a", "failed"), ("b", "created"), ("c", "failed")]
    assert done.json()[2]["error"]["code"] == "quota"


def test_a_dry_run_shows_the_diff_of_the_good_ones(apps: Apps) -> None:
    before = apps.refs()
    done = kept_going(apps, [entry("bad", ttl="9h"), entry("good")], "--dry-run")
    assert done.code == 5
    bad, good = done.json()
    assert (bad["diff"], bad["dryRun"]) == ("", True)
    assert "good/application.yaml" in good["diff"]
    assert apps.refs() == before


def test_every_form_of_output_tells_of_the_failures(apps: Apps) -> None:
    entries = [entry("good"), entry("bad", ttl="9h")]
    table = kept_going(apps, entries, "-o", "table")
    assert "good created\nbad failed: a TTL of 9h is outside the policy's" in table.out
    assert "2 previews: 1 created, 1 failed in " in table.out
    name = kept_going(apps, entries, "-o", "name")
    assert (name.code, name.out) == (5, "good\n")
    assert "bad failed: " in name.err
    parsed = yaml.safe_load(kept_going(apps, entries, "-o", "yaml").out)
    assert [one["action"] for one in parsed] == ["unchanged", "failed"]


def test_a_list_that_is_none_stops_it(apps: Apps) -> None:
    before = apps.refs()
    done = kept_going(apps, "name: a\n")
    assert (done.code, done.out) == (2, "")
    assert apps.refs() == before
