"""`sync` removes what the forge itself calls closed or unwanted, within the caps, and nothing on a doubtful answer."""

from collections.abc import Callable

import pytest

from starry_gitops.core.model import PullRequest, Source
from starry_gitops.core.remove import keep_file
from starry_gitops.errors import (
    AccessDenied,
    DoubtfulAnswer,
    NotFound,
    RemoteUnreachable,
    StarryError,
    TooManyDeletions,
)
from tests.unit.sync_world import BACKEND, FRONTEND, SYNC, WORLD, Forges, commit, pull, skipped, sync, told
from tests.unit.world import PREVIEWS, SETTINGS, Tree, create, empty, problems, settings_of


def opened(*numbers: int) -> Forges:
    forges = Forges()
    forges.be.put(*map(pull, numbers))
    return forges


def both() -> tuple[Forges, Tree]:
    """Two pull requests with their previews."""
    forges = opened(1, 2)
    return forges, sync(WORLD, forges)[1]


LEAVING: dict[str, dict[str, object]] = {
    "closed": {"state": "closed"},
    "merged": {"state": "merged"},
    "a draft now": {"draft": True},
    "a fork's now": {"head_repository": None},
}


@pytest.mark.parametrize("changes", LEAVING.values(), ids=LEAVING)
def test_a_pull_request_that_is_over_or_filtered_out_loses_its_preview(changes: dict[str, object]) -> None:
    forges, tree = both()
    forges.be.change(1, **changes)
    forges.be.asked.clear()
    plan, tree = sync(tree, forges)
    assert told(plan) == {"preview-1": "removed"}
    assert forges.be.asked == ["pull_requests", "pull_request 1"]
    assert f"{PREVIEWS}/preview-2/application.yaml" in tree.files
    assert problems(tree) == []


def test_the_label_that_a_pull_request_needs_is_gone() -> None:
    forges = Forges()
    forges.fe.put(pull(1, FRONTEND), pull(2, FRONTEND))
    tree = sync(WORLD, forges)[1]
    forges.fe.change(2, labels=())
    plan = sync(tree, forges)[0]
    assert told(plan) == {"fe-2": "removed"}
    assert "fe-2: removed, it lacks the label preview" in plan.message


def test_the_last_one_leaves_the_folder_that_argo_cd_reads() -> None:
    forges = opened(1)
    tree = sync(WORLD, forges)[1].put({f"{PREVIEWS}/keep.yaml": None})
    forges.be.change(1, state="closed")
    after = sync(tree, forges)[1]
    assert after.files[f"{PREVIEWS}/keep.yaml"].decode() == keep_file(settings_of(WORLD).overlay("dev"))


def test_an_empty_list_removes_nothing_unless_it_is_allowed() -> None:
    forges, tree = both()
    forges.be.change(1, state="closed")
    forges.be.unlisted = {2}
    plan = sync(tree, forges)[0]
    assert plan.changes == ()
    assert isinstance(plan.answer.fault, DoubtfulAnswer)
    assert plan.answer.fault.exit_code == 8
    assert "does not call that of preview-2 closed" in plan.answer.fault.message
    assert told(sync(tree, forges, allow_empty=True)[0]) == {"preview-1": "removed"}


def test_an_empty_list_is_believed_where_the_forge_calls_each_single_one_closed() -> None:
    forges, tree = both()
    forges.be.change(1, state="closed")
    forges.be.change(2, state="merged")
    forges.be.asked.clear()
    plan = sync(tree, forges)[0]
    assert told(plan) == {"preview-1": "removed", "preview-2": "removed"}
    assert plan.answer.fault is None
    assert forges.be.asked == ["pull_requests", "pull_request 1", "pull_request 2"]


UNCONFIRMED: dict[str, Callable[[Forges], object]] = {
    "open": lambda forges: forges.be.unlisted.add(2),
    "open, and filtered out": lambda forges: (forges.be.unlisted.add(2), forges.be.change(2, draft=True)),
    "not known": lambda forges: forges.be.pulls.pop(2),
    "not told": lambda forges: (forges.be.unlisted.add(2), forges.be.failing.update({2: AccessDenied("401")})),
    "of another name": lambda forges: forges.be.change(2, state="closed", url="https://github.com/myorg/new/pull/2"),
}


@pytest.mark.parametrize("unconfirmed", UNCONFIRMED.values(), ids=UNCONFIRMED)
def test_an_empty_list_removes_nothing_where_one_is_not_called_closed(unconfirmed: Callable[[Forges], object]) -> None:
    forges, tree = both()
    forges.be.change(1, state="closed")
    unconfirmed(forges)
    plan = sync(tree, forges)[0]
    assert plan.changes == ()
    assert plan.answer.fault is not None
    assert plan.answer.fault.exit_code in {6, 8}


def test_an_empty_list_is_believed_where_no_preview_hangs_on_it() -> None:
    assert sync(WORLD, Forges())[0].answer.fault is None
    url = PullRequest(number=1, url=f"{BACKEND}/pull/1")
    pinned = create(WORLD, "mine", pin=True, source=Source(name="mine", pull_request=url))
    assert sync(pinned, Forges())[0].answer.fault is None


def test_a_pull_request_that_the_list_lacks_but_is_open_keeps_its_preview() -> None:
    forges, tree = both()
    forges.be.unlisted = {1}
    plan = sync(tree, forges)[0]
    assert (plan.changes, plan.answer.kept, plan.answer.skipped) == ((), 2, ())


def test_a_pull_request_that_the_forge_does_not_know_keeps_its_preview() -> None:
    forges, tree = both()
    del forges.be.pulls[1]
    plan = sync(tree, forges)[0]
    assert plan.changes == ()
    assert skipped(plan) == {"preview-1": f"the forge does not know {BACKEND}/pull/1: it stays"}


FAILURES: list[StarryError] = [
    AccessDenied("401"),
    NotFound("404"),
    RemoteUnreachable("503"),
    DoubtfulAnswer("cut off"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code)
def test_a_repository_that_fails_keeps_its_previews_and_hinders_no_other(failure: StarryError) -> None:
    forges, tree = both()
    forges.be.change(1, state="closed")
    forges.be.failing = {"pull_requests": failure}
    forges.fe.put(pull(1, FRONTEND))
    plan = sync(tree, forges)[0]
    assert told(plan) == {"fe-1": "created"}
    assert plan.answer.fault is failure
    report = plan.answer.repositories[0]
    assert (report.open, report.wanted, report.error) == (None, 0, failure)
    assert plan.answer.kept == 2


@pytest.mark.parametrize("failure", FAILURES[::2], ids=lambda failure: failure.code)
def test_a_question_that_fails_keeps_all_of_the_repositorys_previews(failure: StarryError) -> None:
    forges = opened(1, 2, 3, 4)
    tree = sync(WORLD, forges)[1]
    for number in (1, 2, 3):
        forges.be.change(number, state="closed")
    forges.be.put(pull(5))
    forges.be.failing = {2: failure}
    forges.be.asked.clear()
    plan = sync(tree, forges)[0]
    assert told(plan) == {"preview-5": "created"}
    assert plan.answer.fault is failure
    assert forges.be.asked == ["pull_requests", "pull_request 1", "pull_request 2"]


WRONG: dict[str, Callable[[Forges], object]] = {
    "another name": lambda forges: forges.be.change(2, url="https://github.com/myorg/renamed/pull/2"),
    "another number": lambda forges: forges.be.change(2, number=1),
    "another one when asked": lambda forges: forges.be.change(1, number=2, url=f"{BACKEND}/pull/2"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_answer_about_something_else_removes_nothing(wrong: Callable[[Forges], object]) -> None:
    forges, tree = both()
    forges.be.change(1, state="closed")
    wrong(forges)
    plan = sync(tree, forges)[0]
    assert plan.changes == ()
    assert isinstance(plan.answer.fault, DoubtfulAnswer)


def test_what_is_not_starrys_stays() -> None:
    forges, tree = both()
    path = f"{PREVIEWS}/preview-1/application.yaml"
    foreign = (
        tree.files[path].decode().replace("app.kubernetes.io/managed-by: starry", "app.kubernetes.io/managed-by: x")
    )
    assert foreign != tree.files[path].decode()
    forges.be.change(1, state="closed")
    plan = sync(tree.put({path: foreign}), forges)[0]
    assert (plan.changes, plan.answer.skipped, plan.answer.kept) == ((), (), 2)


def test_a_manifest_that_names_another_application_stays_and_is_reported() -> None:
    forges, tree = both()
    path = f"{PREVIEWS}/preview-1/application.yaml"
    tree = tree.put({path: tree.files[path].decode().replace('name: "preview-1"', 'name: "preview-2"', 1)})
    forges.be.change(1, state="closed")
    plan = sync(tree, forges)[0]
    assert plan.changes == ()
    assert "preview-1" in skipped(plan)


def test_more_than_the_caps_allow_stays_and_the_rest_is_done() -> None:
    numbers = range(1, 13)
    forges = opened(*numbers)
    tree = sync(WORLD, forges)[1]
    for number in range(1, 8):
        forges.be.change(number, state="closed")
    forges.be.change(12, head_commit=commit(99))
    plan = sync(tree, forges)[0]
    assert told(plan) == {"preview-12": "updated"}
    assert isinstance(plan.answer.fault, TooManyDeletions)
    assert plan.answer.fault.exit_code == 10
    assert isinstance(sync(tree, forges, max_deletes=6)[0].answer.fault, TooManyDeletions)
    assert list(told(sync(tree, forges, force=True)[0]).values()).count("removed") == 7


def test_a_name_that_is_freed_is_taken_by_the_next_run() -> None:
    url = PullRequest(number=9, url=f"{BACKEND}/pull/9")
    tree = create(WORLD, "preview-1", source=Source(name="preview-1", pull_request=url))
    forges = opened(1)
    forges.be.put(pull(9, state="closed"))
    plan, tree = sync(tree, forges)
    assert told(plan) == {"preview-1": "removed"}
    assert "the next one makes it" in skipped(plan)["preview-1"]
    assert told(sync(tree, forges)[0]) == {"preview-1": "created"}


def test_another_overlays_previews_are_none_of_its_business() -> None:
    overlays = (
        "overlays: {dev: {previews: true}, far: {previews: true, argocdNamespace: far, destination: {name: far}}}\n"
    )
    url = PullRequest(number=1, url=f"{BACKEND}/pull/1")
    tree = create(empty(SETTINGS + SYNC + overlays), "x", overlay="far", source=Source(name="x", pull_request=url))
    forges = opened(2)
    forges.be.put(pull(1, state="closed"))
    assert told(sync(tree, forges)[0]) == {"preview-2": "created"}
