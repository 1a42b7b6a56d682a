"""Expiry: what extend sets, what gc removes, and what it must never remove."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.collect import Collect, plan_collect
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.model import Collected, Delete, Plan, Source
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.errors import InvalidRepository, NotFound, PolicyRefusal, TooManyDeletions
from tests.unit.strategies import ttls
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, context, create, empty, problems, text

APPLICATION = f"{PREVIEWS}/p-1/application.yaml"
ONE = create(empty(), "p-1")


def collect(tree: Tree, now: datetime, **kwargs: object) -> Plan[Collected]:
    return plan_collect(Collect(**kwargs), context(tree, now))


def extend(tree: Tree, now: datetime, **kwargs: object) -> Tree:
    wanted = Extend(source=Source(name="p-1"), **kwargs)
    return tree.apply(plan_extend(wanted, context(tree, now)).changes)


def edited(tree: Tree, name: str, change: Callable[[str], str]) -> Tree:
    path = f"{PREVIEWS}/{name}/application.yaml"
    new = change(text(tree, path))
    assert new != text(tree, path)
    return tree.put({path: new})


# One preview each that gc must keep or report, although its time is long over: name -> how a person changed it.
BROKEN: dict[str, Callable[[str], str]] = {
    "no-expiry": lambda old: old.replace("expires-at", "expired-at"),
    "bad-expiry": lambda old: old.replace("2026-03-01T12:30:00Z", "tomorrow"),
    "bad-ttl": lambda old: old.replace('ttl-minutes: "30"', 'ttl-minutes: "soon"'),
    "unquoted-ttl": lambda old: old.replace('ttl-minutes: "30"', "ttl-minutes: 30"),
    "bad-pin": lambda old: old.replace("\n  annotations:\n", '\n  annotations:\n    starry.env/pinned: "yes"\n'),
    "two-expiries": lambda old: old.replace(
        "\n  annotations:\n", '\n  annotations:\n    starry.env/expires-at: "2020-01-01T00:00:00Z"\n'
    ),
    "no-yaml": lambda old: f"{old}\n\tx: [",
    "anchored": lambda old: old.replace("name: ", "name: &x ", 1),
    "two-documents": lambda old: f"{old}---\na: 1\n",
    "no-offset": lambda old: old.replace("12:30:00Z", "12:30:00"),
    "negative-ttl": lambda old: old.replace('"30"', '"-30"'),
}
KEPT: dict[str, Callable[[str], str]] = {
    "pinned": lambda old: old.replace("\n  annotations:\n", '\n  annotations:\n    starry.env/pinned: "true"\n'),
    "unmanaged": lambda old: old.replace("managed-by: starry", "managed-by: someone"),
    "unlabelled": lambda old: old.replace("    app.kubernetes.io/managed-by: starry\n", ""),
    "extended": lambda old: old.replace("12:30:00Z", "23:59:59Z"),
}
subsets = st.sets(st.sampled_from([*BROKEN, *KEPT]))


@cache
def one_preview(name: str) -> Mapping[str, bytes]:
    """The files of one preview of the world; made once, since deciding is what is tested here."""
    tree = create(empty(), name, ttl=240 if name.startswith("new-") else None)
    change = {**BROKEN, **KEPT}.get(name)
    tree = edited(tree, name, change) if change else tree
    return {path: data for path, data in tree.files.items() if f"/{name}/" in path}


def world(special: Iterable[str], expired: int, fresh: int) -> Tree:
    names = [*(f"old-{number}" for number in range(expired)), *(f"new-{number}" for number in range(fresh)), *special]
    return empty().put({path: data for name in names for path, data in one_preview(name).items()})


@given(subsets, st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_gc_removes_the_expired_and_nothing_else(special: set[str], expired: int, fresh: int, force: bool) -> None:
    tree = world(special, expired, fresh)
    try:
        plan = collect(tree, NOW + timedelta(minutes=60), force=force)
    except TooManyDeletions:
        assert not force
        assert expired * 2 > expired + fresh + len(special) >= 10
        return
    answer = plan.answer
    assert answer.removed == tuple(f"old-{number}" for number in range(expired))
    assert {one.name for one in answer.skipped} == special & set(BROKEN)
    assert answer.checked == expired + fresh + len(special)
    assert answer.kept + len(answer.removed) + len(answer.skipped) == answer.checked
    after = tree.apply(plan.changes)
    assert set(tree.files) - set(after.files) == {
        f"{PREVIEWS}/{name}/{file}.yaml" for name in answer.removed for file in ("application", "values")
    }
    assert collect(after, NOW + timedelta(minutes=60)).changes == ()
    assert bool(plan.message) == bool(plan.changes)
    assert all(f"{name}: expired" in plan.message for name in answer.removed)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_preview_is_reported_with_its_file(name: str) -> None:
    tree = edited(create(create(empty(), "old"), name), name, BROKEN[name])
    answer = collect(tree, NOW + timedelta(days=900)).answer
    assert answer.removed == ("old",)
    assert [one.name for one in answer.skipped] == [name]
    assert answer.skipped[0].reason.startswith(f"{PREVIEWS}/{name}/application.yaml")


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_preview_is_kept_for_ever_but_for_its_time(name: str) -> None:
    tree = edited(create(empty(), name), name, KEPT[name])
    later = NOW + (timedelta(hours=11) if name == "extended" else timedelta(days=900))
    assert collect(tree, later, force=True).answer.removed == ()


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_the_caps_hold_to_the_last_preview(expired: int, fresh: int, cap: int) -> None:
    tree = world(set(), expired, fresh)
    refused = expired > cap or (expired + fresh >= 10 and expired > 0.5 * (expired + fresh))
    try:
        collect(tree, NOW + timedelta(minutes=31), max_deletes=cap)
    except TooManyDeletions as error:
        assert refused
        assert "force" in error.hint  # noqa: PT017
    else:
        assert not refused


def test_a_clock_that_is_years_ahead_does_not_empty_a_cluster() -> None:
    tree = world(set(), 12, 0)
    with pytest.raises(TooManyDeletions):
        collect(tree, NOW.replace(year=2099))


@given(ttls, st.integers(0, 600), st.integers(-120, 120))
def test_grace_counts_from_the_expiry(ttl: int, grace: int, offset: int) -> None:
    tree = create(empty(), "p-1", ttl=ttl)
    now = NOW + timedelta(minutes=ttl + grace, seconds=offset)
    assert collect(tree, now, grace=grace).answer.removed == (("p-1",) if offset >= 0 else ())


def test_the_last_preview_leaves_a_folder_that_git_keeps() -> None:
    tree = ONE.put({f"{PREVIEWS}/keep.yaml": None})
    plan = collect(tree, NOW + timedelta(hours=1))
    assert isinstance(plan.changes[0], Delete)
    after = tree.apply(plan.changes)
    assert f"{PREVIEWS}/keep.yaml" in after.files
    assert problems(after) == []


def test_an_overlay_that_does_not_exist_stops_the_run() -> None:
    with pytest.raises(NotFound):
        collect(ONE, NOW, overlays=(None, "nobody"))


@given(ttls, st.integers(0, 300), st.integers(0, 3600))
def test_extending_sets_the_expiry_from_now_and_again_changes_nothing(ttl: int, minutes: int, seconds: int) -> None:
    now = NOW + timedelta(minutes=minutes, seconds=seconds)
    tree = extend(ONE, now, ttl=ttl)
    assert problems(tree, now) == []
    assert set(tree.files) == set(ONE.files)
    assert [path for path in ONE.files if ONE.files[path] != tree.files[path]] in (
        [], [APPLICATION], [APPLICATION, f"{PREVIEWS}/p-1/values.yaml"],
    )  # fmt: skip
    assert extend(tree, now + timedelta(seconds=59), ttl=ttl) == tree
    assert collect(tree, now + timedelta(minutes=ttl + 1)).answer.removed == ("p-1",)
    assert collect(tree, now + timedelta(minutes=ttl - 1)).answer.removed == ()


@given(st.integers(-10, 300 * 60))
def test_until_sets_exactly_that_second_within_the_policy(seconds: int) -> None:
    until = NOW + timedelta(seconds=seconds)
    allowed = 5 * 60 <= seconds <= 240 * 60 or seconds == 30 * 60
    try:
        tree = extend(ONE, NOW, until=until)
    except PolicyRefusal as refusal:
        assert not allowed
        assert refusal.code == "ttl"  # noqa: PT017
        return
    assert allowed
    assert problems(tree) == []
    assert collect(tree, until).answer.removed == ("p-1",)
    assert collect(tree, until - timedelta(seconds=1)).answer.removed == ()


def test_pin_and_unpin_give_back_the_same_file() -> None:
    pinned = extend(ONE, NOW, pinned=True)
    assert collect(pinned, NOW + timedelta(days=9)).answer.removed == ()
    assert extend(pinned, NOW, pinned=True) == pinned
    assert extend(pinned, NOW, pinned=False).files == ONE.files


def test_unpinning_after_the_expiry_gives_the_preview_its_ttl_again() -> None:
    now = NOW + timedelta(days=2)
    tree = extend(extend(ONE, NOW, pinned=True), now, pinned=False)
    assert collect(tree, now + timedelta(minutes=29)).answer.removed == ()
    assert collect(tree, now + timedelta(minutes=30)).answer.removed == ("p-1",)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_preview_cannot_be_extended_but_can_be_deleted(name: str) -> None:
    tree = edited(ONE, "p-1", BROKEN[name])
    with pytest.raises(InvalidRepository) as caught:
        extend(tree, NOW, ttl=60)
    assert caught.value.file == APPLICATION
    plan = plan_remove(Remove(sources=(Source(name="p-1"),)), context(tree))
    assert tree.apply(plan.changes).files == empty(SETTINGS).files


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6))
def test_deleting_is_idempotent_and_truthful(named: list[str]) -> None:
    tree = create(create(empty(), "a"), "b")
    plan = plan_remove(Remove(sources=tuple(Source(name=name) for name in named)), context(tree))
    actions = {result.name: result.action for result in plan.answer}
    assert actions == {name: "deleted" if name in {"a", "b"} else "absent" for name in named}
    after = tree.apply(plan.changes)
    again = plan_remove(Remove(sources=tuple(Source(name=name) for name in named)), context(after))
    assert again.changes == ()
    assert {result.action for result in again.answer} == {"absent"}
