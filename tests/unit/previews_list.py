"""A list of `starry apply` for unit tests: one entry with every key, and what it means."""

from pathlib import Path
from typing import Any

from starry_gitops.cli.previews_file import read_items
from starry_gitops.core.batch import Item
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import ImageRequest, PullRequest, Source, ValueEdit
from starry_gitops.errors import StarryError

TOKEN = "ghp_" + "0123456789abcdefghij" * 2


def read(folder: Path, text: str) -> tuple[Item, ...]:
    path = folder / "list"
    path.write_text(text, encoding="utf-8")
    return read_items(str(path), None)


def wanted(item: Item) -> Apply:
    assert isinstance(item.wanted, Apply), item.wanted
    return item.wanted


def refused(item: Item) -> StarryError:
    assert isinstance(item.wanted, StarryError), item.wanted
    return item.wanted


FULL: dict[str, Any] = {
    "name": "preview-7",
    "overlay": "prod",
    "pr": "https://github.com/myorg/shop/pull/7",
    "sourceBranch": "feature/x",
    "images": {"backend": "v1", "frontend1": "registry.example/fe:v2"},
    "commit": "abc123",
    "owner": "alice",
    "ttlMinutes": 45,
    "pin": True,
    "sequence": 12,
    "set": {"backend.env.LOG_LEVEL": "debug", "backend.replicas": 2, "backend.debug": False, "backend.note": None},
}
INTENT = Apply(
    source=Source(
        name="preview-7",
        pull_request=PullRequest(number=7, url="https://github.com/myorg/shop/pull/7"),
        branch="feature/x",
    ),
    overlay="prod",
    images=(
        ImageRequest(component="backend", repository=None, tag="v1"),
        ImageRequest(component="frontend1", repository="registry.example/fe", tag="v2"),
    ),
    commit="abc123",
    owner="alice",
    ttl=45,
    pin=True,
    edits=(
        ValueEdit(path=("backend", "env", "LOG_LEVEL"), value="debug"),
        ValueEdit(path=("backend", "replicas"), value=2),
        ValueEdit(path=("backend", "debug"), value=False),
        ValueEdit(path=("backend", "note"), value=None),
    ),
    sequence=12,
)
