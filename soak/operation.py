"""What the schedule consists of: operations with their faults, and events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NAMES = tuple(f"preview-{number}" for number in range(1, 21))
OWNERS = ("ada", "grace", "linus", "margaret")
COMPONENTS = ("backend", "frontend1", "frontend2")
TRANSPORTS = ("file", "http", "ssh")
NOTE = "backend.env.SOAK_NOTE"

# Clocks of writers differ by so much at most (seconds): what `starry validate` lets pass between two machines.
SKEW = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong with one operation, and how."""

    kind: str = "none"
    details: Mapping[str, float | str] = field(default_factory=dict)

    def number(self, key: str) -> float:
        """A detail that is a number."""
        return float(self.details[key])

    def text(self, key: str) -> str:
        """A detail that is a word."""
        return str(self.details[key])


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """What an operation wants of one preview; None leaves it as it is."""

    name: str
    images: Mapping[str, str] = field(default_factory=dict)
    commit: str | None = None
    owner: str | None = None
    ttl: int | None = None
    pinned: bool | None = None
    sequence: int | None = None
    note: str | None = None
    keep_expiry: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One command of one writer. `clock`: how far its clock is ahead, in seconds."""

    id: str
    kind: str
    words: tuple[str, ...]
    items: tuple[Item, ...] = ()
    document: str = ""
    transport: str = "file"
    clock: int = 0
    fault: Fault = Fault()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happens to everybody, or by a person's hand: after `pause` seconds."""

    id: str
    kind: str
    pause: float
    details: Mapping[str, float | str] = field(default_factory=dict)
