"""The commands that writers run, drawn at random: words for `starry`, and what each wants of which preview."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from soak.operation import COMPONENTS, NAMES, NOTE, OWNERS, Item, Operation

_HOUR = 3600


def happens(dice: random.Random, share: float) -> bool:
    """True in this share of all cases."""
    return dice.random() < share


def _name(dice: random.Random) -> str:
    """Some previews are everybody's darlings: there writers meet."""
    return NAMES[min(dice.randrange(len(NAMES)), dice.randrange(len(NAMES)))]


def _item(dice: random.Random, operation: str) -> Item:
    images = {"backend": f"{operation}-b"}
    images |= {part: f"{operation}-f" for part in COMPONENTS[1:] if happens(dice, 0.25)}
    return Item(
        name=_name(dice),
        images=images,
        commit=operation.encode().hex().ljust(40, "0")[:40],
        owner=dice.choice(OWNERS) if happens(dice, 0.5) else None,
        ttl=dice.choice((5, 30, 120, 240)) if happens(dice, 0.5) else None,
        pinned=True if happens(dice, 0.08) else None,
        sequence=int(operation[-5:]) if happens(dice, 0.25) else None,
        note=operation if happens(dice, 0.3) else None,
    )


def _item_words(item: Item) -> list[str]:
    words = [f"--image={part}={tag}" for part, tag in item.images.items()]
    words += [f"--commit={item.commit}"] if item.commit else []
    words += [f"--owner={item.owner}"] if item.owner else []
    words += [f"--ttl={item.ttl}m"] if item.ttl else []
    words += ["--pin"] if item.pinned else []
    words += [f"--sequence={item.sequence}"] if item.sequence is not None else []
    return [*words, f"--set={NOTE}={item.note}"] if item.note else words


def _create(dice: random.Random, operation: str) -> Operation:
    item = _item(dice, operation)
    return Operation(id=operation, kind="create", words=("create", item.name, *_item_words(item)), items=(item,))


def _update(dice: random.Random, operation: str) -> Operation:
    item = replace(_item(dice, operation), owner=None, ttl=None, pinned=None, sequence=None)
    item = replace(item, keep_expiry=happens(dice, 0.3))
    words = [*_item_words(item), *(["--keep-expiry"] if item.keep_expiry else [])]
    return Operation(id=operation, kind="update", words=("update", item.name, *words), items=(item,))


def _extend(dice: random.Random, operation: str) -> Operation:
    name, way = _name(dice), dice.choice(("ttl", "ttl", "ttl", "pin", "unpin"))
    item = Item(name=name, ttl=dice.choice((5, 30, 120, 240)) if way == "ttl" else None)
    if way != "ttl":
        item = Item(name=name, pinned=way == "pin")
    words = ("extend", name, f"--ttl={item.ttl}m" if way == "ttl" else f"--{way}")
    return Operation(id=operation, kind="extend", words=words, items=(item,))


def _delete(dice: random.Random, operation: str) -> Operation:
    names = sorted({_name(dice) for _ in range(dice.choice((1, 1, 1, 2)))})
    return Operation(
        id=operation, kind="delete", words=("delete", *names), items=tuple(Item(name=name) for name in names)
    )


def _gc(dice: random.Random, operation: str) -> Operation:
    words = ("gc", "--force") if happens(dice, 0.4) else ("gc",)
    return Operation(id=operation, kind="gc", words=words, clock=dice.choice((60, 60, 600, 600, _HOUR, 5 * _HOUR)))


def _list(dice: random.Random, operation: str) -> Operation:
    words = ("list", "--expired") if happens(dice, 0.3) else ("list",)
    return Operation(id=operation, kind="list", words=words)


def _apply(dice: random.Random, operation: str) -> Operation:
    """A list of previews on stdin; at times it is all that its owner is to keep."""
    owner = dice.choice(OWNERS)
    items = {
        item.name: replace(item, owner=owner) for item in (_item(dice, operation) for _ in range(dice.randint(1, 4)))
    }
    words = ["apply", "--file", "-"]
    words += ["--prune", "--selector", f"owner={owner}"] if happens(dice, 0.25) else []
    words += ["--keep-going"] if happens(dice, 0.4) and "--prune" not in words else []
    document = json.dumps([_entry(item) for item in items.values()])
    return Operation(id=operation, kind="apply", words=tuple(words), items=tuple(items.values()), document=document)


def _entry(item: Item) -> dict[str, object]:
    entry: dict[str, object] = {"name": item.name, "images": dict(item.images), "commit": item.commit}
    entry |= {"owner": item.owner}
    entry |= {"ttl": f"{item.ttl}m"} if item.ttl else {}
    entry |= {"pin": True} if item.pinned else {}
    entry |= {"sequence": item.sequence} if item.sequence is not None else {}
    return entry | ({"set": {NOTE: item.note}} if item.note else {})


def _upgrade(dice: random.Random, operation: str) -> Operation:
    words = ("upgrade", "--all", "--batch", str(dice.randint(1, 8))) if happens(dice, 0.5) else ("upgrade", "--all")
    return Operation(id=operation, kind="upgrade", words=words)


MAKERS: Mapping[str, Callable[[random.Random, str], Operation]] = {
    "create": _create,
    "update": _update,
    "extend": _extend,
    "delete": _delete,
    "gc": _gc,
    "list": _list,
    "apply": _apply,
    "upgrade": _upgrade,
}
