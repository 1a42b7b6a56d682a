"""What each command asks of a server that is far away: requests, bytes, and the time that distance adds."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks import plain
from benchmarks.bench import IMAGES, Bench, Row, Section
from benchmarks.figures import seconds_text
from benchmarks.gitserver import LOCKED, OPEN
from benchmarks.repositories import Bare, preview_name, reset
from benchmarks.rounds import Rounds, take_turns
from benchmarks.sandbox import STARRY, MeasurementFailed, Sandbox

# Seconds each way.
_DELAY = 0.05
_KILOBYTE = 1000
# Neither expired nor the first.
_EXISTING = preview_name(60)
_PLAIN, _CREATE = "`git clone --depth=1` + commit + `git push`", "`starry create` of a new preview"
_LOCKED = ", with a token"
_COLUMNS = ("work", "fetches", "pushes", "requests", "connections", "sent", "received", "near", "far", "waits")


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one run sent through the proxy; `asked` names what each request was for."""

    connections: int
    sent: int
    received: int
    asked: list[str]


@dataclass(frozen=True, slots=True)
class Distant:
    """The server that seems far away: its process, and its address."""

    process: "subprocess.Popen[str]"
    address: str

    def count(self, delay: float, work: Callable[[], float]) -> tuple[float, Traffic]:
        """Seconds of the work with this delay each way, and its traffic."""
        self._tell(delay)
        seconds = work()
        return seconds, self._tell(0)

    def _tell(self, delay: float) -> Traffic:
        print(delay, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline() if self.process.stdout else ""
        if not answer:
            raise MeasurementFailed("the Git server has ended")
        return Traffic(**json.loads(answer))


def network(bench: Bench) -> list[Row | Section]:
    """Each command without and with a delay, beside plain Git's own minimum for one commit."""
    sizes = bench.sizes
    bare = bench.repository(previews=sizes.many, expired=sizes.expired)
    traffic: dict[str, Traffic] = {}
    with serve(bench.sandbox) as distant:

        def run(delay: float, name: str, work: Callable[[], float]) -> float:
            reset(bench.sandbox, bare)
            seconds, traffic[name] = distant.count(delay, work)
            return seconds

        works = _works(bench.sandbox, bare, distant.address)
        turns = {
            f"{delay} {name}": partial(run, delay, name, work) for name, work in works.items() for delay in (0, _DELAY)
        }
        found = take_turns(sizes.slow_rounds, turns)
    lines = [_line(name, one, found) for name, one in traffic.items()]
    heading = f"Through a network, with {sizes.many:,} previews"
    return [_row(traffic), Section(heading=heading, columns=_COLUMNS, lines=lines)]


def _works(sandbox: Sandbox, bare: Bare, address: str) -> dict[str, Callable[[], float]]:
    """What is measured, by name: seconds of one run each."""
    commands: Mapping[str, tuple[str, ...]] = {
        _CREATE: ("create", "new-preview", *IMAGES),
        "`starry update`": ("update", _EXISTING, "--image", "backend=3.0.0"),
        "`starry extend`": ("extend", _EXISTING, "--ttl", "3h"),
        "`starry delete`": ("delete", _EXISTING),
        "`starry show`": ("show", _EXISTING),
        "`starry list`": ("list",),
        "`starry gc`": ("gc",),
    }
    works: dict[str, Callable[[], float]] = {}
    for suffix, prefix, box in (("", OPEN, sandbox), (_LOCKED, LOCKED, _with_token(sandbox))):
        url = f"{address}{prefix}/{bare.path.name}"
        works[_PLAIN + suffix] = partial(plain.create, box, bare, "new-preview", url=url)
        for name, words in commands.items():
            if not suffix or name == _CREATE:
                works[name + suffix] = partial(_run, box, [STARRY, *words, "--repo", url, "-o", "json"])
    return works


def _run(sandbox: Sandbox, command: list[str | Path]) -> float:
    return sandbox.run(command).seconds


def _with_token(sandbox: Sandbox) -> Sandbox:
    """Starry takes the token from its variable, plain Git from a credential helper."""
    variables = {
        "STARRY_GIT_TOKEN": "benchmark",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": "!printf 'username=benchmark\\npassword=benchmark\\n' #",
    }
    return replace(sandbox, env={**sandbox.env, **variables})


@contextmanager
def serve(sandbox: Sandbox) -> Iterator[Distant]:
    """Serves the sandbox's bare repositories, each below `OPEN` and below `LOCKED`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.distant", sandbox.folder],
        cwd=Path(__file__).parent.parent,
        env=sandbox.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield Distant(process, f"http://127.0.0.1:{port}")


def _row(traffic: Mapping[str, Traffic]) -> Row:
    """The bound on what a new preview may ask of the server."""
    asked, least = traffic[_CREATE].asked, len(traffic[_PLAIN].asked)
    fetches, pushes = asked.count("fetch"), asked.count("push")
    return Row(
        work=f"{_CREATE}: what it asks of an HTTP server",
        measured=f"{fetches} fetch, {pushes} push, {len(asked)} requests in all (plain Git: {least})",
        bound="≤ 1 fetch, ≤ 1 push, no more requests than plain Git",
        met=fetches <= 1 and pushes <= 1 and len(asked) <= least,
    )


def _line(name: str, traffic: Traffic, found: Rounds) -> tuple[str, ...]:
    near, far = f"0 {name}", f"{_DELAY} {name}"
    return (
        name,
        f"{traffic.asked.count('fetch')}",
        f"{traffic.asked.count('push')}",
        f"{len(traffic.asked)}",
        f"{traffic.connections}",
        f"{traffic.sent / _KILOBYTE:,.1f} kB",
        f"{traffic.received / _KILOBYTE:,.1f} kB",
        seconds_text(found.median(near)),
        seconds_text(found.median(far)),
        f"{found.difference(far, near) / (2 * _DELAY):.1f}",
    )
