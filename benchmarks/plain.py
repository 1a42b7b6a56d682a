"""The same work by plain Git commands, as a shell script in a pipeline would do it. Cleaning up is not timed."""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.repositories import PREVIEWS, Bare
from benchmarks.sandbox import Sandbox

_EXPIRY = re.compile(r'^HEAD:(?P<path>.+)/application\.yaml:.*expires-at: "(?P<instant>[^"]+)"$', re.MULTILINE)


def create(sandbox: Sandbox, bare: Bare, name: str, *, url: str = "") -> float:
    """Clones the tip, writes a preview's two files, commits and pushes. Seconds."""
    with _folder(sandbox) as clone:
        started = time.perf_counter()
        sandbox.run(["git", "clone", "--quiet", "--depth=1", url or bare.url, clone])
        _commit_preview(sandbox, bare, clone, name)
        _push(sandbox, clone, "HEAD")
        return time.perf_counter() - started


def push_prepared(sandbox: Sandbox, bare: Bare, names: Sequence[str]) -> float:
    """Pushes commits that are there already, one after another: how fast the branch can move at all. Seconds."""
    with _folder(sandbox) as clone:
        sandbox.run(["git", "clone", "--quiet", bare.path, clone])
        for name in names:
            _commit_preview(sandbox, bare, clone, name)
        commits = sandbox.run(["git", "rev-list", "--reverse", f"{bare.tip}..HEAD"], cwd=clone).out.split()
        started = time.perf_counter()
        for commit in commits:
            _push(sandbox, clone, commit)
        return time.perf_counter() - started


def collect(sandbox: Sandbox, bare: Bare) -> float:
    """Clones the tip, looks for what has expired, removes it, commits and pushes. Seconds."""
    with _folder(sandbox) as clone:
        started = time.perf_counter()
        sandbox.run(["git", "clone", "--quiet", "--depth=1", bare.url, clone])
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = sandbox.run(["git", "grep", "starry.env/expires-at:", "HEAD", "--", PREVIEWS], cwd=clone).out
        expired = [match["path"] for match in _EXPIRY.finditer(found) if match["instant"] <= now]
        sandbox.run(["git", "rm", "-r", "--quiet", *expired], cwd=clone)
        _commit(sandbox, clone)
        _push(sandbox, clone, "HEAD")
        return time.perf_counter() - started


def find_all(sandbox: Sandbox, bare: Bare) -> float:
    """Clones the tip without a work tree, and greps each preview's expiry and tags. Seconds."""
    with _folder(sandbox) as clone:
        started = time.perf_counter()
        sandbox.run(["git", "clone", "--quiet", "--bare", "--depth=1", bare.url, clone])
        patterns = ["-e", "starry.env/expires-at:", "-e", " tag:"]
        sandbox.run(["git", "grep", *patterns, "HEAD", "--", PREVIEWS], cwd=clone)
        return time.perf_counter() - started


def _commit_preview(sandbox: Sandbox, bare: Bare, clone: Path, name: str) -> None:
    preview = clone / PREVIEWS / name
    preview.mkdir()
    for file, text in bare.files_of(name).items():
        (preview / file).write_text(text, encoding="utf-8")
    sandbox.run(["git", "add", f"{PREVIEWS}/{name}"], cwd=clone)
    _commit(sandbox, clone)


def _commit(sandbox: Sandbox, clone: Path) -> None:
    sandbox.run(["git", "commit", "--quiet", "--message=By hand"], cwd=clone)


def _push(sandbox: Sandbox, clone: Path, commit: str) -> None:
    sandbox.run(["git", "push", "--quiet", "origin", f"{commit}:refs/heads/main"], cwd=clone)


@contextmanager
def _folder(sandbox: Sandbox) -> Iterator[Path]:
    folder = sandbox.folder / "plain"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
