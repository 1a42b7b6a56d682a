"""`sync` makes previews equal to the open pull requests."""

from datetime import timedelta

import pytest

from starry_gitops.core.model import PullRequest, Source
from starry_gitops.core.ttl import format_instant
from starry_gitops.errors import InvalidRepository, NotFound, UsageFault
from tests.unit.sync_world import (
    BACKEND,
    FRONTEND,
    SYNC,
    WORLD,
    Forges,
    commit,
    pull,
    skipped,
    sync,
    told,
)
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, create, empty, problems, text

ONE = f"{PREVIEWS}/preview-1"


def opened(*numbers: int) -> Forges:
    forges = Forges()
    forges.be.put(*map(pull, numbers))
    return forges


def with_one(forges: Forges) -> Tree:
    return sync(WORLD, forges)[1]


def test_an_open_pull_request_gets_a_preview() -> None:
    plan, tree = sync(WORLD, opened(1))
    assert told(plan) == {"preview-1": "created"}
    application, values = text(tree, f"{ONE}/application.yaml"), text(tree, f"{ONE}/values.yaml")
    for line in (f'pull-request: "{BACKEND}/pull/1"', 'owner: "alice"', 'branch: "feat/1"', f'commit: "{commit(1)}"'):
        assert f"starry.env/{line}" in application
    assert 'tag: "pr-1-0000000"' in values
    assert "secrets" not in values
    assert problems(tree) == []
    report = plan.answer.repositories[0]
    assert (report.name, report.open, report.wanted, report.error) == ("be", 1, 1, None)


def test_the_commit_says_what_was_done() -> None:
    plan = sync(WORLD, opened(1, 2))[0]
    assert plan.message.splitlines()[0] == "previews(dev): sync, 2 created"
    for line in ("Starry-Action: sync", "Starry-Preview: preview-2", f"Starry-Commit: preview-2 {commit(2)}"):
        assert line in plan.message.splitlines()
    assert f"preview-1: created, {BACKEND}/pull/1" in plan.message


def test_a_second_sync_right_after_changes_nothing() -> None:
    forges = opened(1, 2)
    forges.fe.put(pull(1, FRONTEND))
    plan, tree = sync(sync(WORLD, forges)[1], forges)
    assert (plan.changes, plan.message, plan.answer.kept) == ((), "", 3)
    assert plan.answer.skipped == ()
    assert {"preview-1", "preview-2", "fe-1"} == {one.name for one in sync(WORLD, forges)[0].answer.done}
    assert problems(tree) == []


def test_components_that_are_not_built_have_the_settings_images() -> None:
    forges = Forges()
    forges.fe.put(pull(3, FRONTEND))
    values = text(sync(WORLD, forges)[1], f"{PREVIEWS}/fe-3/values.yaml")
    assert 'tag: "main"' in values
    assert 'tag: "pr-3-0000000"' in values


def test_a_push_updates_image_commit_and_expiry() -> None:
    forges = opened(1)
    tree = with_one(forges)
    forges.be.change(1, head_commit="f" * 40)
    later = NOW + timedelta(minutes=5)
    plan, tree = sync(tree, forges, now=later)
    assert told(plan) == {"preview-1": "updated"}
    assert 'tag: "pr-1-fffffff"' in text(tree, f"{ONE}/values.yaml")
    assert format_instant(later + timedelta(minutes=30)) in text(tree, f"{ONE}/application.yaml")
    assert problems(tree, later) == []


def test_what_people_changed_stays() -> None:
    forges = opened(1)
    tree = with_one(forges)
    values = text(tree, f"{ONE}/values.yaml").replace("pr-1-0000000", "mine") + "# by hand\nredis: {enabled: false}\n"
    application = text(tree, f"{ONE}/application.yaml").replace('"alice"', '"bob"')
    tree = tree.put({f"{ONE}/values.yaml": values, f"{ONE}/application.yaml": application})
    assert sync(tree, forges)[0].changes == ()
    forges.be.change(1, head_commit="f" * 40)
    after = sync(tree, forges)[1]
    assert text(after, f"{ONE}/values.yaml") == values.replace("mine", "pr-1-fffffff")
    assert 'starry.env/owner: "bob"' in text(after, f"{ONE}/application.yaml")


@pytest.mark.parametrize(
    ("minutes", "action"), [(15, {}), (16, {"preview-1": "renewed"}), (99, {"preview-1": "renewed"})]
)
def test_less_than_half_of_the_ttl_is_renewed(minutes: int, action: dict[str, str]) -> None:
    forges = opened(1)
    later = NOW + timedelta(minutes=minutes)
    plan, tree = sync(with_one(forges), forges, now=later)
    assert told(plan) == action
    if action:
        assert format_instant(later + timedelta(minutes=30)) in text(tree, f"{ONE}/application.yaml")
        assert plan.message.startswith("previews(dev): sync, 1 renewed")
        assert sync(tree, forges, now=later)[0].changes == ()


ON_PUSH = empty(SETTINGS + SYNC.replace("sync:\n", "sync:\n  renew: onPush\n"))


def test_on_push_only_a_push_renews_and_brings_back() -> None:
    forges = opened(1)
    plan, tree = sync(ON_PUSH, forges)
    made = frozenset({("preview-1", commit(1))})
    later = NOW + timedelta(minutes=40)
    assert sync(tree, forges, now=later)[0].changes == ()
    plan = sync(ON_PUSH, forges, now=later, made=lambda: made)[0]
    assert plan.changes == ()
    assert plan.answer.skipped == ()
    assert [one.reason for one in plan.answer.repositories[0].ignored] == ["its preview is over until it is pushed to"]
    forges.be.change(1, head_commit="f" * 40)
    assert told(sync(tree, forges, now=later)[0]) == {"preview-1": "updated"}
    assert told(sync(ON_PUSH, forges, now=later, made=lambda: made)[0]) == {"preview-1": "created"}


def test_the_history_is_looked_up_only_where_it_matters() -> None:
    def unasked() -> frozenset[tuple[str, str]]:
        raise AssertionError

    forges = opened(1)
    tree = sync(WORLD, forges, made=unasked)[1]
    on_push = tree.put({"starry.yaml": ON_PUSH.files["starry.yaml"]})
    assert sync(on_push, forges, made=unasked)[0].changes == ()


def test_a_pinned_preview_is_updated_and_never_renewed() -> None:
    forges = opened(1)
    tree = create(WORLD, "preview-1", pin=True, source=Source(name="preview-1", pull_request=PullRequest(number=1)))
    plan, tree = sync(tree, forges, now=NOW + timedelta(days=3))
    assert told(plan) == {"preview-1": "updated"}
    assert sync(tree, forges, now=NOW + timedelta(days=9))[0].changes == ()


def test_a_preview_that_carries_the_pull_request_is_its_preview_whatever_its_name() -> None:
    url = PullRequest(number=1, url=f"{BACKEND.replace('myorg', 'MyOrg')}/pull/1")
    tree = create(WORLD, "demo", source=Source(name="demo", pull_request=url))
    plan, tree = sync(tree, opened(1))
    assert told(plan) == {"demo": "updated"}
    assert str(url.url) in text(tree, f"{PREVIEWS}/demo/application.yaml")


TAKEN = {
    "another repository's": Source(name="preview-1", pull_request=PullRequest(number=1, url=f"{FRONTEND}/pull/1")),
    "another number's": Source(name="preview-1", pull_request=PullRequest(number=2)),
    "a branch's": Source(name="preview-1", branch="feat/2"),
    "nobody's": Source(name="preview-1"),
}


@pytest.mark.parametrize("source", TAKEN.values(), ids=TAKEN)
def test_a_name_that_is_taken_is_left_alone(source: Source) -> None:
    tree = create(WORLD, "preview-1", source=source)
    plan = sync(tree, opened(1, 3))[0]
    assert told(plan) == {"preview-3": "created"}
    assert "taken" in skipped(plan)["preview-1"]


HOSTILE = {
    "author": ({"author": "a\nb"}, "control character"),
    "no author": ({"author": ""}, "is empty"),
    "branch": ({"head_branch": "x\x1b[31m"}, "control character"),
    "long branch": ({"head_branch": "b" * 2_000}, "longer than"),
    "commit": ({"head_commit": "--upload-pack=x"}, "no commit's id"),
    "a token as branch": ({"head_branch": "ghp_" + "a" * 36}, "looks like"),
}


@pytest.mark.parametrize(("changes", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_skip_one_pull_request(changes: dict[str, object], reason: str) -> None:
    forges = opened(2)
    forges.be.put(pull(1, **changes))
    plan = sync(WORLD, forges)[0]
    assert told(plan) == {"preview-2": "created"}
    assert reason in skipped(plan)["preview-1"]
    assert skipped(plan)["preview-1"].isprintable()


def test_where_the_quota_ends_the_older_pull_requests_have_their_previews() -> None:
    tree = empty(SETTINGS + SYNC + "policy: {quota: {total: 2}}\n")
    forges = opened(3, 1, 2)
    plan, tree = sync(tree, forges)
    assert told(plan) == {"preview-1": "created", "preview-2": "created"}
    assert "quota is 2" in skipped(plan)["preview-3"]
    forges.be.change(1, state="closed")
    assert told(sync(tree, forges)[0]) == {"preview-1": "removed", "preview-3": "created"}


def test_a_broken_preview_is_reported_and_stops_nothing() -> None:
    tree = WORLD.put({f"{ONE}/application.yaml": "a: [", f"{ONE}/values.yaml": ""})
    plan = sync(tree, opened(1, 2))[0]
    assert told(plan) == {"preview-2": "created"}
    assert "preview-1" in skipped(plan)


def test_only_the_repositories_that_are_named() -> None:
    forges = opened(1)
    forges.fe.put(pull(1, FRONTEND))
    plan = sync(WORLD, forges, "fe")[0]
    assert told(plan) == {"fe-1": "created"}
    assert forges.be.asked == []
    with pytest.raises(NotFound, match="no repository 'nobody'"):
        sync(WORLD, forges, "nobody")
    with pytest.raises(InvalidRepository, match=r"sync\.repositories is missing"):
        sync(empty(), forges)


def test_one_pull_request_alone() -> None:
    forges = opened(1, 2)
    plan, tree = sync(WORLD, forges, pull_request=f"{BACKEND}/pull/2/files")
    assert told(plan) == {"preview-2": "created"}
    assert forges.be.asked == ["pull_request 2"]
    forges.be.change(2, state="merged")
    assert told(sync(tree, forges, pull_request=f"{BACKEND}/pull/2")[0]) == {"preview-2": "removed"}
    missing = sync(WORLD, forges, pull_request=f"{BACKEND}/pull/9")[0].answer
    assert isinstance(missing.fault, NotFound)
    with pytest.raises(NotFound, match="no repository of sync has"):
        sync(WORLD, forges, pull_request="https://github.com/other/repo/pull/1")
    with pytest.raises(UsageFault):
        sync(WORLD, forges, pull_request="1")


def test_files_are_asked_for_only_where_nothing_else_decides() -> None:
    tree = empty(SETTINGS + SYNC.replace("forkLabel: preview-ok", 'paths: ["src/**"]'))
    forges = opened(1, 2)
    forges.be.put(pull(3, draft=True))
    forges.be.files = {1: ("src/a.py",), 2: ("docs/a.md",)}
    plan = sync(tree, forges)[0]
    assert told(plan) == {"preview-1": "created"}
    assert forges.be.asked == ["pull_requests", "changed_files 1", "changed_files 2"]
    assert [(one.url[-1], one.reason) for one in plan.answer.repositories[0].ignored] == [
        ("2", "it changes no file of paths"),
        ("3", "it is a draft"),
    ]
