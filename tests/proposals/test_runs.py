"""Commands over many previews, against a real Gitea: each kind of run has one pull request."""

from datetime import timedelta

from tests.proposals.desk import Desk, files
from tests.support.basics import now
from tests.support.repos import PREVIEWS

_LIST = """\
previews:
- {name: one, images: {backend: 1.0.0}}
- {name: two, images: {backend: 1.0.0}}
"""


def _expired(desk: Desk, *names: str) -> None:
    """Previews that were made an hour ago, beside one that stays."""
    for name in (*names, "stays"):
        desk.apps.create(name)
    desk.apps.ok("extend", "stays", "--pin")
    desk.forge.push_branch("main", {path: _aged(desk, path) for name in names for path in files(name, "")})


def _aged(desk: Desk, path: str) -> str:
    text = desk.apps.read(path)
    for before, after in (("2026-", "2025-"), ("2027-", "2026-")):
        text = text.replace(before, after)
    return text


def test_gc_proposes_what_has_expired_and_a_later_run_brings_it_up_to_date(desk: Desk) -> None:
    _expired(desk, "one", "two", "three")
    first = desk.propose("gc")
    assert sorted(first["removed"]) == ["one", "three", "two"]
    assert first["proposal"]["branch"] == "starry/_gc"
    assert desk.pull()["title"] == "3 previews: 3 removed"
    desk.apps.ok("extend", "two", "--ttl", "30m")
    second = desk.propose("gc")
    assert sorted(second["removed"]) == ["one", "three"]
    assert second["proposal"] == {**first["proposal"], "state": "updated"}
    assert desk.proposed("starry/_gc") == files("one", "D") | files("three", "D")
    third = desk.propose("gc")
    assert third["proposal"]["state"] == "unchanged"
    desk.merge()
    assert desk.apps.names() == ["stays", "two"]


def test_gc_with_nothing_left_to_remove_closes_its_proposal(desk: Desk) -> None:
    _expired(desk, "one")
    desk.propose("gc")
    desk.apps.ok("extend", "one", "--ttl", "30m")
    assert desk.propose("gc")["proposal"]["state"] == "closed"
    assert desk.propose("gc").get("proposal") is None
    assert desk.pulls() == []


def test_gc_closes_what_others_proposed_in_vain(desk: Desk) -> None:
    desk.apps.create("preview-1")
    desk.apps.ok("extend", "preview-1", "--pin")
    moot = desk.propose("delete", "preview-1")["proposal"]
    desk.apps.ok("delete", "preview-1")
    late = desk.create("preview-2", "--ttl", "5m")["proposal"]
    desk.create("preview-3", "--ttl", "2h")
    theirs = desk.forge.push_branch("starry/mine", {"mine.txt": "mine\n"})
    desk.forge.open_pull_request("starry/mine")
    done = desk.propose("gc", "--now", _in_minutes(30))
    assert done["closedProposals"] == [moot["url"], late["url"]]
    assert [one["head"]["ref"] for one in desk.pulls()] == ["starry/preview-3", "starry/mine"]
    assert desk.head("starry/mine") == theirs


def _in_minutes(minutes: int) -> str:
    return f"{now() + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def test_the_caps_hold_for_proposals_too(desk: Desk) -> None:
    _expired(desk, "one", "two", "three")
    assert desk.apps.fails(10, "gc", "--max-deletes", "1", "--propose")["code"] == "too_many_deletions"
    assert desk.pulls() == []


def test_apply_proposes_a_whole_list_at_once(desk: Desk) -> None:
    made = _apply(desk)
    assert [one["action"] for one in made] == ["created", "created"]
    assert {one["proposal"]["branch"] for one in made} == {"starry/_apply"}
    assert desk.pull()["title"] == "2 previews: 2 added"
    assert desk.proposed("starry/_apply") == files("one", "A") | files("two", "A")
    assert {one["proposal"]["state"] for one in _apply(desk)} == {"unchanged"}


def _apply(desk: Desk) -> list[dict[str, dict[str, str]]]:
    file = desk.apps.bare.parent / "previews.yaml"
    file.write_text(_LIST, encoding="utf-8")
    return list(desk.propose("apply", "--file", str(file)))


def test_several_names_are_removed_in_one_proposal_whatever_their_order(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        desk.apps.create(name)
    first = desk.propose("delete", "one", "two")
    again = desk.propose("delete", "two", "one")
    assert again[0]["proposal"]["number"] == first[0]["proposal"]["number"]
    assert len(desk.pulls()) == 1
    desk.merge()
    assert desk.apps.names() == ["three"]


def test_upgrade_proposes(desk: Desk) -> None:
    desk.apps.create("one")
    path = f"{PREVIEWS}/one/application.yaml"
    old = desk.apps.read(path)
    desk.forge.push_branch(
        "main", {"starry.yaml": desk.apps.read("starry.yaml").replace("project: starry", "project: previews")}
    )
    done = desk.propose("upgrade", "--all")
    assert [one["name"] for one in done["updated"]] == ["one"]
    assert done["proposal"]["branch"] == "starry/_upgrade"
    assert desk.apps.read(path) == old
    desk.merge()
    assert desk.apps.application("one")["spec"]["project"] == "previews"
