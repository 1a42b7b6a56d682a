"""The same work by plain Git commands, as a shell script in a pipeline would do it. Cleaning up is not timed."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.repositories import PREVIEWS, Bare
from benchmarks.sandbox import Sandbox

_EXPIRY = re.compile(r'^HEAD:(?P<path>.+)/application\.yaml:.*expires-at: "(?P<instant>[^"]+)"$', re.MULTILINE)


def create(sandbox: Sandbox, bare: Bare, name: str) -> float:
    """Clones the tip, writes a preview's two files, commits and pushes. Seconds."""
    with _folder(sandbox) as clone:
        started = time.perf_counter()
        sandbox.run(["git", "clone", "--quiet", "--depth=1", bare.url, clone])
        preview = clone / PREVIEWS / name
        preview.mkdir()
        for file, text in bare.files_of(name).items():
            (preview / file).write_text(text, encoding="utf-8")
        sandbox.run(["git", "add", f"{PREVIEWS}/{name}"], cwd=clone)
        _commit_and_push(sandbox, clone)
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
        _commit_and_push(sandbox, clone)
        return time.perf_counter() - started


def find_all(sandbox: Sandbox, bare: Bare) -> float:
    """Clones the tip without a work tree, and greps each preview's expiry and tags. Seconds."""
    with _folder(sandbox) as clone:
        started = time.perf_counter()
        sandbox.run(["git", "clone", "--quiet", "--bare", "--depth=1", bare.url, clone])
        patterns = ["-e", "starry.env/expires-at:", "-e", " tag:"]
        sandbox.run(["git", "grep", *patterns, "HEAD", "--", PREVIEWS], cwd=clone)
        return time.perf_counter() - started


def _commit_and_push(sandbox: Sandbox, clone: Path) -> None:
    sandbox.run(["git", "commit", "--quiet", "--message=By hand"], cwd=clone)
    sandbox.run(["git", "push", "--quiet", "origin", "HEAD"], cwd=clone)


@contextmanager
def _folder(sandbox: Sandbox) -> Iterator[Path]:
    folder = sandbox.folder / "plain"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
