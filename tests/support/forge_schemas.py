"""Fetches what GitHub and GitLab publish of their APIs, for the tests: `python -m tests.support.forge_schemas`.

GitHub: its OpenAPI documents, its GraphQL schema and recorded answers, as npm packages. GitLab publishes no document in
a registry; its own Go client has each operation, its parameters and the answers' types, and recorded answers. All of it
comes once into `.tools/` in the checkout, held to the hashes below.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_TOOLS = Path(__file__).resolve().parents[2] / ".tools"
FOLDER = _TOOLS / "forge-schemas-1"
GITHUB_COM, GITHUB_SERVER = "api.github.com", "ghes-3.17"

# Package, the hash of its archive, and the folders or files that are kept.
_NPM = (
    (
        "@octokit/openapi@23.0.2",
        "71a18407dd5e8464f4e0525daf03deabbe65abd9287d6adc7b5d98f516cd0d0c",
        (f"generated/{GITHUB_COM}.json", f"generated/{GITHUB_SERVER}.json"),
    ),
    (
        "@octokit/graphql-schema@15.26.1",
        "053e74249dafce2118fd9b7ae499b067d57c5f910c57745699ac45108bc68d1e",
        ("schema.graphql",),
    ),
    (
        "@octokit/fixtures@23.1.1",
        "4b9220d9ae47ca786a14c2e3d41bddd8bc6c3df39b808aa7b778f436de805633",
        ("scenarios/api.github.com/",),
    ),
)
_GO = "gitlab.com/gitlab-org/api/client-go@v1.46.0"
_GO_SUM = "h1:YxBWFZIFYKcGESCb9fpkwzouo+apyB9pr/XTWzNoL24="
# Taken before a test has a home of its own: npm and Go keep what they know of registries in the real one.
_ENVIRONMENT = dict(os.environ)
_IS_CI = os.environ.get("CI") == "true"


class FetchFailed(Exception):
    """A package could not be fetched, or is not what it was."""


def require() -> None:
    """Fetches what is not there yet. Without npm or Go the test is skipped, and fails in CI."""
    if not FOLDER.exists():
        path = _ENVIRONMENT.get("PATH")
        absent = [name for name in ("npm", "go") if shutil.which(name, path=path) is None]
        if absent:
            missing = f"{' and '.join(absent)} not installed, so that the forges' schemas cannot be fetched"
            (pytest.fail if _IS_CI else pytest.skip)(missing)
    fetch()


def fetch() -> Path:
    """The folder that holds all of it. Others who fetch at the same time are waited for.

    Raises:
        FetchFailed: with what npm or Go said.
    """
    if FOLDER.exists():
        return FOLDER
    _TOOLS.mkdir(exist_ok=True)
    with _lock(_TOOLS / f"{FOLDER.name}.lock"):
        if not FOLDER.exists():
            with tempfile.TemporaryDirectory(dir=_TOOLS, prefix=f"{FOLDER.name}-") as temporary:
                made = Path(temporary) / "made"
                for package in _NPM:
                    _fetch_npm(*package, made / "github")
                _fetch_go(made / "gitlab")
                made.rename(FOLDER)
    return FOLDER


@cache
def github_document(name: str) -> dict[str, Any]:
    """GitHub's OpenAPI document: of github.com, or of a release of the Enterprise Server."""
    document: dict[str, Any] = json.loads((fetch() / f"github/generated/{name}.json").read_text(encoding="utf-8"))
    return document


def github_graphql() -> str:
    """GitHub's GraphQL schema."""
    return (fetch() / "github/schema.graphql").read_text(encoding="utf-8")


def github_recordings() -> list[dict[str, Any]]:
    """Exchanges with api.github.com: `method`, `path`, `status` and `response` of each."""
    files = sorted((fetch() / "github/scenarios/api.github.com").glob("*/normalized-fixture.json"))
    return [exchange for file in files for exchange in json.loads(file.read_text(encoding="utf-8"))]


def gitlab_sources() -> list[str]:
    """The files of GitLab's Go client."""
    return [file.read_text(encoding="utf-8") for file in sorted((fetch() / "gitlab").glob("*.go"))]


def gitlab_recording(name: str) -> Any:
    """An answer of gitlab.com, from the tests of its Go client."""
    return json.loads((fetch() / f"gitlab/testdata/{name}.json").read_text(encoding="utf-8"))


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch_npm(package: str, expected: str, kept: tuple[str, ...], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=_TOOLS) as temporary:
        folder = Path(temporary)
        archive = folder / json.loads(_run(folder, "npm", "pack", "--json", "--ignore-scripts", package))[0]["filename"]
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != expected:
            raise FetchFailed(f"{package} is not what it was: {found}, not {expected}")
        with tarfile.open(archive) as content:
            wanted = tuple(f"package/{name}" for name in kept)
            content.extractall(folder, [one for one in content if one.name.startswith(wanted)], filter="data")
        shutil.copytree(folder / "package", target, dirs_exist_ok=True)


def _fetch_go(target: Path) -> None:
    told = json.loads(_run(_TOOLS, "go", "mod", "download", "-json", _GO))
    if told.get("Sum") != _GO_SUM:
        raise FetchFailed(f"{_GO} is not what it was: {told.get('Sum')}, not {_GO_SUM}")
    source = Path(told["Dir"])
    (target / "testdata").mkdir(parents=True)
    for file in [*source.glob("*.go"), *source.glob("testdata/*.json")]:
        if not file.name.endswith("_test.go"):
            shutil.copyfile(file, target / file.relative_to(source))


def _run(folder: Path, *command: str) -> str:
    environment = {**_ENVIRONMENT, "GOFLAGS": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchFailed(f"{' '.join(command)}: {done.stderr[-2000:] or done.stdout[-2000:]}")
    return done.stdout


def main() -> int:
    """Fetches it, and says where it is."""
    sys.stdout.write(f"{fetch()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
