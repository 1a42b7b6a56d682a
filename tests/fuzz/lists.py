"""Lists for `apply`: read, decided on, and pruned by, whatever bytes they are."""

import json
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from starry_gitops.cli.previews_file import read_items
from starry_gitops.core.batch import Batch, Item, plan_batch
from starry_gitops.core.model import Delete, Result
from starry_gitops.core.prune import Prune, Scope
from starry_gitops.errors import StarryError
from tests.fuzz.agreement import check_error
from tests.fuzz.seeds import seed_trees
from tests.unit.world import PREVIEWS, context, problems


@cache
def list_seeds() -> tuple[bytes, ...]:
    """Valid lists, by hand and as programs write them."""
    entries = [
        {"name": "preview-1", "images": {"backend": "7.0.0"}, "owner": "ada", "ttl": "1h"},
        {
            "pr": 12,
            "images": {"backend": "pr-12", "frontend1": "1e3"},
            "set": {"backend.env.LOG": "debug"},
            "pin": True,
        },
        {"sourceBranch": "feature/x", "images": {"backend": "a/b:1"}, "sequence": 3, "commit": "abc"},
    ]
    by_hand = b'- {name: preview-1, images: {backend: v1}}\n- name: shop  # new\n  images:\n    backend: "2.0"\n'
    return (
        json.dumps(entries, indent=1).encode(),
        json.dumps({"version": 1, "previews": entries}).encode(),
        by_hand,
        b"previews:\n" + by_hand,
    )


def check_list(data: bytes, number: int) -> str:
    """Refused in words; or all of it is decided, for good, and what it prunes is not on it."""
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            items = read_items(file.name, None)
        except StarryError as error:
            return f"unread: {check_error(error)}"
    for item in items:
        assert not isinstance(item.wanted, StarryError) or check_error(item.wanted)
    outcome = _check_plan(items, number)
    _check_going_on(items, number)
    _check_prune(items, number)
    return outcome


def _check_plan(items: tuple[Item, ...], number: int) -> str:
    tree = seed_trees()[number]
    try:
        plan = plan_batch(Batch(items=items), context(tree))
    except StarryError as error:
        return check_error(error)
    after = tree.apply(plan.changes)
    assert set(problems(after)) <= set(problems(tree)), problems(after)
    assert not plan_batch(Batch(items=items), context(after)).changes, "not idempotent"
    assert len(plan.answer.results) == len(items)
    return "applied"


def _check_going_on(items: tuple[Item, ...], number: int) -> None:
    """With --keep-going each entry has its result, and what cannot be read changes nothing."""
    tree = seed_trees()[number]
    try:
        plan = plan_batch(Batch(items=items, keep_going=True), context(tree))
    except StarryError as error:
        check_error(error)
        return
    assert len(plan.answer.results) == len(items)
    done = {one.name for one in plan.answer.results if isinstance(one, Result)}
    assert {change.path.split("/")[3] for change in plan.changes} <= done
    assert set(problems(tree.apply(plan.changes))) <= set(problems(tree))


def _check_prune(items: tuple[Item, ...], number: int) -> None:
    """Nothing goes by a list that is empty or not read in full, and nothing that is on it or pinned."""
    tree = seed_trees()[number]
    prune = Prune(scope=Scope(), force=True)
    for keep_going in (False, True):
        try:
            plan = plan_batch(Batch(items=items, prune=prune, keep_going=keep_going), context(tree))
        except StarryError as error:
            check_error(error)
            continue
        assert items, "an empty list pruned"
        assert not any(isinstance(item.wanted, StarryError) for item in items), "an unread list pruned"
        gone = {change.path.removeprefix(f"{PREVIEWS}/") for change in plan.changes if isinstance(change, Delete)}
        listed = {one.name for one in plan.answer.results if isinstance(one, Result) and one.action != "deleted"}
        assert not gone & listed, (gone, listed)
