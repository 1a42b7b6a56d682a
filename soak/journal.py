"""What was done and what came of it: kept in memory, and as JSON lines in a file."""

import dataclasses
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soak.operation import Event, Operation
from soak.sandbox import as_json


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One command that has ended. Times are seconds since 1970 by this machine's clock."""

    operation: Operation
    started: float
    ended: float
    code: int
    out: str
    answer: Any
    err: str
    struck: bool

    @property
    def is_acknowledged(self) -> bool:
        """It printed its result: all is done, but for what exit 9 or --keep-going left out and named."""
        partial = self.code == _SKIPPED or "--keep-going" in self.operation.words
        return self.answer is not None and (self.code == 0 or partial)

    @property
    def outcome(self) -> str:
        """acknowledged, refused, failed or killed."""
        if self.is_acknowledged:
            return "acknowledged"
        if self.struck and self.operation.fault.kind in {"kill", "kill-children", "signal"}:
            return "killed"
        return "refused" if self.code in _REFUSED else "failed"


_SKIPPED = 9
# Not found, refused by policy, too many deletions: said before anything is written.
_REFUSED = frozenset({3, 5, 10})


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """Something that happened to a server, or by a person's hand, and when."""

    event: Event
    started: float
    ended: float
    what: str
    target: str = ""


class Journal:
    """Thread-safe. Each line of the file is one attempt or one incident."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.attempts: list[Attempt] = []
        self.incidents: list[Incident] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8")

    def note(self, entry: Attempt | Incident) -> None:
        """Writes one entry."""
        with self._lock:
            self._file.write(as_json(dataclasses.asdict(entry)) + "\n")
            self._file.flush()
            if isinstance(entry, Attempt):
                self.attempts.append(entry)
                self.outcomes[entry.operation.kind, entry.outcome] += 1
            else:
                self.incidents.append(entry)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
