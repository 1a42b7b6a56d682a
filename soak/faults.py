"""What happens to the servers while the writers work."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from soak.journal import Incident
from soak.operation import Event
from soak.sandbox import GitFailed, Sandbox
from soak.servers import Server


class Disturber:
    """Carries out events on the servers and on the remote's disk."""

    def __init__(self, sandbox: Sandbox, servers: Mapping[str, Server]) -> None:
        self._sandbox = sandbox
        self._servers = servers

    @property
    def kinds(self) -> Mapping[str, int]:
        """What can be done here, and how often it should be."""
        kinds = {f"restart-{name}": 4 for name in self._servers} | {"remote-gc": 2}
        return kinds | ({"remote-disk-full": 3} if "remote" in self._sandbox.disks else {})

    def act(self, event: Event) -> Incident:
        """Does it, and undoes it."""
        actions: Mapping[str, Callable[[Event], str]] = {
            "restart-http": self._restart,
            "restart-ssh": self._restart,
            "remote-disk-full": self._fill,
            "remote-gc": self._collect,
        }
        started = time.time()
        what = actions[event.kind](event)
        target = event.kind.removeprefix("restart-") if event.kind.startswith("restart-") else ""
        return Incident(event=event, started=started, ended=time.time(), what=what, target=target)

    def _restart(self, event: Event) -> str:
        server = self._servers[event.kind.removeprefix("restart-")]
        server.stop(how=str(event.details["how"]))
        time.sleep(float(event.details["seconds"]))
        server.start()
        return f"killed {event.details['how']}, back after {event.details['seconds']} s"

    def _fill(self, event: Event) -> str:
        free = int(event.details["free"])
        with self._squeezed(free) as was_full:
            time.sleep(float(event.details["seconds"]))
        return f"{free} bytes free for {event.details['seconds']} s" if was_full else "the disk filled up by itself"

    @contextmanager
    def _squeezed(self, free: int) -> Iterator[bool]:
        disk = self._sandbox.disks["remote"]
        try:
            yield disk.squeeze(free)
        finally:
            disk.relax()

    def _collect(self, _: Event) -> str:
        try:
            self._sandbox.git("gc", "--quiet", "--no-prune")
        except GitFailed as failed:
            return f"failed: {failed}"
        return "packed"
