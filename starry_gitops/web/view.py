"""Every preview of one commit, as the API and the pages show it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.inventory import Listed, list_previews
from starry_gitops.core.model import Entry, Skipped, Snapshot, Source
from starry_gitops.core.naming import check_name
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.ttl import format_instant, is_expired
from starry_gitops.errors import NotFound
from starry_gitops.gitrepo.history import LoggedCommit
from starry_gitops.gitrepo.mirror import Mirror
from starry_gitops.service import current_time, make_context
from starry_gitops.settings import SETTINGS_FILE
from starry_gitops.shapes import commit_data, preview_data, preview_details

Row = Mapping[str, Any]
"""One object of `starry list -o json`."""

_HISTORIES = 2_000
_MOST_COMMITS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """An overlay's previews by name, and the ids of their folders."""

    folders: Mapping[str, str]
    found: Mapping[str, Listed | Skipped]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """The rows, as they are from one instant on and before another; `clock` is when the last of them expired."""

    rows: tuple[Row, ...]
    made_of: Mapping[str, tuple[Listed, Row]]
    since: datetime
    until: datetime | None
    clock: datetime | None


class View:
    """The apps repository at one commit. Threads may share it; what it gives is not to be changed.

    Attributes:
        revision: the commit's id.
        settings: its starry.yaml.
        apps_url: where the repository is cloned from.
        shelves: what was read, by overlay.
        key: the id of starry.yaml, by which all of it was read.
        held: the rows, by overlay.
    """

    def __init__(
        self, context: Context, shelves: Mapping[str, _Shelf], key: str, mirror: Mirror, rows: Mapping[str, _Rows]
    ) -> None:
        self.revision = context.snapshot.revision
        self.settings: Settings = context.settings
        self.apps_url = context.apps_url
        self._context = context
        self.shelves = shelves
        self.key = key
        self.held = {name: _rows_of(shelf, context, rows.get(name)) for name, shelf in shelves.items()}
        self._lock = threading.Lock()

        @lru_cache(maxsize=_HISTORIES)
        def commits(folder: str, limit: int) -> tuple[LoggedCommit, ...]:
            return mirror.log(folder, revision=self.revision, limit=limit)

        @lru_cache(maxsize=_HISTORIES)
        def details(name: str, overlay: str) -> dict[str, Any]:
            data, folder = preview_details(self._context, Source(name=name), overlay)
            return {**data, "lastCommit": commit_data(next(iter(commits(folder, 1)), None))}

        self._commits, self._details = commits, details

    @classmethod
    def read(cls, snapshot: Snapshot, mirror: Mirror, before: "View | None") -> "View":
        """Reads all previews; those whose folders are as in an earlier view are taken from there.

        Raises:
            StarryError: the settings cannot be read.
        """
        context = make_context(snapshot, mirror.remote, current_time())
        key = snapshot.entries("")[SETTINGS_FILE].oid
        known = before if before is not None and before.key == key else None
        old = known.shelves if known else {}
        shelves = {one.name: _shelf(context, one, old.get(one.name)) for one in context.settings.overlays.values()}
        return cls(context, shelves, key, mirror, known.held if known else {})

    def context(self, now: datetime | None = None) -> Context:
        """What a decision on this commit starts from; `now` is UTC."""
        return replace(self._context, now=now or current_time())

    def overlay(self, name: str | None) -> Overlay:
        """The named overlay, or the default one.

        Raises:
            NotFound: there is no overlay of that name.
        """
        return self.settings.overlay(name)

    def tree(self, name: str, overlay: Overlay) -> str | None:
        """The id of the preview's folder: equal ids are equal files. None when there is no such folder."""
        return self.shelves[overlay.name].folders.get(name)

    def rows(self, overlay: str | None = None, now: datetime | None = None) -> Sequence[Row]:
        """An overlay's previews as `starry list` shows them, sorted by name."""
        return self._rows_at(overlay, now).rows

    def stamp(self, overlay: str | None = None, now: datetime | None = None) -> str:
        """Changes whenever an answer about the overlay may: with the commit, and when a preview expires."""
        clock = self._rows_at(overlay, now).clock
        return f"{self.revision[:20]}-{format_instant(clock) if clock else 'new'}"

    def skipped(self, overlay: str | None = None) -> Sequence[Skipped]:
        """What stands among the previews and cannot be read as one."""
        shelf = self.shelves[self.overlay(overlay).name]
        return [one for one in shelf.found.values() if isinstance(one, Skipped)]

    def details(self, name: str, overlay: str | None = None, now: datetime | None = None) -> dict[str, Any]:
        """One preview as `starry show` shows it.

        Raises:
            NotFound, InvalidRepository: there is none, or it is broken.
        """
        where = self.overlay(overlay).name
        found = self._details(name, where)
        made_of = self._rows_at(where, now).made_of.get(name)
        return {**found, "expired": made_of[1]["expired"]} if made_of else found

    def history(self, name: str, overlay: str | None = None, *, limit: int = _MOST_COMMITS) -> list[dict[str, Any]]:
        """The preview's newest commits as `starry history` shows them, also when it is gone.

        Raises:
            NotFound: no commit touched it.
        """
        where = self.overlay(overlay)
        commits = self._commits(folder_of(where, check_name(name, self.settings, where)), _MOST_COMMITS)
        if not commits:
            raise NotFound(f"no commit touched a preview {name} in overlay {where.name}", hint="check the name")
        return [data for commit in commits[:limit] if (data := commit_data(commit))]

    def changed_since(self, before: "View | None") -> tuple[tuple[str, str], ...]:
        """Overlays and names of the previews that are new, gone or different."""
        old = {} if before is None else before.shelves
        return tuple(
            (overlay, name)
            for overlay, shelf in self.shelves.items()
            for name in sorted(_differing(shelf.folders, old[overlay].folders if overlay in old else {}))
        )

    def _rows_at(self, overlay: str | None, now: datetime | None) -> _Rows:
        name, now = self.overlay(overlay).name, now or current_time()
        held = self.held[name]
        if now < held.since or (held.until is not None and now >= held.until):
            with self._lock:
                held = self.held[name] = _rows_of(self.shelves[name], self.context(now), held)
        return held


class _Some:
    """A snapshot in which a folder holds only some of its entries."""

    def __init__(self, snapshot: Snapshot, folder: str, names: set[str]) -> None:
        self._snapshot = snapshot
        self._folder = folder
        self._names = names
        self.revision = snapshot.revision

    def entries(self, folder: str) -> Mapping[str, Entry]:
        found = self._snapshot.entries(folder)
        return {name: found[name] for name in self._names} if folder == self._folder else found

    def read(self, path: str) -> bytes | None:
        return self._snapshot.read(path)

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        return self._snapshot.read_many(paths)

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        return self._snapshot.walk(folder)

    def link_target(self, path: str) -> str:
        return self._snapshot.link_target(path)


def _shelf(context: Context, overlay: Overlay, before: _Shelf | None) -> _Shelf:
    entries = context.snapshot.entries(overlay.folder).items()
    folders = {name: entry.oid for name, entry in entries if entry.kind == "folder"}
    known = before.folders if before else {}
    new = {name for name, oid in folders.items() if known.get(name) != oid}
    narrow = replace(context, snapshot=_Some(context.snapshot, overlay.folder, new))
    found = {name: before.found[name] for name in folders if name not in new} if before else {}
    # Each comes in the order of the names.
    found |= dict(zip(sorted(new), list_previews(narrow, overlay), strict=True))
    return _Shelf(folders=folders, found={name: found[name] for name in sorted(folders)})


def _rows_of(shelf: _Shelf, context: Context, before: _Rows | None) -> _Rows:
    """Rows of previews that are as before are taken from there: making one costs as much as sending ten."""
    grace = context.settings.policy.gc.grace
    known = before.made_of if before else {}
    listed = [one for one in shelf.found.values() if isinstance(one, Listed)]
    made_of = {one.preview.name: (one, _row(one, context, known.get(one.preview.name))) for one in listed}
    ends = [one.preview.expires_at + timedelta(minutes=grace) for one in listed if not one.preview.pinned]
    return _Rows(
        rows=tuple(row for _, row in made_of.values()),
        made_of=made_of,
        since=context.now,
        until=min((end for end in ends if end > context.now), default=None),
        clock=max((end for end in ends if end <= context.now), default=None),
    )


def _row(listed: Listed, context: Context, before: tuple[Listed, Row] | None) -> Row:
    if before is None or before[0] is not listed:
        return preview_data(listed, context)
    preview, grace = listed.preview, context.settings.policy.gc.grace
    expired = not preview.pinned and is_expired(preview.expires_at, context.now, grace)
    return before[1] if before[1]["expired"] == expired else {**before[1], "expired": expired}


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    return {name for name, _ in one.items() ^ other.items()}
