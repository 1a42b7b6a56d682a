"""The page of `starry demo --web`: what it shows, and what to do there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from starry_gitops.cli.page_parts import git_person, local_door, share_log
from starry_gitops.core.apply import plan_apply
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import ImageRequest, PullRequest, Source
from starry_gitops.core.proposal import branch_of
from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.mirror import open_mirror
from starry_gitops.gitrepo.remotes import resolve_remote
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import publish
from starry_gitops.service import current_time
from starry_gitops.web.app import create_app
from starry_gitops.web.config import WebConfig
from starry_gitops.web.serving import listen, serve

_HOST, _PORT = "127.0.0.1", 8080
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """A preview that somebody made some minutes ago, for some minutes."""

    ago: int
    owner: str
    source: Source
    tags: tuple[tuple[str, str], ...]
    ttl: int
    pin: bool = False


def _pull_request(number: int) -> Source:
    return Source(pull_request=PullRequest(number=number))


_PREVIEWS = (
    _Made(
        ago=1_560,
        owner="dana",
        source=Source(name="sales-demo"),
        tags=(("backend", "v2.3.0"), ("frontend1", "v2.3.0"), ("frontend2", "v2.3.0")),
        ttl=240,
        pin=True,
    ),
    _Made(ago=125, owner="carol", source=_pull_request(97), tags=(("backend", "pr-97-0d1c2ab"),), ttl=30),
    _Made(
        ago=95,
        owner="alice",
        source=_pull_request(118),
        tags=(("backend", "pr-118-77aa019"), ("frontend2", "pr-118-77aa019")),
        ttl=240,
    ),
    _Made(ago=50, owner="bob", source=Source(branch="feat/login"), tags=(("backend", "feat-login-5e81f"),), ttl=60),
    _Made(
        ago=12,
        owner="alice",
        source=_pull_request(123),
        tags=(("backend", "pr-123-abcd123"), ("frontend1", "pr-123-abcd123")),
        ttl=120,
    ),
    _Made(ago=2, owner="bob", source=_pull_request(131), tags=(("backend", "pr-131-90fe4d2"),), ttl=30),
)


def fill(bare: Path) -> int:
    """Makes previews of some people, as if over the last day; gives how many."""
    now = current_time()
    for made in _PREVIEWS:
        images = tuple(ImageRequest(component=name, repository=None, tag=tag) for name, tag in made.tags)
        owner = f"{made.owner}@mycompany.com"
        intent = Apply(source=made.source, images=images, owner=owner, ttl=made.ttl, pin=made.pin)
        target = Target(repo=str(bare), author=f"{made.owner.capitalize()} <{owner}>", timeout=_SECONDS)
        naming = branch_of(made.source, None)
        publish(target, partial(plan_apply, intent), proposal=naming, now=now - timedelta(minutes=made.ago))
    return len(_PREVIEWS)


def show(bare: Path, *, started: Callable[[str], None]) -> None:
    """Serves the page on this machine alone until Ctrl-C; `started` is told its address."""
    remote = resolve_remote(str(bare))
    try:
        listening = listen(_HOST, _PORT)
    except UsageFault:
        listening = listen(_HOST, 0)
    port: int = listening.getsockname()[1]
    address = f"http://{_HOST}:{port}"
    with listening, open_mirror(remote, branch=None, timeout=_SECONDS) as mirror:
        committer = git_person(remote, "COMMITTER")
        target = Target(repo=remote.url, branch=mirror.branch, timeout=_SECONDS, sign=False, committer=committer)
        config = WebConfig(target=target, base_url=address, host=_HOST, port=port, poll_seconds=1.0)
        app = create_app(config, door=local_door(remote), mirror=mirror)
        share_log()
        serve(app, listening, started=lambda _: started(address))


def tell(address: str, bare: Path, count: int) -> list[str]:
    """What a person is told."""
    return [
        f"The page is at {address}, on this machine alone. It shows {count} previews of four people.",
        "",
        "What to do there:",
        "  1. Look around: one preview is pinned, one expires soon, one has expired.",
        "  2. New preview: as Name give my-preview, as backend v1.0.0; Look at the changes; Create.",
        "  3. On its page: Extend, Pin, Change images; then Delete….",
        "",
        "Each of these is a commit in Git, and you are its author:",
        f"  git -C {bare} log --stat -3",
        "A program does the same:",
        f"  curl {address}/api/v1/previews/preview-123",
        f"  starry --repo {bare} list",
        "",
        f"Ctrl-C ends the page. {bare.parent} stays; remove it when you have seen enough.",
    ]
