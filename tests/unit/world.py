"""An apps repository in memory, so that decisions can be tested without Git."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from starry_gitops.core.apply import Apply, plan_apply
from starry_gitops.core.context import Context
from starry_gitops.core.model import Change, Delete, Entry, ImageRequest, Plan, Result, Source
from starry_gitops.core.remove import keep_file
from starry_gitops.core.settings import Settings
from starry_gitops.core.validate import validate
from starry_gitops.settings import read_settings
from starry_gitops.templates import find_template

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://github.com/myorg/argocd-apps.git"
SETTINGS = f"domain: starry.mycompany.com\nrepoURL: {URL}\n"
PREVIEWS = "overlays/dev/previews"

OTHER_KINDS: Mapping[str, Literal["symlink", "submodule"]] = {"symlink": "symlink", "submodule": "submodule"}


@dataclass(frozen=True)
class Tree:
    """Implements `core.model.Snapshot` over a dict. Symlinks are path -> target, submodules path -> id."""

    files: Mapping[str, bytes]
    links: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    revision: str = "0" * 40

    def entries(self, folder: str) -> Mapping[str, Entry]:
        start = f"{folder}/" if folder else ""
        found: dict[str, Entry] = {}
        for path in sorted([*self.files, *self.links, *self.modules]):
            if path.startswith(start):
                name, below, _ = path.removeprefix(start).partition("/")
                found[name] = Entry(kind="folder") if below else Entry(kind=self._kind(path))
        return found

    def _kind(self, path: str) -> Literal["file", "symlink", "submodule"]:
        if path in self.files:
            return "file"
        return "symlink" if path in self.links else "submodule"

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        for name, entry in self.entries(folder).items():
            path = f"{folder}/{name}" if folder else name
            yield path, entry
            if entry.kind == "folder":
                yield from self.walk(path)

    def link_target(self, path: str) -> str:
        return self.links[path]

    def put(self, files: Mapping[str, str | bytes | None]) -> "Tree":
        """With files written (None removes)."""
        merged = dict(self.files)
        for path, content in files.items():
            if content is None:
                merged.pop(path)
            else:
                merged[path] = content.encode() if isinstance(content, str) else content
        return Tree(files=merged, links=self.links, modules=self.modules)

    def link(self, path: str, target: str) -> "Tree":
        """With a symlink."""
        return Tree(files=self.files, links={**self.links, path: target}, modules=self.modules)

    def apply(self, changes: Iterable[Change]) -> "Tree":
        """With a plan's changes made, as a commit would."""
        files = dict(self.files)
        for change in changes:
            if isinstance(change, Delete):
                inside = [path for path in files if path == change.path or path.startswith(f"{change.path}/")]
                assert inside, f"{change.path} is deleted but does not exist"
                for path in inside:
                    del files[path]
            else:
                files[change.path] = change.text.encode()
        return Tree(files=files, links=self.links, modules=self.modules)


def empty(settings: str = SETTINGS) -> Tree:
    """The settings and each overlay's keep.yaml, nothing else."""
    read = read_settings(settings)
    keeps = {f"{overlay.folder}/keep.yaml": keep_file(overlay) for overlay in read.overlays.values()}
    return Tree(files={}).put({"starry.yaml": settings, **keeps})


def settings_of(tree: Tree) -> Settings:
    return read_settings(tree.files["starry.yaml"])


def context(tree: Tree, now: datetime = NOW) -> Context:
    """What a decision on the tree starts from."""
    settings = settings_of(tree)
    return Context(
        snapshot=tree,
        settings=settings,
        now=now,
        apps_url=URL,
        template=find_template(tree, settings),
        version="0.0.0",
    )


def image(component: str = "backend", tag: str = "1.0.0", repository: str | None = None) -> ImageRequest:
    return ImageRequest(component=component, repository=repository, tag=tag)


def intent(name: str | None = "preview-1", **kwargs: object) -> Apply:
    """What `create NAME --image backend=1.0.0` wants."""
    options = {"source": Source(name=name), "images": (image(),), **kwargs}
    return Apply(**options)


def create(tree: Tree, name: str, now: datetime = NOW, **kwargs: object) -> Tree:
    """The tree with one preview more."""
    return tree.apply(plan_apply(intent(name, **kwargs), context(tree, now)).changes)


def decide(wanted: Apply, tree: Tree, now: datetime = NOW) -> tuple[Plan[Result], Tree]:
    """A plan and the tree that it leads to."""
    plan = plan_apply(wanted, context(tree, now))
    return plan, tree.apply(plan.changes)


def problems(tree: Tree, now: datetime = NOW) -> list[str]:
    """All that validate finds, as text."""
    found = validate(context(tree, now)).findings
    return [f"{one.rule} {one.file}:{one.line}: {one.message}" for one in found]


def text(tree: Tree, path: str) -> str:
    return tree.files[path].decode()
