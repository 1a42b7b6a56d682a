"""The schedule: what each writer does, and what goes wrong meanwhile. The seed alone decides it."""

import random
from collections.abc import Callable, Iterator, Mapping

from soak.commands import MAKERS, happens
from soak.operation import SKEW, Event, Fault, Operation

KINDS: Mapping[str, int] = {
    "create": 40,
    "update": 24,
    "extend": 14,
    "delete": 9,
    "apply": 6,
    "gc": 4,
    "upgrade": 3,
    "list": 3,
}
"""Which commands, and how often each."""


def operations(seed: int, writer: int, transports: tuple[str, ...], kinds: Mapping[str, int]) -> Iterator[Operation]:
    """One writer's commands, without end. `kinds`: what may be done, and how often."""
    dice = random.Random(f"{seed}/writer/{writer}")
    number = 0
    while True:
        number += 1
        name = f"w{writer}-{number:05d}"
        kind = _choose(dice, kinds)
        transport = dice.choice(transports)
        operation = MAKERS[kind](dice, name)
        yield Operation(
            id=name,
            kind=kind,
            words=operation.words,
            items=operation.items,
            document=operation.document,
            transport=transport,
            clock=operation.clock or (dice.randint(-SKEW, SKEW) if happens(dice, 0.3) else 0),
            fault=draw_fault(dice, transport),
        )


def draw_fault(dice: random.Random, transport: str) -> Fault:
    """One fault, or none."""
    weights = {"none": 46, "kill": 10, "kill-children": 5, "signal": 6, "refuse": 4, "lost-answer": 7, "hold": 5}
    weights |= {"disk": 5} if transport == "file" else {"disk": 5, "limit": 3, "cut": 9, "stall": 2, "delay": 4}
    kind = _choose(dice, weights)
    return Fault(kind=kind, details=_DETAILS[kind](dice) if kind in _DETAILS else {})


_DETAILS: Mapping[str, Callable[[random.Random], Mapping[str, float | str]]] = {
    "kill": lambda dice: {"after": _moment(dice)},
    "kill-children": lambda dice: {"after": _moment(dice)},
    "signal": lambda dice: {"after": _moment(dice), "signal": dice.choice(("SIGTERM", "SIGINT"))},
    "refuse": lambda dice: {"words": dice.choice(("frozen for the release", "commit message lacks a ticket"))},
    "lost-answer": lambda dice: {"times": dice.choice((1, 1, 1, 2))},
    "hold": lambda dice: {"seconds": round(dice.uniform(0.1, 1.5), 2)},
    "disk": lambda dice: {"free": dice.choice((0, 4, 16, 40, 80, 120, 200)) * 1024},
    "limit": lambda dice: {"blocks": dice.choice((1, 2, 4, 8, 32))},
    "cut": lambda dice: {
        "connection": dice.choice((0, 1, 1)),
        "direction": dice.choice(("up", "down")),
        "after": int(dice.triangular(0, 7000, 1200)),
    },
    "stall": lambda dice: {
        "connection": dice.choice((0, 1, 1)),
        "direction": dice.choice(("up", "down")),
        "after": int(dice.triangular(0, 7000, 1200)),
        "seconds": round(dice.triangular(1, 30, 2), 1),
    },
    "delay": lambda dice: {"seconds": round(dice.uniform(0.01, 0.1), 3)},
}


def _moment(dice: random.Random) -> float:
    """Seconds after the start of a command: most often while it works, at times while Python still starts."""
    return round(dice.triangular(0.02, 2.5, 0.5), 3)


def people(seed: int) -> Iterator[Event]:
    """What people do by hand, without end."""
    dice = random.Random(f"{seed}/people")
    weights = {"comment": 30, "value": 25, "delete-folder": 6, "force-push": 12, "settings": 6, "template": 6}
    number = 0
    while True:
        number += 1
        kind = _choose(dice, weights)
        details: dict[str, float | str] = {"back": dice.randint(1, 3), "pick": dice.random()}
        yield Event(id=f"person-{number:05d}", kind=kind, pause=round(dice.uniform(0.5, 5), 2), details=details)


def disturbances(seed: int, kinds: Mapping[str, int]) -> Iterator[Event]:
    """What happens to the servers, without end."""
    dice = random.Random(f"{seed}/servers")
    number = 0
    while True:
        number += 1
        kind = _choose(dice, kinds)
        details: dict[str, float | str] = {
            "seconds": round(dice.uniform(0.1, 1.5), 2),
            "how": dice.choice(("front", "all")),
            "free": dice.choice((0, 4096, 16384, 65536)),
        }
        yield Event(id=f"event-{number:05d}", kind=kind, pause=round(dice.uniform(3, 25), 2), details=details)


def _choose(dice: random.Random, weights: Mapping[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]
