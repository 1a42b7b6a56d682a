"""A forge in memory that keeps to the protocol, and syncs of an apps repository in memory with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status
from starry_gitops.core.model import Plan
from starry_gitops.core.sync import Sync, Synced
from starry_gitops.core.sync_settings import ForgeSettings
from starry_gitops.core.sync_work import Made
from starry_gitops.errors import NotFound, StarryError
from starry_gitops.forges.protocol import Forge
from starry_gitops.forges.syncing import Scope, Syncing
from tests.unit.world import NOW, SETTINGS, Tree, context, empty

BACKEND = "https://github.com/myorg/sample-be"
FRONTEND = "https://github.com/myorg/sample-fe"
SYNC = f"""\
sync:
  images: {{backend: main}}
  repositories:
    be: {{url: "{BACKEND}", component: backend, forkLabel: preview-ok}}
    fe: {{url: "{FRONTEND}", component: frontend1, name: "fe-{{number}}", labels: [preview]}}
"""
WORLD = empty(SETTINGS + SYNC)


def commit(number: int) -> str:
    return f"{number:040x}"


def pull(number: int = 1, url: str = BACKEND, **changes: object) -> ForgePullRequest:
    """An open pull request of nobody in particular."""
    path = url.partition("://")[2].partition("/")[2]
    one = ForgePullRequest(
        number=number,
        url=f"{url}/pull/{number}",
        title="Something",
        state="open",
        draft=False,
        author="alice",
        labels=("preview",),
        head_branch=f"feat/{number}",
        head_commit=commit(number),
        head_repository=path,
        base_branch="main",
        base_repository=path,
    )
    return replace(one, **changes)


@dataclass(kw_only=True)
class ToyForge:
    """Implements `forges.protocol.Forge` as far as `sync` reads it. `failing` maps a method, or a number, to an error.

    `unlisted` pull requests are there, but the list lacks them; `asked` counts the questions.
    """

    repository: str = "myorg/sample-be"
    kind: str = "github"
    longest_comment: int = 65_536
    pulls: dict[int, ForgePullRequest] = field(default_factory=dict)
    files: dict[int, Sequence[str]] = field(default_factory=dict)
    failing: dict[str | int, StarryError] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def put(self, *pulls: ForgePullRequest) -> "ToyForge":
        self.pulls |= {one.number: one for one in pulls}
        return self

    def change(self, number: int, /, **changes: object) -> None:
        self.pulls[number] = replace(self.pulls[number], **changes)

    def _ask(self, method: str, number: int | None = None) -> None:
        self.asked.append(method if number is None else f"{method} {number}")
        for key in (method, number):
            if key in self.failing:
                raise self.failing[key]

    def pull_requests(self) -> Sequence[ForgePullRequest]:
        self._ask("pull_requests")
        return [one for one in self.pulls.values() if one.state == "open" and one.number not in self.unlisted]

    def pull_request(self, number: int) -> ForgePullRequest:
        self._ask("pull_request", number)
        if number not in self.pulls:
            raise NotFound(f"no pull request {number}")
        return self.pulls[number]

    def changed_files(self, number: int) -> Sequence[str]:
        self._ask("changed_files", number)
        return self.files.get(number, ())

    def _unused(self) -> NoReturn:
        raise AssertionError("sync only reads pull requests")

    def comments(self, number: int) -> Sequence[ForgeComment]:
        self._unused()

    def create_comment(self, number: int, body: str) -> ForgeComment:
        self._unused()

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:
        self._unused()

    def delete_comment(self, number: int, comment: int) -> None:
        self._unused()

    def me(self) -> str:
        self._unused()

    def permission(self, user: str) -> Permission:
        self._unused()

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        self._unused()

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        self._unused()

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        self._unused()

    def close_pull_request(self, number: int) -> None:
        self._unused()

    def auto_merge(self, number: int, head_commit: str) -> bool:
        self._unused()

    def set_status(self, commit: str, status: Status) -> None:
        self._unused()

    def head_ref(self, number: int) -> str:
        self._unused()


@dataclass(kw_only=True)
class Forges:
    """The forges of both repositories of WORLD."""

    be: ToyForge = field(default_factory=ToyForge)
    fe: ToyForge = field(default_factory=lambda: ToyForge(repository="myorg/sample-fe"))

    def find(self, url: str, settings: ForgeSettings) -> Forge:
        """As `Syncing` looks them up."""
        assert settings == ForgeSettings()
        return {BACKEND: self.be, FRONTEND: self.fe}[url]


def syncing(
    forges: Forges,
    *names: str,
    pull_request: str | None = None,
    made: Callable[[], Made] = frozenset,
    **intent: object,
) -> Syncing:
    """What decides; more than one decision may be asked of it."""
    return Syncing(Sync(**intent), Scope(names=names, pull_request=pull_request), forges.find, made)


def sync(tree: Tree, forges: Forges, *names: str, now: datetime = NOW, **options: object) -> tuple[Plan[Synced], Tree]:
    """A sync's plan and the tree that it leads to."""
    plan = syncing(forges, *names, **options)(context(tree, now))
    return plan, tree.apply(plan.changes)


def told(plan: Plan[Synced]) -> dict[str, str]:
    """What became of each preview that changed."""
    return {one.name: one.action for one in plan.answer.done}


def skipped(plan: Plan[Synced]) -> dict[str, str]:
    return {one.name: one.reason for one in plan.answer.skipped}
