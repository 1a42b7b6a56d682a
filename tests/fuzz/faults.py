"""Faults that the fuzz found: each kind once, with the smallest input that still shows it."""

import traceback
from dataclasses import dataclass, field

from tests.fuzz.targets import TARGETS

_TRIES = 400


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind: where it was first met and what it looks like."""

    target: str
    number: int
    data: bytes
    text: str


@dataclass(kw_only=True)
class Faults:
    """By target, type of error and place in the source."""

    found: dict[tuple[str, str, str], Fault] = field(default_factory=dict)

    def add(self, target: str, number: int, data: bytes, chosen: int, error: BaseException) -> None:
        """Notes a fault, made small when it is the first of its kind."""
        kind = kind_of(target, error)
        if kind not in self.found:
            small = shrink(target, data, chosen, kind)
            text = "".join(traceback.format_exception(error)[-3:])[-2_000:]
            self.found[kind] = Fault(target=target, number=number, data=small, text=text)

    def report(self, seed: int) -> None:
        """Prints all."""
        for fault in self.found.values():
            where = f"FAULT in {fault.target}, input {fault.number} of seed {seed}"
            print(f"{where}:\n{fault.text}\n  smallest: {fault.data[:1_500]!r}")  # noqa: T201 - the report


def kind_of(target: str, error: BaseException) -> tuple[str, str, str]:
    """What makes two faults one."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if "starry_gitops" in frame.filename), frames[-1])
    last = frames[-1]
    return target, f"{type(error).__name__} {last.name}:{last.lineno}", f"{place.filename}:{place.lineno}"


def shrink(target: str, data: bytes, chosen: int, kind: tuple[str, str, str]) -> bytes:
    """The input with whatever can go taken away, within a bounded number of tries."""
    tries, size = 0, max(len(data) // 2, 1)
    while size and tries < _TRIES:
        for start in range(0, len(data), size):
            tries += 1
            smaller = data[:start] + data[start + size :]
            if tries > _TRIES:
                break
            if _shows(target, smaller, chosen, kind):
                data = smaller
                break
        else:
            size //= 2
    return data


def _shows(target: str, data: bytes, chosen: int, kind: tuple[str, str, str]) -> bool:
    try:
        TARGETS[target].check(data, chosen)
    except BaseException as error:  # noqa: BLE001 - whatever is raised is compared
        return kind_of(target, error) == kind
    return False
