"""One run: writers, people and disturbances side by side, then the reckoning."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from soak import hooks, leftovers
from soak.check import Findings, check
from soak.faults import Disturber
from soak.journal import Incident, Journal
from soak.operation import Event, Operation
from soak.people import Person
from soak.plan import disturbances, operations, people
from soak.replay import Breach
from soak.sandbox import Sandbox, make_sandbox
from soak.servers import HttpServer, Server, SshServer
from soak.writers import Client, run

_SERVERS: Mapping[str, type[Server]] = {"http": HttpServer, "ssh": SshServer}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to run. Either `seconds` or `operations` ends it; `kinds`: which commands, and how often."""

    seed: int
    writers: int
    transports: tuple[str, ...]
    kinds: Mapping[str, int]
    seconds: float | None = None
    operations: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to. `calm`: seconds until nothing was left after the last command."""

    order: Order
    seconds: float
    calm: float
    checking: float
    journal: Journal
    findings: Findings
    leftovers: tuple[Breach, ...]
    quarantines: int
    abilities: Mapping[str, bool]

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Every promise that was not kept."""
        return (*self.findings.breaches, *self.leftovers)


@dataclass
class _Turn:
    """Hands out turns until the time or the number of operations is used up."""

    order: Order
    started: float = field(default_factory=time.monotonic)
    taken: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether one more operation may begin."""
        with self._lock:
            used_up = self.order.operations is not None and self.taken >= self.order.operations
            late = self.order.seconds is not None and time.monotonic() - self.started > self.order.seconds
            if used_up or late or self.stopped.is_set():
                return False
            self.taken += 1
            return True


def soak(order: Order, folder: Path, progress: Callable[[Journal, float], None]) -> Outcome:
    """Runs it in a folder of its own, which is kept."""
    names = [f"w{number}" for number in range(order.writers)]
    sandbox = make_sandbox(folder, writers=names)
    try:
        return _run(order, sandbox, names, progress)
    finally:
        sandbox.close()


def _run(order: Order, sandbox: Sandbox, names: list[str], progress: Callable[[Journal, float], None]) -> Outcome:
    hooks.install(sandbox)
    journal = Journal(sandbox.folder / "operations.jsonl")
    servers = {name: kind(sandbox) for name, kind in _SERVERS.items() if name in order.transports}
    turn = _Turn(order)
    try:
        for server in servers.values():
            server.start()
        _work(order, sandbox, servers, names, journal, turn, progress)
        seconds = time.monotonic() - turn.started
        calm = leftovers.wait_for_calm(sandbox)
    finally:
        for server in servers.values():
            server.stop()
        journal.close()
    rest = tuple(leftovers.find(sandbox))
    started = time.monotonic()
    findings = check(sandbox, journal)
    return Outcome(
        order=order,
        seconds=seconds,
        calm=calm,
        checking=time.monotonic() - started,
        journal=journal,
        findings=findings,
        leftovers=rest,
        quarantines=leftovers.quarantines(sandbox),
        abilities={"small disks": bool(sandbox.disks), "other clocks": sandbox.clock is not None},
    )


def _work(
    order: Order,
    sandbox: Sandbox,
    servers: Mapping[str, Server],
    names: list[str],
    journal: Journal,
    turn: _Turn,
    progress: Callable[[Journal, float], None],
) -> None:
    person, disturber = Person(sandbox), Disturber(sandbox, servers)
    streams = [operations(order.seed, number, order.transports, order.kinds) for number in range(order.writers)]
    troubles: list[BaseException] = []
    writers = [
        _thread(troubles, _write, sandbox, servers, name, stream, journal, turn)
        for name, stream in zip(names, streams, strict=True)
    ]
    others = [
        _thread(troubles, _happen, people(order.seed), person.act, journal, turn),
        _thread(troubles, _happen, disturbances(order.seed, disturber.kinds), disturber.act, journal, turn),
    ]
    try:
        while any(thread.is_alive() for thread in writers) and not troubles:
            progress(journal, time.monotonic() - turn.started)
            time.sleep(0.2)
    finally:
        turn.stopped.set()
        for thread in (*writers, *others):
            thread.join()
    if troubles:
        raise troubles[0]


def _thread(troubles: list[BaseException], work: Callable[..., None], *arguments: object) -> threading.Thread:
    def guarded() -> None:
        try:
            work(*arguments)
        except Exception as trouble:  # noqa: BLE001 - raised again where the run is waited for
            troubles.append(trouble)

    thread = threading.Thread(target=guarded)
    thread.start()
    return thread


def _write(
    sandbox: Sandbox,
    servers: Mapping[str, Server],
    name: str,
    stream: Iterator[Operation],
    journal: Journal,
    turn: _Turn,
) -> None:
    while turn.take():
        journal.note(run(Client(sandbox=sandbox, servers=servers, operation=next(stream), writer=name)))


def _happen(events: Iterator[Event], act: Callable[[Event], Incident], journal: Journal, turn: _Turn) -> None:
    for event in events:
        if turn.stopped.wait(event.pause):
            return
        journal.note(act(event))


def remove(folder: Path) -> None:
    """Takes the folder of a run away."""
    shutil.rmtree(folder)
