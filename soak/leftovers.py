"""What is still there when everything has ended: temporary files, processes, locks."""

import time
from collections.abc import Iterator

from soak.processes import marked, table
from soak.replay import Breach
from soak.sandbox import MARK, Sandbox

# The watcher of a killed command tries for about four seconds, and Git gets two more to end by itself.
_PATIENCE = 25.0
_LOCKS = "**/*.lock"
# Git's receive-pack leaves what it has received but not yet accepted when a signal ends it; `git gc` takes it away.
_QUARANTINES = "objects/tmp_objdir-*"


def wait_for_calm(sandbox: Sandbox) -> float:
    """Waits until no process of a writer and no temporary file is left; gives the seconds that it took."""
    started = time.monotonic()
    while time.monotonic() < started + _PATIENCE and (marked(MARK, sandbox.mark) or any(_temporary(sandbox))):
        time.sleep(0.2)
    return time.monotonic() - started


def find(sandbox: Sandbox) -> Iterator[Breach]:
    """All that is left. Call it when the servers have been stopped."""
    rests = [("process", line) for line in marked(MARK, sandbox.mark)]
    rests += [("process", words) for _, words in table().values() if str(sandbox.bare) in words]
    rests += [("temporary file", path) for path in _temporary(sandbox)]
    rests += [("in the remote", path) for path in _in_remote(sandbox)]
    for kind, what in rests:
        yield Breach(kind="leftover", operation="", commit="", what=f"{kind}: {what}")


def _temporary(sandbox: Sandbox) -> Iterator[str]:
    for parent in ("tmp", "small"):
        for path in (sandbox.folder / parent).glob("*/*"):
            yield str(path.relative_to(sandbox.folder))


def _in_remote(sandbox: Sandbox) -> Iterator[str]:
    for path in sandbox.bare.glob(_LOCKS):
        yield str(path.relative_to(sandbox.bare))


def quarantines(sandbox: Sandbox) -> int:
    """How many pushes the server itself left unfinished, because it was ended in the middle."""
    return sum(1 for _ in sandbox.bare.glob(_QUARANTINES))
