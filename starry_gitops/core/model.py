"""The nouns: images, previews, intents and what a command answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from starry_gitops.core.texts import shown

T = TypeVar("T")

Action = Literal["created", "updated", "unchanged", "deleted", "absent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One component's image, as the chart's `image` block holds it.

    `tag` is a tag, a digest (`sha256:…`) or both (`TAG@sha256:…`).
    """

    repository: str
    tag: str

    @property
    def reference(self) -> str:
        """As a container runtime takes it."""
        return f"{self.repository}{'@' if self.tag.startswith('sha256:') else ':'}{self.tag}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRequest:
    """What `--image COMPONENT=…` asks for; `repository` is None when only a tag was given."""

    component: str
    repository: str | None
    tag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueEdit:
    """What `--set path=value` asks for: a place in values.yaml and a plain scalar."""

    path: tuple[str, ...]
    value: str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """A pull or merge request: its number, and its URL where one was given."""

    number: int
    url: str | None = None

    @property
    def text(self) -> str:
        """As the manifest's annotation holds it."""
        return self.url or str(self.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a preview is made for: the way a command names it, and the way a manifest remembers it."""

    name: str | None = None
    pull_request: PullRequest | None = None
    branch: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """One preview as its application.yaml describes it. All times are UTC, whole seconds."""

    name: str
    overlay: str
    namespace: str
    created_at: datetime
    expires_at: datetime
    ttl_minutes: int
    pinned: bool = False
    managed: bool = True
    owner: str | None = None
    pull_request: str | None = None
    branch: str | None = None
    commit: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """Create or replace one file of the apps repository."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delete:
    """Remove one file or a whole folder of the apps repository."""

    path: str


Change = Write | Delete


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What create, update, extend and delete answer, before a commit is known."""

    name: str
    overlay: str
    action: Action
    urls: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    ttl_minutes: int | None = None
    pinned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A preview that could not be judged, and why, on one line of bounded length."""

    name: str
    reason: str

    def __post_init__(self) -> None:
        """A reason may repeat what stands in the repository: anything, of any length."""
        object.__setattr__(self, "reason", shown(self.reason))


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What a collection decided: names removed, number kept, names skipped with a reason."""

    checked: int
    removed: tuple[str, ...]
    kept: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan(Generic[T]):
    """A decision: the changes, the commit message that explains them, and the answer to give."""

    changes: tuple[Change, ...]
    message: str
    answer: T


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a folder at a revision."""

    kind: Literal["file", "folder", "symlink", "submodule"]
    oid: str = ""


class Snapshot(Protocol):
    """The apps repository at one commit. Only what is asked for is fetched."""

    @property
    def revision(self) -> str:
        """The commit's id."""

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """What the folder holds, by name; empty when it does not exist. "" is the root."""

    def read(self, path: str) -> bytes | None:
        """A regular file's content; None when there is no such file or it is something else."""

    def read_many(self, paths: list[str]) -> Mapping[str, bytes]:
        """As `read`, for many files at the price of one look-up; absent files are left out."""

    def walk(self, folder: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry below a folder, with its path."""

    def link_target(self, path: str) -> str:
        """Where the symlink at a path points to."""
