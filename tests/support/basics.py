"""Git commands and instants."""

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path


def git(cwd: Path, *args: str, stdin: bytes | str = b"", env: Mapping[str, str] | None = None) -> str:
    """Output of one Git command, which must succeed."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        ["git", *args], cwd=cwd, input=given, capture_output=True, check=False, env={**os.environ, **(env or {})}
    )
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")


def now() -> datetime:
    """This instant, in whole seconds as everything that Starry writes."""
    return datetime.now(UTC).replace(microsecond=0)


def stamp(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`, whole seconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The instant that a result or an annotation names; fails unless it has the contract's form."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
