"""`--propose`, against a real Gitea: a preview's change waits in a pull request of the apps repository."""

import re

from tests.proposals.desk import Desk, files
from tests.support.cli import ROOT
from tests.support.repos import PREVIEWS

VALUES = f"{PREVIEWS}/preview-1/values.yaml"


def test_a_preview_is_proposed_instead_of_pushed(desk: Desk) -> None:
    made = desk.create("preview-1", "--owner", "alice", "--pr", "https://github.com/myorg/sample-be/pull/1")
    pull = desk.pull()
    assert made["action"] == "created"
    assert made["branch"] == "starry/preview-1"
    assert made["commit"] == desk.head("starry/preview-1") == pull["head"]["sha"]
    assert made["proposal"] == {
        "url": pull["html_url"],
        "number": pull["number"],
        "branch": "starry/preview-1",
        "state": "opened",
        "autoMerge": False,
    }
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")
    assert pull["base"]["ref"] == "main"


def test_its_text_says_what_will_exist_where_until_when_and_for_whom(desk: Desk) -> None:
    made = desk.create("preview-1", "--owner", "alice", "--pr", "https://github.com/myorg/sample-be/pull/1")
    pull = desk.pull()
    assert pull["title"] == "preview(preview-1): create"
    for part in (made["urls"]["backend"], made["expiresAt"], "alice", "sample-be/pull/1", "backend", "1.0.0"):
        assert part in pull["body"]
    assert "What Argo CD would apply: preview-1" in pull["body"]
    assert "+ Deployment/backend" in pull["body"]


def test_merged_it_is_a_preview_like_any_other(desk: Desk) -> None:
    desk.create("preview-1")
    desk.merge()
    assert desk.apps.names() == ["preview-1"]
    assert desk.apps.ok("validate")["findings"] == []
    assert [one["name"] for one in desk.apps.ok("list")] == ["preview-1"]


def test_the_same_command_again_changes_nothing(desk: Desk) -> None:
    desk.create("preview-1")
    before = desk.apps.refs()
    again = desk.create("preview-1")
    assert (again["action"], again["proposal"]["state"]) == ("unchanged", "unchanged")
    assert desk.apps.refs() == before
    assert len(desk.pulls("all")) == 1


def test_another_image_updates_the_same_pull_request(desk: Desk) -> None:
    first = desk.create("preview-1")
    second = desk.create("preview-1", tag="2.0.0")
    assert second["proposal"]["state"] == "updated"
    assert second["proposal"]["number"] == first["proposal"]["number"]
    assert desk.pull()["title"] == "preview(preview-1): create"
    assert "2.0.0" in desk.pull()["body"]
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")
    desk.apps.git("merge-base", "--is-ancestor", first["commit"], second["commit"])


def test_each_preview_has_a_pull_request_of_its_own_and_they_merge_in_any_order(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.create(f"preview-{number}")
    numbers = [int(one["number"]) for one in desk.pulls()]
    for number in (numbers[1], numbers[2], numbers[0]):
        desk.forge.merge(number)
    assert desk.apps.names() == ["preview-1", "preview-2", "preview-3"]


def test_extend_and_delete_are_proposed_too(desk: Desk) -> None:
    desk.apps.create("preview-1")
    desk.propose("extend", "preview-1", "--ttl", "2h")
    assert desk.proposed("starry/preview-1") == files("preview-1", "M")
    assert desk.pull()["title"] == "preview(preview-1): update"
    desk.propose("delete", "preview-1")
    assert desk.proposed("starry/preview-1") == files("preview-1", "D")
    assert desk.pull()["title"] == "preview(preview-1): delete"


def test_what_was_to_be_removed_can_be_wanted_again(desk: Desk) -> None:
    desk.apps.create("preview-1")
    desk.propose("delete", "preview-1")
    desk.create("preview-1", tag="2.0.0")
    assert desk.proposed("starry/preview-1") == files("preview-1", "M")


def test_a_dry_run_shows_the_whole_difference_and_asks_nothing_of_the_forge(desk: Desk) -> None:
    desk.create("preview-1")
    before = desk.apps.refs()
    shown = desk.propose("create", "preview-1", "--image", "backend=2.0.0", "--dry-run")
    assert "new file mode 100644" in shown["diff"]
    assert "2.0.0" in shown["diff"]
    assert desk.apps.refs() == before
    assert "2.0.0" not in desk.pull()["body"]


def test_a_proposal_whose_reason_is_gone_is_closed(desk: Desk) -> None:
    made = desk.create("preview-1")
    gone = desk.propose("delete", "preview-1")
    assert gone["proposal"] == {**made["proposal"], "state": "closed"}
    assert desk.pulls() == []
    assert desk.branches() == []
    assert "Nothing is left to change" in desk.forge.comments(made["proposal"]["number"])[0][1]


def test_what_was_pushed_meanwhile_makes_a_proposal_moot(desk: Desk) -> None:
    desk.apps.create("preview-1")
    desk.propose("delete", "preview-1")
    desk.apps.ok("delete", "preview-1")
    assert desk.propose("delete", "preview-1")["proposal"]["state"] == "closed"
    assert desk.branches() == []


def test_a_base_that_moved_elsewhere_does_not_touch_a_proposal(desk: Desk) -> None:
    desk.create("preview-1")
    desk.apps.create("preview-2")
    assert desk.create("preview-1")["proposal"]["state"] == "unchanged"
    updated = desk.create("preview-1", tag="2.0.0")
    assert desk.apps.git("rev-parse", f"{updated['commit']}^2") == desk.apps.tip()
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")
    desk.merge()
    assert desk.apps.names() == ["preview-1", "preview-2"]


def test_a_preview_that_changed_on_the_branch_is_decided_again_from_there(desk: Desk) -> None:
    desk.apps.create("preview-1")
    desk.create("preview-1", tag="2.0.0")
    desk.apps.ok("extend", "preview-1", "--ttl", "3h")
    until = desk.apps.annotation("preview-1", "expires-at")
    desk.propose("update", "preview-1", "--image", "backend=3.0.0", "--keep-expiry")
    desk.merge()
    assert desk.apps.annotation("preview-1", "expires-at") == until
    assert desk.apps.values("preview-1")["backend"]["image"]["tag"] == "3.0.0"


def test_what_people_change_in_the_previews_files_stays(desk: Desk) -> None:
    desk.create("preview-1")
    values = desk.forge.read(VALUES, "starry/preview-1")
    desk.forge.push_branch(
        "starry/preview-1", {VALUES: values.replace("backend:", "backend:\n  replicas: 2 # mine", 1)}
    )
    desk.create("preview-1", tag="2.0.0")
    changed = desk.forge.read(VALUES, "starry/preview-1")
    assert "  replicas: 2 # mine\n" in changed
    assert "2.0.0" in changed


def test_what_people_change_elsewhere_is_never_lost_nor_taken_over(desk: Desk) -> None:
    desk.create("preview-1")
    desk.forge.push_branch("starry/preview-1", {"README.md": "mine\n"})
    error = desk.apps.fails(5, "create", "preview-1", "--image", "backend=2.0.0", "--propose")
    assert error["code"] == "proposal_edited"
    assert "README.md" in error["message"]


def test_a_proposal_that_people_closed_is_made_anew_from_the_branch(desk: Desk) -> None:
    first = desk.create("preview-1", tag="1.0.0")
    desk.forge.close(first["proposal"]["number"])
    second = desk.create("preview-1", tag="2.0.0")
    assert second["proposal"]["state"] == "opened"
    assert second["proposal"]["number"] != first["proposal"]["number"]
    assert desk.apps.git("rev-list", "--count", "main..starry/preview-1") == "1"


def test_a_branch_that_is_none_of_starrys_is_left_alone(desk: Desk) -> None:
    desk.forge.push_branch("starry/preview-1", {"mine.txt": "mine\n"})
    error = desk.apps.fails(3, "create", "preview-1", "--image", "backend=1.0.0", "--propose")
    assert "starry/preview-1" in error["message"]


def test_each_overlay_has_branches_of_its_own(desk: Desk) -> None:
    settings = desk.apps.read("starry.yaml").replace("previews: false", "previews: true")
    desk.forge.push_branch("main", {"starry.yaml": settings})
    made = desk.propose("create", "preview-1", "--image", "backend=1.0.0", "--overlay", "prod")
    assert made["branch"] == "starry/preview-1@prod"


def test_the_page_of_the_documentation_shows_what_is_printed(desk: Desk) -> None:
    page = (ROOT / "docs/proposals.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("```")[0].splitlines()
    done = desk.apps.run(
        "create", "preview-1", "--image", "backend=1.0.0", "--owner", "alice", "--propose", "-o", "table"
    )
    printed = done.out.replace(desk.forge.page, "https://gitea.mycompany.com/myorg/argocd-apps")
    assert [_shape(line) for line in printed.splitlines()] == [_shape(line) for line in shown]


def _shape(line: str) -> str:
    """Without what differs from run to run."""
    line = re.sub(r"in [0-9a-f]{12}$", "in COMMIT", line)
    line = re.sub(r"/pulls/\d+$", "/pulls/N", line)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z$", "TIME", line)
