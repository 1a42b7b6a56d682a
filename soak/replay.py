"""Replays the branch's record, update by update, and holds each against what its operation may do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from soak.journal import Attempt
from soak.model import State, Unreadable, Window, is_collectable, problems, read_state
from soak.operation import Item, Operation
from soak.record import Blobs, Commit, Update, ancestors, folders_of, previews_at
from soak.sandbox import PREVIEWS, Sandbox

_FILES = {"application.yaml", "values.yaml"}
_ACTIONS: Mapping[str, frozenset[str]] = {
    "create": frozenset({"create", "update"}),
    "update": frozenset({"update"}),
    "extend": frozenset({"extend"}),
    "delete": frozenset({"delete"}),
    "gc": frozenset({"gc"}),
    "apply": frozenset({"apply"}),
    "upgrade": frozenset({"upgrade"}),
}
_STATUSES: Mapping[str, frozenset[str]] = {
    "create": frozenset("A"),
    "update": frozenset("M"),
    "extend": frozenset("M"),
    "delete": frozenset("D"),
    "gc": frozenset("D"),
    "apply": frozenset("AMD"),
    "upgrade": frozenset("M"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A promise that was not kept: which kind, whose operation, at which commit, and how."""

    kind: str
    operation: str
    commit: str
    what: str


@dataclass
class Replay:
    """The state of every preview after each update. Read `landed`, `dropped` and `breaches` when it is done."""

    sandbox: Sandbox
    commits: Mapping[str, Commit]
    attempts: Mapping[str, Attempt]
    blobs: Blobs
    states: dict[str, State] = field(default_factory=dict)
    landed: dict[str, list[str]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    breaches: list[Breach] = field(default_factory=list)
    tip: str = ""

    def run(self, updates: list[Update]) -> None:
        """Goes through all updates."""
        for update in updates:
            if self.tip and update.old != self.tip:
                self._note("lost", update.by, update.new, f"the record jumps from {self.tip} to {update.old}")
            commit = self.commits[update.new]
            if commit.by in self.attempts and commit.parents == (update.old,):
                self._replay_operation(commit, self.attempts[commit.by])
            else:
                self._replay_person(update, commit)
            self.tip = update.new
        for name, blobs in previews_at(self.sandbox, self.tip).items():
            if self.states.pop(name, None) != self._read(name, blobs):
                self._note("lost", "", self.tip, f"{name} is not at the tip what the replay says")
        for name in self.states:
            self._note("lost", "", self.tip, f"{name} is gone at the tip, and nobody removed it")

    def _note(self, kind: str, operation: str, commit: str, what: str) -> None:
        self.breaches.append(Breach(kind=kind, operation=operation, commit=commit, what=what))

    def _read(self, name: str, blobs: tuple[str, str]) -> State | None:
        application, values = (self.blobs.read(blob) if blob else None for blob in blobs)
        if application is None or values is None:
            return None
        try:
            return read_state(name, application, values)
        except Unreadable:
            return None

    def _replay_person(self, update: Update, commit: Commit) -> None:
        """A person may do anything, by force too; whoever is no person may not."""
        gone = ancestors(self.sandbox, update.old, without=update.new) if self.tip else set()
        if self.tip and not (update.by.startswith("person-") or (not gone and commit.by.startswith("person-"))):
            self._note("lost", update.by, update.new, f"a push by {update.by} that is not one commit on {update.old}")
        self.dropped |= gone
        self.states = {}
        for name, blobs in previews_at(self.sandbox, update.new).items():
            state = self._read(name, blobs)
            if state is None:
                self._note("half", update.by, update.new, f"{name} cannot be read")
            else:
                self.states[name] = state

    def _replay_operation(self, commit: Commit, attempt: Attempt) -> None:
        self.landed.setdefault(commit.by, []).append(commit.id)
        for kind, what in self._problems(commit, attempt):
            self._note(kind, commit.by, commit.id, what)
        for name in folders_of(commit.changes):
            state = self._state_in(commit, name)
            if state is None:
                self.states.pop(name, None)
            else:
                self.states[name] = state

    def _state_in(self, commit: Commit, name: str) -> State | None:
        application, values = (self.blobs.read(f"{commit.id}:{PREVIEWS}/{name}/{file}") for file in sorted(_FILES))
        return None if application is None or values is None else read_state(name, application, values)

    def _problems(self, commit: Commit, attempt: Attempt) -> Iterator[tuple[str, str]]:
        """What is half (files, trailers) or wrong (content) about an operation's commit."""
        operation = attempt.operation
        action = next(iter(commit.trailers("Starry-Action")), "")
        folders = folders_of(commit.changes)
        if action not in _ACTIONS.get(operation.kind, ()):
            yield "half", f"the action {action} is none of {operation.kind}"
            return
        if sorted(folders) != sorted(commit.trailers("Starry-Preview")):
            yield "half", f"changes {sorted(folders)}, but names {commit.trailers('Starry-Preview')}"
        if sum(map(len, folders.values())) != len(commit.changes):
            yield "half", f"changes more than previews: {sorted(commit.changes)}"
        items = {item.name: item for item in operation.items}
        window = window_of(attempt)
        for name, files in folders.items():
            yield from self._problems_of_files(commit, action, name, files)
            if all(commit.changes[path] == "D" for path in files.values()):
                yield from self._problems_of_removal(name, operation, window)
            elif name not in items and action != "upgrade":
                yield "half", f"{name} is none of those that {operation.id} names"
            else:
                yield from self._problems_of_state(commit, attempt, items.get(name, Item(name=name)), window)

    def _problems_of_files(
        self, commit: Commit, action: str, name: str, files: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        statuses = {commit.changes[path] for path in files.values()}
        if not statuses <= _STATUSES[action] or not set(files) <= _FILES:
            yield "half", f"{action} of {name} has {sorted(statuses)} for {sorted(files)}"
        if statuses != {"M"} and (len(statuses) > 1 or set(files) != _FILES):
            yield "half", f"{action} of {name} touches only {sorted(files)}"

    def _problems_of_removal(self, name: str, operation: Operation, window: Window) -> Iterator[tuple[str, str]]:
        before, named = self.states.get(name), {item.name for item in operation.items}
        if before is None:
            yield "half", f"{name} was not there to remove"
        elif operation.kind == "gc" and not is_collectable(before, window.end):
            yield "wrong", f"gc took {name}, which expires {before.expires}, pinned {before.pinned}, at {window.end}"
        elif operation.kind == "delete" and name not in named:
            yield "half", f"{name} is none of those that were to be deleted"
        elif operation.kind == "apply" and (
            name in named or before.pinned or f"owner={before.owner}" not in operation.words
        ):
            yield "wrong", f"apply pruned {name}, pinned {before.pinned}, of {before.owner}"

    def _problems_of_state(
        self, commit: Commit, attempt: Attempt, item: Item, window: Window
    ) -> Iterator[tuple[str, str]]:
        try:
            after = self._state_in(commit, item.name)
        except Unreadable as error:
            yield "half", str(error)
            return
        if after is None:
            yield "half", f"{item.name} lacks a file"
            return
        before = self.states.get(item.name)
        for what in problems(attempt.operation, item, before, after, window):
            yield "wrong", f"{item.name}: {what}"


def _is_prunable(name: str, before: State, operation: Operation) -> bool:
    listed = any(item.name == name for item in operation.items)
    return not listed and not before.pinned and f"owner={before.owner}" in operation.words


def window_of(attempt: Attempt) -> Window:
    """When the command ran, by its own clock."""
    ahead = timedelta(seconds=attempt.operation.clock)
    start, end = (datetime.fromtimestamp(seconds, UTC) + ahead for seconds in (attempt.started, attempt.ended))
    return Window(start=start, end=end)
