"""Deciding a list is deciding its entries one after another, in one plan."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.batch import Batch, Failure, Item, plan_batch
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import Result, Source
from starry_gitops.core.prune import Prune, Scope
from starry_gitops.errors import StarryError, TooManyDeletions, UsageFault
from tests.unit.world import NOW, SETTINGS, Tree, context, create, empty, image, intent, problems

TWO = """\
overlays:
  dev: {previews: true}
  far: {previews: true, argocdNamespace: far, domain: far.example, destination: {name: far}}
  near: {previews: true}
policy: {quota: {total: 4, perOwner: 2}}
hostTemplate: "{app}-{name}.{domain}"
components:
  backend: {app: be, image: registry.example/be, required: true}
  frontend: {app: be-x, image: registry.example/fe}
"""
WORLD = empty(SETTINGS + TWO)

IMAGES = [image(), image(tag="2"), image("frontend"), image("no")]
names = st.sampled_from(["a", "b", "x-a", "c", "A", "argocd"])
wishes = st.builds(
    Apply,
    source=st.builds(Source, name=names),
    overlay=st.sampled_from([None, "dev", "far", "near", "nowhere"]),
    images=st.lists(
        st.sampled_from([image(), image(tag="2"), image("frontend"), image("no")]), max_size=2, unique=True
    ),
    owner=st.sampled_from([None, "alice", "bob"]),
    ttl=st.sampled_from([None, 45, 10_000]),
    sequence=st.sampled_from([None, 1, 2]),
)


def items(wanted: list[Apply]) -> tuple[Item, ...]:
    return tuple(Item(number=number, wanted=one) for number, one in enumerate(wanted, 1))


def one_by_one(wanted: list[Apply], tree: Tree) -> tuple[list[Result | str], Tree]:
    """What each would get, were it a command of its own; and what they leave."""
    found: list[Result | str] = []
    for one in wanted:
        try:
            plan = plan_apply(one, context(tree))
        except StarryError as error:
            found.append(error.message)
            continue
        found.append(plan.answer)
        tree = tree.apply(plan.changes)
    return found, tree


def apart(wanted: list[Apply]) -> list[Apply]:
    """The first of those that mean one preview."""
    first: dict[tuple[str, str | None], Apply] = {}
    for one in wanted:
        first.setdefault((one.overlay or "dev", one.source.name), one)
    return list(first.values())


@given(st.lists(wishes, max_size=7).map(apart))
def test_a_list_is_its_entries_one_after_another(wanted: list[Apply]) -> None:
    tree = one_by_one(wanted[::2], WORLD)[1]
    expected, after = one_by_one(wanted, tree)
    plan = plan_batch(Batch(items=items(wanted), keep_going=True), context(tree))
    told = [one.error.message if isinstance(one, Failure) else one for one in plan.answer.results]
    assert told == expected
    assert tree.apply(plan.changes).files == after.files
    assert bool(plan.message) == bool(plan.changes)
    assert problems(after) == []


@given(st.lists(wishes, min_size=1, max_size=5).map(apart))
def test_without_keep_going_the_first_refusal_ends_it(wanted: list[Apply]) -> None:
    expected, after = one_by_one(wanted, WORLD)
    faults = [one for one in expected if isinstance(one, str)]
    if not faults:
        assert WORLD.apply(plan_batch(Batch(items=items(wanted)), context(WORLD)).changes).files == after.files
        return
    with pytest.raises(StarryError) as caught:
        plan_batch(Batch(items=items(wanted)), context(WORLD))
    assert any(caught.value.message.endswith(fault) for fault in faults)
    assert caught.value.message.startswith("entry ")


def test_the_plan_changes_each_file_once() -> None:
    tree = create(create(empty(), "a", owner="alice"), "b", owner="alice")
    wanted = [intent("a", images=(image(tag="2"),)), intent("c")]
    prune = Prune(scope=Scope(owner="alice"))
    plan = plan_batch(Batch(items=items(wanted), prune=prune), context(tree))
    paths = [change.path for change in plan.changes]
    assert len(paths) == len(set(paths))
    assert [one.action for one in plan.answer.results if isinstance(one, Result)] == ["updated", "created", "deleted"]


def test_deciding_twice_says_the_same() -> None:
    """A lost race decides again with the very same list."""
    broken = Item(number=1, wanted=UsageFault("list:1: wrong"), label="a")
    batch = Batch(items=(broken, Item(number=2, wanted=intent("b"))), keep_going=True)
    first, second = (plan_batch(batch, context(empty())) for _ in range(2))
    assert [one.error.message for one in first.answer.failures] == ["list:1: wrong"]
    assert [one.error.message for one in second.answer.failures] == ["list:1: wrong"]
    assert first.changes == second.changes


def test_a_list_without_a_readable_entry_prunes_nothing() -> None:
    prune = Prune(scope=Scope(), force=True)
    tree = create(empty(), "a")
    with pytest.raises(TooManyDeletions, match="the list is empty"):
        plan_batch(Batch(items=(), prune=prune), context(tree))
    broken = Item(number=1, wanted=UsageFault("list:1: wrong"))
    with pytest.raises(UsageFault) as caught:
        plan_batch(Batch(items=(broken,), prune=prune, keep_going=True), context(tree))
    assert caught.value.message == "entry 1: list:1: wrong"


def test_an_expired_preview_goes_like_any_other_and_a_later_clock_changes_nothing() -> None:
    tree = create(create(empty(), "a"), "b")
    later = NOW + timedelta(days=3)
    plan = plan_batch(Batch(items=items([intent("a")]), prune=Prune(scope=Scope())), context(tree, later))
    assert [one.action for one in plan.answer.results if isinstance(one, Result)] == ["unchanged", "deleted"]
