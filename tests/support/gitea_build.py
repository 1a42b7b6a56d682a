"""Builds a pinned release of Gitea, a real forge, for the tests: `python -m tests.support.gitea_build`.

It comes as a Go module and is built once into `.tools/` in the checkout; that takes some minutes. The module is held to
the hash below, what it needs to its own `go.sum`.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "1.26.0"
FOLDER = Path(__file__).resolve().parents[2] / ".tools" / f"gitea-{VERSION}"
BINARY = FOLDER / "gitea"
STATIC = FOLDER / "static"
"""What Gitea reads while it runs: templates, texts, licences."""

_MODULE = f"code.gitea.io/gitea@v{VERSION}"
_SUM = "h1:fJP9dqLbzKrKWUVnCVTfVersZdVDuyJQLEDzCAOmKKA="
_STATIC_FOLDERS = ("options", "public", "templates")
# Without optimisation it is built in half the time. What each start of the program runs is worth it: every push starts
# it three times, as Git's hooks.
_OPTIMISED = (
    "std",
    "github.com/RoaringBitmap/...",
    "github.com/alecthomas/chroma/v2/...",
    "github.com/blevesearch/bleve/...",
    "github.com/go-enry/go-enry/v2/data",
    "github.com/santhosh-tekuri/...",
)
_FLAGS = (
    "-mod=readonly",
    "-buildvcs=false",
    "-tags=sqlite sqlite_unlock_notify",
    "-gcflags=all=-N -l",
    *(f"-gcflags={name}=" for name in _OPTIMISED),
)
_LINK_FLAGS = f"-ldflags=-s -w -X main.Version={VERSION}"
# Taken before a test has a home of its own: Go keeps its modules and its cache in the real one.
_ENVIRONMENT = {**os.environ, "CGO_ENABLED": "1", "CGO_CFLAGS": "-O0", "GOFLAGS": ""}


class BuildFailed(Exception):
    """Gitea could not be fetched or built."""


def missing_program() -> str:
    """Which program a build needs and is not there; empty when nothing is missing, or Gitea is built already."""
    if BINARY.exists():
        return ""
    path = _ENVIRONMENT.get("PATH")
    absent = [name for name in ("go", "gcc") if shutil.which(name, path=path) is None]
    return f"{' and '.join(absent)} not installed, so that Gitea cannot be built" if absent else ""


def build() -> Path:
    """The program; built first where it is not there. Others who build it at the same time are waited for.

    Raises:
        BuildFailed: with what Go said.
    """
    if BINARY.exists():
        return BINARY
    FOLDER.parent.mkdir(exist_ok=True)
    with _lock(FOLDER.parent / f"{FOLDER.name}.lock"):
        if not BINARY.exists():
            _build()
    return BINARY


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build() -> None:
    source = fetch_module(_MODULE, _SUM)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=f"{FOLDER.name}-") as temporary:
        made = Path(temporary) / "made"
        for name in _STATIC_FOLDERS:
            shutil.copytree(source / name, made / STATIC.name / name, copy_function=shutil.copyfile)
        _open(made)
        go(source, "build", *_FLAGS, _LINK_FLAGS, "-o", str(made / BINARY.name), ".")
        made.rename(FOLDER)


def _open(folder: Path) -> None:
    """Folders of Go's module cache are read-only, and so are their copies."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o755)


def fetch_module(module: str, expected: str) -> Path:
    """The folder of a Go module, of the expected hash.

    Raises:
        BuildFailed: it cannot be fetched, or is not what it was.
    """
    told = json.loads(go(FOLDER.parent, "mod", "download", "-json", module))
    if told.get("Sum") != expected:
        raise BuildFailed(f"{module} is not what it was: {told.get('Sum')}, not {expected}")
    return Path(told["Dir"])


def go(folder: Path, *args: str) -> str:
    """What `go` says, run in a folder.

    Raises:
        BuildFailed: it failed.
    """
    done = subprocess.run(["go", *args], cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"go {args[0]}: {done.stderr[-2000:] or done.stdout[-2000:]}")
    return done.stdout


def main() -> int:
    """Builds it, and says where it is."""
    missing = missing_program()
    if missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write(f"{build()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
