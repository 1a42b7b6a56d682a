"""A preview's life told step by step in memory: what Starry did, what people did, and what `upgrade` makes of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.authorship import Revision, replay
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.manifest import FILES
from starry_gitops.core.model import Plan, Source, ValueEdit
from starry_gitops.core.paths import join_path
from starry_gitops.core.upgrade import Upgrade, Upgraded, plan_upgrade
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, context, empty, intent, problems, text

BUILT_IN = ".starry/templates/preview"


@dataclass
class Story:
    """An apps repository with its history: what Starry did and what people did to previews of the overlay dev."""

    tree: Tree = field(default_factory=empty)
    now: datetime = NOW
    contents: dict[str, bytes] = field(default_factory=dict)
    revisions: dict[str, list[Revision]] = field(default_factory=dict)

    def create(self, name: str = "preview-1", **options: Any) -> None:
        """`starry create` or `update`."""
        wanted = intent(name, **options)
        self.record(plan_apply(wanted, context(self.tree, self.now)), wanted.edits)

    def extend(self, name: str = "preview-1", **options: Any) -> None:
        """`starry extend`."""
        self.record(plan_extend(Extend(source=Source(name=name), **options), context(self.tree, self.now)))

    def record(self, plan: Plan[Any], edits: tuple[ValueEdit, ...] = ()) -> None:
        """A commit of Starry's."""
        self._move(self.tree.apply(plan.changes), by_starry=True, edits=edits)

    def person(self, files: dict[str, str | bytes | None]) -> None:
        """Somebody's commit."""
        self._move(self.tree.put(files), by_starry=False)

    def edit(self, file: str, change: Callable[[str], str], name: str = "preview-1") -> None:
        """Somebody's change of a preview's file."""
        path = f"{PREVIEWS}/{name}/{file}.yaml"
        old = text(self.tree, path)
        new = change(old)
        assert new != old, "the edit changed nothing"
        self.person({path: new})

    def settings(self, extra: str, base: str = SETTINGS) -> None:
        """Other settings, and the `keep.yaml` that goes with them."""
        self.person(dict(empty(base + extra).files))

    def template(self, file: str, change: Callable[[str], str]) -> None:
        """An override of the built-in template, or of the override that stands."""
        path = f"{BUILT_IN}/{file}.yaml.j2"
        old = context(self.tree).template(f"{file}.yaml.j2")[1]
        new = change(old)
        assert new != old, "the edit changed nothing"
        self.person({path: new})

    def plan(self, **options: Any) -> Plan[Upgraded]:
        """What `starry upgrade` decides."""
        authorship = {("dev", name): replay(many, self.contents) for name, many in self.revisions.items()}
        return plan_upgrade(Upgrade(**options), context(self.tree, self.now), authorship)

    def upgrade(self, **options: Any) -> Upgraded:
        """`starry upgrade --all`, which leaves a valid repository and nothing for a second run."""
        plan = self.plan(**options)
        self.record(plan)
        again = self.plan(**options)
        assert again.answer.outdated == plan.answer.remaining
        if not (options or plan.answer.skipped):
            assert problems(self.tree, self.now) == []
        return plan.answer

    def values(self, name: str = "preview-1") -> Any:
        return yaml.safe_load(self.text("values", name))

    def application(self, name: str = "preview-1") -> Any:
        return yaml.safe_load(self.text("application", name))

    def text(self, file: str, name: str = "preview-1") -> str:
        return text(self.tree, f"{PREVIEWS}/{name}/{file}.yaml")

    def _move(self, after: Tree, *, by_starry: bool, edits: tuple[ValueEdit, ...] = ()) -> None:
        before, self.tree = self.tree, after
        names = {path.split("/")[3] for path in (*before.files, *after.files) if path.startswith(f"{PREVIEWS}/")}
        for name in names:
            files = {file: change for file in FILES if (change := self._change(f"{PREVIEWS}/{name}/{file}", before))}
            if f"{PREVIEWS}/{name}/application.yaml" not in after.files:
                self.revisions.pop(name, None)
            elif files:
                own = tuple(join_path(edit.path) for edit in edits)
                revision = Revision(by_starry=by_starry, own=own, files=files)
                self.revisions.setdefault(name, []).append(revision)

    def _change(self, path: str, before: Tree) -> tuple[str | None, str] | None:
        old, new = before.files.get(path), self.tree.files.get(path)
        return None if new is None or new == old else (self._blob(old) if old is not None else None, self._blob(new))

    def _blob(self, content: bytes) -> str:
        oid = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        self.contents[oid] = content
        return oid


def replaced(old: str, new: str) -> Callable[[str], str]:
    """The edit that writes one text in the place of another."""
    return lambda content: content.replace(old, new)
