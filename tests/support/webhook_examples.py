"""Fetches real payloads of webhooks, for the tests: `python -m tests.support.webhook_examples`.

GitHub: the recorded ones of an npm package. GitLab: those of its own Go client's tests. They come once into `.tools/`
in the checkout, held to the hashes below. Gitea's are made by the Gitea of the tests.
"""

import hashlib
import json
import shutil
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support import forge_schemas
from tests.support.forge_schemas import FetchFailed

FOLDER = forge_schemas.FOLDER.parent / "webhook-examples-1"
_NPM = "@octokit/webhooks-examples@7.6.1"
_NPM_SHA256 = "89e6cb1c6345d32e3dd775617fa54effbdc26c859e514898d7728e95e9738280"
_LISTS = ("api.github.com/index.json", "ghes-35/index.json")


def require() -> None:
    """Fetches what is not there yet. Without npm or Go the test is skipped, and fails in CI."""
    if not FOLDER.exists():
        path = forge_schemas._ENVIRONMENT.get("PATH")
        absent = [name for name in ("npm", "go") if shutil.which(name, path=path) is None]
        if absent:
            missing = f"{' and '.join(absent)} not installed, so that recorded webhooks cannot be fetched"
            (pytest.fail if forge_schemas._IS_CI else pytest.skip)(missing)
    fetch()


def fetch() -> Path:
    """The folder that holds all of it. Others who fetch at the same time are waited for.

    Raises:
        FetchFailed: with what npm or Go said.
    """
    if FOLDER.exists():
        return FOLDER
    FOLDER.parent.mkdir(exist_ok=True)
    with forge_schemas._lock(FOLDER.parent / f"{FOLDER.name}.lock"):
        if not FOLDER.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=f"{FOLDER.name}-") as temporary:
                made = Path(temporary) / "made"
                _fetch_github(made / "github")
                _fetch_gitlab(made / "gitlab")
                made.rename(FOLDER)
    return FOLDER


@cache
def github() -> dict[str, list[dict[str, Any]]]:
    """Payloads by event, of github.com and of an Enterprise Server."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in _LISTS:
        for event in json.loads((fetch() / "github" / name).read_text(encoding="utf-8")):
            found.setdefault(event["name"], []).extend(event["examples"])
    return found


def gitlab(name: str) -> bytes:
    """A payload, such as `note_merge_request`."""
    return (fetch() / f"gitlab/{name}.json").read_bytes()


def gitlab_names() -> list[str]:
    """All of them."""
    return sorted(file.stem for file in (fetch() / "gitlab").glob("*.json"))


def _fetch_github(target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as temporary:
        folder = Path(temporary)
        told = forge_schemas._run(folder, "npm", "pack", "--json", "--ignore-scripts", _NPM)
        archive = folder / json.loads(told)[0]["filename"]
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != _NPM_SHA256:
            raise FetchFailed(f"{_NPM} is not what it was: {found}, not {_NPM_SHA256}")
        with tarfile.open(archive) as content:
            wanted = [one for one in content if one.name in {f"package/{name}" for name in _LISTS}]
            content.extractall(folder, wanted, filter="data")
        shutil.copytree(folder / "package", target)


def _fetch_gitlab(target: Path) -> None:
    told = json.loads(forge_schemas._run(FOLDER.parent, "go", "mod", "download", "-json", forge_schemas._GO))
    if told.get("Sum") != forge_schemas._GO_SUM:
        raise FetchFailed(f"{forge_schemas._GO} is not what it was: {told.get('Sum')}")
    target.mkdir()
    for file in (Path(told["Dir"]) / "testdata/webhooks").glob("*.json"):
        shutil.copyfile(file, target / file.name)


def main() -> int:
    """Fetches it, and says where it is."""
    sys.stdout.write(f"{fetch()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
