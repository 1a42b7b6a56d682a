"""What a forge in memory holds: one repository, its pull requests, comments, people and statuses."""

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
_BEGIN = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """A path that a pull request changes; `before` is where it was, when it was elsewhere."""

    path: str
    before: str | None = None


@dataclass(kw_only=True)
class Pull:
    """A pull request. `state` is `open`, `closed` or `merged`; `merge_state` what blocks it, none when it is empty."""

    number: int
    title: str
    author: str | None
    head_branch: str
    head_commit: str
    head_repository: str | None
    base_branch: str
    body: str | None = None
    state: str = "open"
    draft: bool = False
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    files: list[ChangedFile] = field(default_factory=list)
    more_files: int = 0
    auto_merge: bool = False
    looks: int = 0
    blocked: bool = True
    conflict: bool = False
    updated_at: datetime = _BEGIN

    @property
    def instant(self) -> str:
        """When it last changed, as JSON has it."""
        return self.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Note:
    """A comment; `kind` is GitLab's."""

    id: int
    number: int
    author: str | None
    body: str
    system: bool = False
    kind: str | None = None


@dataclass(kw_only=True)
class ForgeState:
    """One repository. People are known by name; `tokens` says whose a token is, "" for an app's or a job's."""

    path: str = "acme/backend"
    private: bool = True
    people: dict[str, int] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    forks: dict[str, int] = field(default_factory=dict)
    hidden_forks: set[str] = field(default_factory=set)
    pulls: dict[int, Pull] = field(default_factory=dict)
    notes: dict[int, Note] = field(default_factory=dict)
    statuses: dict[tuple[str, str], dict[str, str | None]] = field(default_factory=dict)
    allows_auto_merge: bool = True
    merge_methods: tuple[str, ...] = ("merge", "squash", "rebase")

    def __post_init__(self) -> None:
        self._ids = itertools.count(1001)
        self._clock = itertools.count(1)
        self.push("main")

    def person(self, name: str, level: str = "none", token: str | None = None) -> str:
        """Somebody who may do this in the repository; gives the name."""
        self.people.setdefault(name, next(self._ids))
        self.grants[name] = level
        if token is not None:
            self.tokens[token] = name
        return name

    def push(self, branch: str) -> str:
        """A new commit on a branch of the repository itself."""
        commit = hashlib.sha1(f"{branch}{next(self._ids)}".encode()).hexdigest()
        self.branches[branch] = commit
        for pull in self.pulls.values():
            if (pull.head_branch, pull.head_repository, pull.state) == (branch, self.path, "open"):
                pull.head_commit = commit
                pull.auto_merge = False
                self.touch(pull)
        return commit

    def open(self, head_branch: str, *, author: str = "ada", title: str = "", fork: str | None = "", **more) -> int:
        """Opens a pull request; `fork` is the repository of its branch, None when that is gone. Gives the number."""
        self.person(author, self.grants.get(author, "none"))
        if fork:
            self.forks.setdefault(fork, next(self._ids))
        own = fork == ""
        commit = self.branches.get(head_branch) if own else None
        number = len(self.pulls) + 1
        self.pulls[number] = Pull(
            number=number,
            title=title or f"Change {head_branch}",
            author=author,
            head_branch=head_branch,
            head_commit=commit or (self.push(head_branch) if own else hashlib.sha1(head_branch.encode()).hexdigest()),
            head_repository=self.path if own else fork,
            base_branch=more.pop("base", "main"),
            **more,
        )
        self.touch(self.pulls[number])
        return number

    def note(self, number: int, body: str, *, author: str | None = "ada", **more) -> int:
        """Adds a comment; gives its id."""
        if author is not None:
            self.person(author, self.grants.get(author, "none"))
        made = Note(id=next(self._ids), number=number, author=author, body=body, **more)
        self.notes[made.id] = made
        return made.id

    def touch(self, pull: Pull) -> None:
        """It changed just now."""
        pull.updated_at = _BEGIN + timedelta(seconds=next(self._clock))

    def may(self, name: str | None, least: str) -> bool:
        """Whether somebody may do at least this; a token without a name may do all but administrate."""
        level = "write" if name == "" else self.grants.get(name or "", "none")
        if level == "none" and not self.private and name is not None:
            level = "read"
        return LEVELS.index(level) >= LEVELS.index(least)
