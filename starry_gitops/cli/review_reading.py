"""Where a review's commits come from: the clone that one stands in, a remote, or a pull request's forge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starry_gitops.cli.options import Options
from starry_gitops.core.context import Context
from starry_gitops.core.findings import Finding
from starry_gitops.core.forge_url import parse_forge_url
from starry_gitops.core.model import Snapshot
from starry_gitops.errors import InvalidRepository, UsageFault
from starry_gitops.forges.finding import find_forge
from starry_gitops.forges.protocol import Forge
from starry_gitops.gitrepo.ranges import Ends, open_local_range, remote_range, split_range
from starry_gitops.gitrepo.remotes import Remote
from starry_gitops.helm import load_engine
from starry_gitops.service import current_time, load_settings, make_context, open_repository
from starry_gitops.settings import SETTINGS_FILE


@dataclass(frozen=True, kw_only=True, slots=True)
class Pull:
    """A pull request of the apps repository, and the forge that has it."""

    forge: Forge
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be reviewed: a range, a pull request's URL, or neither. `kind`, `api_url`: where URLs do not tell."""

    range: str | None
    pull_request: str | None
    kind: str | None
    api_url: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The three commits, where they come from, and the pull request that they belong to."""

    ends: Ends
    remote: Remote
    pull: Pull | None = None


@contextmanager
def open_change(options: Options, request: Request) -> Iterator[Opened]:
    """The change that is asked for.

    Raises:
        UsageFault: the options contradict one another.
        StarryError: the commits cannot be had.
    """
    if request.pull_request is not None:
        if request.range is not None:
            raise UsageFault("give a range or --pr, not both")
        with _open_pull(options, request.pull_request, request) as opened:
            yield opened
    elif options.repo is not None:
        with _open_remote(options, request.range) as opened:
            yield opened
    else:
        base, head = (None, "HEAD") if request.range is None else split_range(request.range)
        if base is None and options.branch is not None:
            base = f"origin/{options.branch}"
        with open_local_range(Path.cwd(), base, head) as ends:
            yield Opened(ends=ends, remote=Remote(url=""))


@contextmanager
def _open_remote(options: Options, given: str | None) -> Iterator[Opened]:
    if given is None:
        raise UsageFault("with --repo, the change must be named", hint="give BASE...HEAD (two branches), or --pr URL")
    base, head = split_range(given)
    with open_repository(replace(options.target(), branch=base), whole=True, meanwhile=load_engine) as repository:
        yield Opened(ends=remote_range(repository, head), remote=repository.remote)


@contextmanager
def _open_pull(options: Options, url: str, request: Request) -> Iterator[Opened]:
    place = parse_forge_url(url)
    if place.number is None:
        raise UsageFault("--pr needs the pull request's URL", hint="https://HOST/OWNER/NAME/pull/7 is its form")
    forge = find_forge(url, kind=request.kind, api_url=request.api_url, seconds=options.timeout)
    pull = forge.pull_request(place.number)
    target = replace(options.target(), repo=options.repo or f"{place.page}.git", branch=pull.base_branch)
    with open_repository(target, whole=True, meanwhile=load_engine) as repository:
        ends = remote_range(repository, forge.head_ref(place.number))
        yield Opened(ends=ends, remote=repository.remote, pull=Pull(forge=forge, number=place.number))


def base_context(opened: Opened) -> Context:
    """All that decisions start from: the base branch's settings and templates.

    Raises:
        InvalidRepository: they are broken. Then nothing can be held against them.
    """
    try:
        return make_context(opened.ends.base, opened.remote, current_time())
    except InvalidRepository as error:
        message = f"the base of the change has no valid settings: {error.bare_message}"
        hint = "a review goes by the settings of the base; an administrator mends those first"
        raise InvalidRepository(message, file=error.file, line=error.line, hint=hint) from None


def head_settings(fork: Snapshot, head: Snapshot) -> Finding | None:
    """What is wrong with the settings that the change would bring."""
    if fork.entries("").get(SETTINGS_FILE) == head.entries("").get(SETTINGS_FILE):
        return None
    try:
        load_settings(head)
    except InvalidRepository as error:
        return Finding(rule="settings", file=error.file, line=error.line, message=error.bare_message)
    return None
