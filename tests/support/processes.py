"""Which processes still run."""

import time
from pathlib import Path


def has_ended(group: int, *, seconds: float = 20) -> bool:
    """Whether no process of a group is left; the kernel gets a moment to end those that were killed."""
    end = time.monotonic() + seconds
    while _running(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _running(group: int) -> list[int]:
    """The processes of a group; one that has ended and that nobody has asked about is none."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of, *_ = file.read_text(encoding="utf-8").rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == group and state != "Z":
            found.append(int(file.parent.name))
    return found
