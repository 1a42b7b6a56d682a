"""Builds a pinned release of a real container registry for the tests: `python -m tests.support.registry_build`.

It comes as a Go module (the CNCF's distribution) and is built once into `.tools/` in the checkout; that takes some
minutes. The module is held to the hash below, what it needs to its own `go.sum`.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support import gitea_build

VERSION = "3.0.0"
FOLDER = gitea_build.FOLDER.parent / f"registry-{VERSION}"
BINARY = FOLDER / "registry"

_MODULE = f"github.com/distribution/distribution/v3@v{VERSION}"
_SUM = "h1:q4R8wemdRQDClzoNNStftB2ZAfqOiN6UX90KJc4HjyM="
_FLAGS = ("-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w")


def require() -> None:
    """Skips the test where the registry is not built, with the reason."""
    if not BINARY.exists():
        pytest.skip("there is no container registry here: make registry")


def build() -> Path:
    """The program; built first where it is not there.

    Raises:
        BuildFailed: with what Go said.
    """
    if not BINARY.exists():
        FOLDER.parent.mkdir(exist_ok=True)
        source = gitea_build.fetch_module(_MODULE, _SUM)
        with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=f"{FOLDER.name}-") as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            gitea_build.go(source, "build", *_FLAGS, "-o", str(made / BINARY.name), "./cmd/registry")
            made.rename(FOLDER)
    return BINARY


def main() -> int:
    """Builds it, and says where it is."""
    if shutil.which("go") is None:
        sys.stderr.write("go is not installed, so that the registry cannot be built\n")
        return 1
    sys.stdout.write(f"{build()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
