"""`sync` decides again on a later tip of the branch: what it knows of pull requests may be older than that."""

from tests.unit.sync_world import SYNC, WORLD, Forges, pull, sync, syncing
from tests.unit.world import PREVIEWS, SETTINGS, context, text


def opened(*numbers: int) -> Forges:
    forges = Forges()
    forges.be.put(*map(pull, numbers))
    return forges


def test_a_decision_on_a_later_tip_asks_again_only_where_somebody_else_wrote() -> None:
    forges = opened(1, 2)
    tree = sync(WORLD, forges)[1]
    forges.be.change(1, head_commit="e" * 40)
    forges.be.asked.clear()
    decide = syncing(forges)
    assert {one.name for one in decide(context(tree)).answer.done} == {"preview-1"}
    # Meanwhile a pipeline shows a newer commit of 1; 2 is closed, and its preview gone; 3 is new and has one already.
    forges.be.change(1, head_commit="f" * 40)
    forges.be.change(2, state="closed")
    forges.be.put(pull(3))
    moved = sync(tree, forges)[1]
    forges.be.asked.clear()
    plan = decide(context(moved))
    assert plan.changes == ()
    assert forges.be.asked == ["pull_request 1", "pull_request 2", "pull_request 3"]
    forges.be.asked.clear()
    assert decide(context(moved)).changes == ()
    assert forges.be.asked == []


def test_settings_that_changed_meanwhile_are_followed() -> None:
    forges = opened(1)
    decide = syncing(forges)
    assert decide(context(WORLD)).changes
    drafts = WORLD.put({"starry.yaml": SETTINGS + SYNC.replace("forkLabel: preview-ok", "labels: [other]")})
    assert decide(context(drafts)).changes == ()


def test_a_preview_that_was_changed_since_its_pull_request_was_asked_for_is_asked_for_again() -> None:
    forges = opened(1, 2)
    tree = sync(WORLD, forges)[1]
    forges.be.change(1, state="closed")
    decide = syncing(forges)
    assert decide(context(tree)).answer.names("removed") == ["preview-1"]
    # Reopened, and somebody has shown that they want it still.
    forges.be.change(1, state="open")
    path = f"{PREVIEWS}/preview-1/application.yaml"
    moved = tree.put({path: text(tree, path).replace("12:30:00Z", "12:45:00Z")})
    assert decide(context(moved)).changes == ()
