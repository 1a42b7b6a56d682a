"""The rows of the table: one function each. A row says what was measured; nothing here fails because it was slow."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks import plain
from benchmarks.bench import Bench, Row
from benchmarks.figures import TIMES, median_text, plain_share, ratio_row, seconds_row
from benchmarks.repositories import Bare, reset
from benchmarks.rounds import Rounds, take_turns
from benchmarks.sandbox import STARRY, Done, MeasurementFailed

_IMPORT = "import starry_gitops.cli, starry_gitops.cli.create_command"


def start_up(bench: Bench) -> list[Row]:
    """What passes before any work begins."""
    commands: dict[str, list[str | Path]] = {
        "version": [STARRY, "--version"],
        "help": [STARRY, "--help"],
        "import": [sys.executable, "-c", _IMPORT],
        "empty": [sys.executable, "-c", "pass"],
    }
    found = take_turns(bench.sizes.rounds, {name: partial(_time, bench, words) for name, words in commands.items()})
    return [
        _start_up_row("`starry --version`", found, "version", 0.1),
        _start_up_row("`starry --help`", found, "help", 0.1),
        _start_up_row("start-up part of `starry create`: Python and all imports", found, "import", 0.2),
    ]


def create(bench: Bench) -> list[Row]:
    """A whole process in a small repository."""
    found = _against_plain(bench, bench.repository(previews=bench.sizes.few))
    measured = f"{median_text(found, 'starry')}; {plain_share(found)}"
    work = f"`starry create`, whole process, {bench.sizes.few} previews present"
    return [seconds_row(work, measured, found.median("starry"), 0.35)]


def size(bench: Bench) -> list[Row]:
    """The same in larger repositories, in turns with the small one."""
    sizes = bench.sizes
    bares = {f"{count}": bench.repository(previews=count) for count in (sizes.few, sizes.many, sizes.most)}
    found = take_turns(sizes.rounds, {name: partial(bench.create, bare) for name, bare in bares.items()})
    rows = []
    for count, limit in ((sizes.many, 1.5), (sizes.most, 2.5)):
        work = f"same, {count:,} previews present, against {sizes.few}"
        rows.append(ratio_row(work, found, f"{count}", f"{sizes.few}", limit))
    return rows


def history(bench: Bench) -> list[Row]:
    """The same with a long history, in turns with a short one."""
    sizes = bench.sizes
    short = bench.repository(previews=sizes.few)
    long = bench.repository(previews=sizes.few, history=sizes.history)
    found = take_turns(sizes.rounds, {"long": partial(bench.create, long), "short": partial(bench.create, short)})
    work = f"same, {sizes.few} previews and {sizes.history:,} commits of history, against a handful"
    return [ratio_row(work, found, "long", "short", 1.2)]


def against_git(bench: Bench) -> list[Row]:
    """Starry and plain Git in a repository of the usual large size."""
    count = bench.sizes.many
    found = _against_plain(bench, bench.repository(previews=count))
    work = f"against `git clone --depth=1` + write + commit + push, {count:,} previews"
    return [ratio_row(work, found, "starry", "plain", 0.6)]


def collect(bench: Bench) -> list[Row]:
    """Expiry in a very large repository."""
    sizes = bench.sizes
    bare = bench.repository(previews=sizes.most, expired=sizes.expired)
    work = f"`starry gc`, {sizes.most:,} previews, {sizes.expired} expired"

    def count(out: str) -> int:
        return len(json.loads(out)["removed"])

    return [_large(bench, bare, _Large(work=work, command="gc", count=count, expected=sizes.expired, by=plain.collect))]


def find_all(bench: Bench) -> list[Row]:
    """The list of a very large repository."""
    most = bench.sizes.most
    bare = bench.repository(previews=most)
    work = f"`starry list -o json`, {most:,} previews"

    def count(out: str) -> int:
        return len(json.loads(out))

    return [_large(bench, bare, _Large(work=work, command="list", count=count, expected=most, by=plain.find_all))]


def render(bench: Bench) -> list[Row]:
    """What Argo CD would apply for many previews, by the real Helm engine: all of them, less what one of them costs."""
    count = bench.sizes.rendered
    bare = bench.repository(previews=count)
    name = json.loads(bench.sandbox.run([STARRY, "list", "--repo", bare.path, "-o", "json"]).out)[0]["name"]

    def everything() -> float:
        done = bench.sandbox.run([STARRY, "render", "--all", "--repo", bare.path, "-o", "json"])
        _expect(len([one for one in json.loads(done.out) if one["objects"]]), count, "rendered")
        return done.seconds

    def one() -> float:
        return bench.sandbox.run([STARRY, "render", name, "--repo", bare.path, "-o", "json"]).seconds

    found = take_turns(bench.sizes.slow_rounds, {"all": everything, "one": one})
    whole, seconds = found.median("all"), found.median("all") - found.median("one")
    one_alone = f"`starry render NAME` {whole - seconds:.2f} s"
    measured = f"{seconds:.2f} s: `starry render --all` as a whole process {whole:.2f} s, {one_alone}"
    work = f"rendering {count} previews with Helm, start and clone aside"
    return [seconds_row(work, measured, seconds, 2)]


def apply(bench: Bench) -> list[Row]:
    """Many new previews as one commit."""
    count = bench.sizes.applied
    bare = bench.repository(previews=bench.sizes.few)
    listed = bench.list_new()

    def starry() -> float:
        reset(bench.sandbox, bare)
        done = bench.sandbox.run([STARRY, "apply", "-f", listed, "--repo", bare.path, "-o", "json"])
        _expect(len([one for one in json.loads(done.out) if one["action"] == "created"]), count, "applied")
        commits = bench.sandbox.run(["git", "rev-list", "--count", f"{bare.tip}..main"], cwd=bare.path).out
        _expect(int(commits), 1, "committed")
        return done.seconds

    found = take_turns(bench.sizes.slow_rounds, {"starry": starry})
    work = f"`starry apply -f`, {count} new previews"
    row = seconds_row(work, f"one commit, {median_text(found, 'starry')}", found.median("starry"), 4)
    return [replace(row, bound=f"one commit, {row.bound}")]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Large:
    """A command that reads every preview, how many its answer must name, and the same by plain Git."""

    work: str
    command: str
    count: Callable[[str], int]
    expected: int
    by: Callable[..., float]


def _time(bench: Bench, command: list[str | Path]) -> float:
    return bench.sandbox.run(command).seconds


def _against_plain(bench: Bench, bare: Bare) -> Rounds:
    def by_hand() -> float:
        reset(bench.sandbox, bare)
        return plain.create(bench.sandbox, bare, "new-preview")

    return take_turns(bench.sizes.rounds, {"starry": partial(bench.create, bare), "plain": by_hand})


def _large(bench: Bench, bare: Bare, large: _Large) -> Row:
    """Time and memory of a command that reads every preview."""
    peaks: list[float] = []

    def starry() -> float:
        done = _observe(bench, bare, large)
        peaks.append(done.peak_megabytes)
        return done.seconds

    def by_hand() -> float:
        reset(bench.sandbox, bare)
        return large.by(bench.sandbox, bare)

    found = take_turns(bench.sizes.slow_rounds, {"starry": starry, "plain": by_hand})
    measured = f"{median_text(found, 'starry')}, {max(peaks):.0f} MB; {plain_share(found)}"
    seconds, megabytes = 3, 300
    met = found.median("starry") <= seconds and max(peaks) <= megabytes
    return Row(work=large.work, measured=measured, bound=f"≤ {seconds} s, ≤ {megabytes} MB", met=met)


def _observe(bench: Bench, bare: Bare, large: _Large) -> Done:
    reset(bench.sandbox, bare)
    done = bench.sandbox.observe([STARRY, large.command, "--repo", bare.path, "-o", "json"])
    _expect(large.count(done.out), large.expected, f"named by starry {large.command}")
    return done


def _expect(count: int, expected: int, what: str) -> None:
    if count != expected:
        raise MeasurementFailed(f"{count} {what}, not {expected}")


def _start_up_row(work: str, found: Rounds, name: str, limit: float) -> Row:
    share = f"{found.ratio(name, 'empty'):.1f} {TIMES} an empty Python program"
    return seconds_row(work, f"{median_text(found, name)}; {share}", found.median(name), limit)
