"""Runs one operation as a real `starry` process, with the fault that awaits it."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from soak import hooks
from soak.journal import Attempt
from soak.operation import Fault, Operation
from soak.processes import described_descendants, kill
from soak.proxy import Proxy
from soak.sandbox import MARK, STARRY, Sandbox
from soak.servers import Server

# Seconds that a command may try to win a push, and after which one that still runs is stuck.
BUDGET = 30
STUCK = 240
STUCK_CODE = 1_000
_NETWORK = frozenset({"cut", "stall", "delay"})
# What runs on the server's side even when the server is a folder, and the watcher that must outlive the command.
_SPARED = ("receive-pack", "upload-pack", "unpack-objects", "index-pack", "starry-cleanup", "hooks/")


@dataclass(frozen=True, kw_only=True)
class Client:
    """What one command gets to see of the world."""

    sandbox: Sandbox
    servers: Mapping[str, Server]
    operation: Operation
    writer: str

    def command(self, url: str) -> list[str]:
        """The command line; on a disk that takes only small files a shell sets the limit first."""
        words = [str(STARRY), "--repo", url, "-o", "json", "--timeout", str(BUDGET), *self._words()]
        if self.operation.fault.kind == "limit":
            blocks = int(self.operation.fault.number("blocks"))
            return ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *words]
        return words

    def _words(self) -> list[str]:
        words = list(self.operation.words)
        if self.operation.kind == "gc" and self.operation.clock and self.sandbox.clock is None:
            instant = datetime.now(UTC) + timedelta(seconds=self.operation.clock)
            words.append(f"--now={instant:%Y-%m-%dT%H:%M:%SZ}")
        return words

    @property
    def on_small_disk(self) -> bool:
        """Its temporary folder is on a disk that is about to be full."""
        return self.operation.fault.kind == "disk" and f"small/{self.writer}" in self.sandbox.disks

    @property
    def env(self) -> dict[str, str]:
        """Its environment: the committer's address names the operation."""
        person = f"{self.operation.id}@soak.invalid"
        env = {
            **self.sandbox.env,
            MARK: self.sandbox.mark,
            "TMPDIR": str(self.sandbox.temporary(self.writer, small=self.on_small_disk)),
            "GIT_AUTHOR_EMAIL": person,
            "GIT_COMMITTER_EMAIL": person,
        }
        if self.operation.transport in self.servers:
            env |= self.servers[self.operation.transport].client()
        if self.operation.clock and self.sandbox.clock:
            env |= {"LD_PRELOAD": str(self.sandbox.clock), "SOAK_CLOCK": str(self.operation.clock)}
        return env


def run(client: Client) -> Attempt:
    """Runs the operation to its end, and tells what came of it."""
    operation, sandbox = client.operation, client.sandbox
    hooks.give_order(sandbox, operation)
    if client.on_small_disk:
        sandbox.disks[f"small/{client.writer}"].squeeze(int(operation.fault.number("free")))
    started = time.time()
    with _way(client) as (url, struck):
        code, out, err, killed = _run_process(client, url)
        network = struck()
    ended = time.time()
    obeyed = hooks.was_obeyed(sandbox, operation)
    return Attempt(
        operation=operation,
        started=started,
        ended=ended,
        code=code,
        out=out,
        answer=_parsed(out),
        err=err[-3000:],
        struck=killed or network or obeyed or client.on_small_disk or operation.fault.kind == "limit",
    )


def _parsed(out: str) -> Any:
    try:
        return json.loads(out)
    except ValueError:
        return None


@contextlib.contextmanager
def _way(client: Client) -> Iterator[tuple[str, Callable[[], bool]]]:
    """The URL to use, and whether the network has failed on the way."""
    operation = client.operation
    if operation.transport == "file":
        yield str(client.sandbox.bare), lambda: False
        return
    server = client.servers[operation.transport]
    if operation.fault.kind not in _NETWORK:
        yield server.url(server.port), lambda: False
        return
    with Proxy(server.port, operation.fault) as proxy:
        yield server.url(proxy.port), lambda: proxy.strikes > 0


def _run_process(client: Client, url: str) -> tuple[int, str, str, bool]:
    process = subprocess.Popen(
        client.command(url),
        env=client.env,
        cwd=client.sandbox.folder / "home",
        stdin=subprocess.PIPE if client.operation.document else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    killer = _Killer(process, client.operation.fault)
    killer.start()
    try:
        out, err = process.communicate(client.operation.document.encode() or None, timeout=STUCK)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        code = STUCK_CODE
    finally:
        killer.stop()
    return code, out.decode(errors="replace"), err.decode(errors="replace"), killer.has_struck


class _Killer:
    """Sends the fault's signal at its instant, unless the process has ended by then."""

    def __init__(self, process: "subprocess.Popen[bytes]", fault: Fault) -> None:
        self._process = process
        self._fault = fault
        self._timer: threading.Timer | None = None
        self.has_struck = False

    def start(self) -> None:
        """From now the time runs."""
        if self._fault.kind in {"kill", "kill-children", "signal"}:
            self._timer = threading.Timer(self._fault.number("after"), self._strike)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """The process has ended."""
        if self._timer:
            self._timer.cancel()
            self._timer.join()

    def _strike(self) -> None:
        if self._process.poll() is not None:
            return
        self.has_struck = True
        if self._fault.kind == "signal":
            kill([self._process.pid], signal.Signals[self._fault.text("signal")])
            return
        below = described_descendants(self._process.pid) if self._fault.kind == "kill-children" else []
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        kill((pid for pid, words in below if not any(part in words for part in _SPARED)), signal.SIGKILL)
