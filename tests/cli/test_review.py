"""review: what a change of the apps repository means."""

import pytest

from tests.cli.review_support import Proposal, path_of, propose, rules_of
from tests.support.cli import run
from tests.support.repos import BACKEND, Apps, copy_of


@pytest.fixture
def change(apps: Apps) -> Proposal:
    """Two previews on the base branch."""
    apps.create("preview-1", "--owner", "alice", "--pr", "1")
    apps.create("preview-2", "--owner", "bob")
    return propose(apps)


def test_nothing_changed(change: Proposal) -> None:
    found = change.review()
    assert (found["previews"], found["platform"], found["findings"]) == ([], [], [])
    assert found["base"] == found["fork"] == found["head"] == change.base.tip()


def test_what_a_pipeline_does(change: Proposal) -> None:
    head = change.head
    head.ok("update", "preview-1", "--image", "backend=2.0.0", "--image", "frontend1=7", "--branch", "change")
    head.ok("delete", "preview-2", "--branch", "change")
    head.create("preview-3", "--branch", "change", "--pin", "--owner", "carol")
    found = change.review()
    one, two, three = found["previews"]
    assert (one["name"], one["action"], one["byHand"]) == ("preview-1", "changed", False)
    assert one["images"] == [
        {"component": "backend", "from": f"{BACKEND}:1.0.0", "to": f"{BACKEND}:2.0.0"},
        {"component": "frontend1", "from": None, "to": f"{BACKEND.replace('sample-be', 'sample-fe-1')}:7"},
    ]
    assert (two["action"], two["events"], two["after"]) == ("removed", ["before its expiry"], None)
    assert two["before"]["owner"] == "bob"
    assert (three["action"], three["events"], three["byHand"]) == ("added", ["pinned"], False)
    assert (three["after"]["owner"], three["after"]["pinned"]) == ("carol", True)
    assert found["findings"] == []


EXTENDED = {
    ("--ttl", "2h"): ["renewed"],
    ("--pin",): ["pinned"],
    ("--ttl", "5m"): ["shortened"],
}


@pytest.mark.parametrize(("args", "events"), EXTENDED.items(), ids=map("".join, EXTENDED))
def test_another_expiry(change: Proposal, args: tuple[str, ...], events: list[str]) -> None:
    change.head.ok("extend", "preview-1", *args, "--branch", "change")
    found = change.review()
    assert [one["events"] for one in found["previews"]] == [events]
    assert not found["previews"][0]["byHand"]


def test_a_removed_preview_was_due_or_pinned(change: Proposal) -> None:
    change.base.age("preview-1", minutes=60)
    change.base.ok("extend", "preview-2", "--pin")
    late = propose(change.base, "late")
    for name in ("preview-1", "preview-2"):
        late.head.ok("delete", name, "--branch", "late")
    found = change.run(change="main...late").json()
    assert [one["events"] for one in found["previews"]] == [["had expired"], ["was pinned"]]


def test_hand_edits_are_named_with_place_and_values(change: Proposal) -> None:
    change.head.edit_values("preview-1", lambda text: text.replace("backend:\n", "backend:\n  replicas: 3\n"))
    found = change.review()
    assert found["previews"][0]["events"] == ["edited by hand"]
    [edit] = found["previews"][0]["edits"]
    assert (edit["path"], edit["from"], edit["to"]) == ("backend.replicas", None, "3")
    assert "replicas" in change.head.read(path_of("preview-1")).splitlines()[edit["line"] - 1]
    assert rules_of(found, "warning") == ["hand-edit"]
    change.review("--fail-on", "hand-edits", code=7)
    change.review("--fail-on", "warnings", code=7)
    change.review("--fail-on", "platform")


def test_what_starry_set_for_a_person_is_a_persons_too(change: Proposal) -> None:
    """Trailers say so, but anybody can write trailers."""
    change.head.ok("update", "preview-1", "--set", "backend.replicas=3", "--branch", "change")
    assert [edit["path"] for edit in change.review()["previews"][0]["edits"]] == ["backend.replicas"]


def test_a_forged_message_hides_no_hand_edit(change: Proposal) -> None:
    text = change.head.read(path_of("preview-1")).replace("backend:\n", "backend:\n  replicas: 3\n")
    trailers = "preview(preview-1): update\n\nStarry-Action: update\nStarry-Preview: preview-1\nStarry-Version: 0.1.0\n"
    change.head.commit({path_of("preview-1"): text}, trailers)
    assert change.review()["previews"][0]["byHand"] is True


def test_comments_alone_are_a_hand_edit(change: Proposal) -> None:
    change.head.edit_values("preview-1", lambda text: f"# mine\n{text}")
    [one] = change.review()["previews"]
    assert (one["byHand"], one["edits"]) == (True, [])


def test_old_hand_edits_are_no_part_of_the_change(change: Proposal) -> None:
    change.base.edit_values("preview-1", lambda text: text.replace("backend:\n", "backend:\n  replicas: 3 # mine\n"))
    later = propose(change.base, "later")
    later.head.ok("update", "preview-1", "--image", "backend=2", "--branch", "later")
    [one] = change.run(change="main...later").json()["previews"]
    assert (one["byHand"], one["images"][0]["to"]) == (False, f"{BACKEND}:2")


def test_a_secret_is_found_and_shown_nowhere(change: Proposal) -> None:
    token, word = "ghp_0123456789abcdefghijABCDEFGHIJ012345", "hunter2hunter2"
    change.head.edit_values("preview-1", lambda text: f"{text}x: {{note: {token}, DB_PASSWORD: {word}, {token}: 1}}\n")
    change.head.edit_application("preview-1", lambda text: text.replace('owner: "alice"', f'owner: "{token}"'))
    assert "secrets" in rules_of(change.review(code=7))
    for form in ("table", "json", "yaml", "markdown", "sarif", "github", "gitlab"):
        shown = change.run("-o", form).out
        assert token not in shown, form
        assert word not in shown, form


def test_a_broken_rule_is_named_with_file_and_line(change: Proposal) -> None:
    change.head.edit_application("preview-1", lambda text: text.replace('project: "starry"', 'project: "default"'))
    found = change.review(code=7)
    [one] = [one for one in found["findings"] if one["severity"] == "error"]
    assert (one["rule"], one["file"]) == ("project", path_of("preview-1", "application"))
    assert "project:" in change.head.read(one["file"]).splitlines()[one["line"] - 1]


def test_what_was_broken_before_does_not_fail(change: Proposal) -> None:
    change.base.edit_application("preview-1", lambda text: text.replace('project: "starry"', 'project: "default"'))
    later = propose(change.base, "later")
    later.head.edit_application("preview-1", lambda text: f"# one line further down\n{text}")
    done = change.run(change="main...later")
    assert done.code == 0
    assert rules_of(done.json(), new=False) == ["project"]


def test_mending_is_fine_and_untouched_ones_are_not_judged(change: Proposal) -> None:
    change.base.edit_application("preview-1", lambda text: text.replace('project: "starry"', 'project: "default"'))
    change.base.edit_application("preview-2", lambda text: text.replace('project: "starry"', 'project: "default"'))
    later = propose(change.base, "later")
    later.head.edit_application("preview-1", lambda text: text.replace('project: "default"', 'project: "starry"'))
    done = change.run(change="main...later")
    assert (done.code, done.json()["findings"]) == (0, [])


def test_a_half_preview(change: Proposal) -> None:
    change.head.commit({path_of("preview-1"): None})
    found = change.review(code=7)
    assert rules_of(found) == ["layout"]
    assert [(one["action"], one["after"]) for one in found["previews"]] == [("changed", None)]


def test_a_remote_says_the_same(change: Proposal) -> None:
    change.head.edit_values("preview-1", lambda text: text.replace("1.0.0", "2.0.0"))
    change.base.create("preview-8")
    there = run("review", "main...change", "--repo", str(change.base.bare), "-o", "json", "--render", "0")
    assert there.code == 0, there.err
    assert there.json() == change.review()


def test_standing_in_a_clone(change: Proposal, apps: Apps) -> None:
    change.head.ok("delete", "preview-2", "--branch", "change")
    clone = copy_of(apps.bare, apps.bare.parent / "clone.git")
    clone.git("update-ref", "refs/remotes/origin/main", "refs/heads/main")
    clone.git("symbolic-ref", "HEAD", "refs/heads/change")
    assert run("review", "-o", "name", "--render", "0", cwd=clone.bare).out == "preview-2\n"


USAGE = {
    "no range": (("review", "main"), 2),
    "no such revision": (("review", "main...nobody"), 3),
    "an option": (("review", "main...--upload-pack=x"), 2),
    "three sides": (("review", "a...b...c"), 2),
    "a comment without a pull request": (("review", "main...change", "--comment"), 2),
    "two things at once": (("review", "main...change", "--pr", "https://github.com/a/b/pull/1"), 2),
    "a pull request's number": (("review", "--pr", "7"), 2),
    "a repository's URL as pull request": (("review", "--pr", "https://github.com/a/b"), 2),
    "a remote without a range": (("review", "--repo", "."), 2),
    "a form of another command": (("review", "main...change", "-o", "xml"), 2),
}


@pytest.mark.parametrize(("args", "code"), USAGE.values(), ids=USAGE)
def test_what_makes_no_sense(change: Proposal, args: tuple[str, ...], code: int) -> None:
    done = run(*args, cwd=change.base.bare)
    assert (done.code, done.out) == (code, ""), done.err
    assert "Traceback" not in done.err
