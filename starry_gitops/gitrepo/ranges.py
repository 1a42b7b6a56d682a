"""A change of the apps repository: the tip of the branch that it goes to, where it began, and its own tip.

Forges show a pull request as what differs between the merge base and its head. What the base branch got meanwhile is no
part of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starry_gitops.errors import InvalidRepository, NotFound, UsageFault
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.failures import read_failure
from starry_gitops.gitrepo.history import DEPTHS, edge_of
from starry_gitops.gitrepo.objects import ObjectReader
from starry_gitops.gitrepo.process import run_git
from starry_gitops.gitrepo.repo import AppsRepository
from starry_gitops.gitrepo.snapshot import GitSnapshot

_DIVIDER = re.compile(r"\.\.\.?")
_COMMON = "refs/starry/common"
_UNRELATED = "the two commits have no history in common"
# Git's own number for "all of it" (git-fetch, --depth).
_WHOLE = 2_147_483_647


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """The three commits of a change."""

    base: GitSnapshot
    fork: GitSnapshot
    head: GitSnapshot


def split_range(text: str) -> tuple[str, str]:
    """`BASE..HEAD` or `BASE...HEAD`; both mean what HEAD changed since it left BASE. A side left out is HEAD.

    Raises:
        UsageFault: it has neither form.
    """
    sides = _DIVIDER.split(text)
    if len(sides) != 2 or not any(sides):  # noqa: PLR2004 - a range has two sides
        raise UsageFault(f"{text!r} is no range of commits", hint="write BASE...HEAD, e.g. origin/main...HEAD")
    base, head = (side or "HEAD" for side in sides)
    return base, head


@contextmanager
def open_local_range(folder: Path, base: str | None, head: str) -> Iterator[Ends]:
    """A change in the repository around `folder`; `base` None is origin's default branch.

    Raises:
        NotFound: a side does not exist, or the two have nothing in common.
        UsageFault: a side is no revision's name.
    """
    reader = ObjectReader(folder, git_environment())
    try:
        start = _default_base(reader) if base is None else _commit(reader, folder, base)
        end = _commit(reader, folder, head)
        common = _merge_base(folder, start, end)
        if common is None:
            hint = "fetch more history: git fetch --unshallow (in a pipeline: fetch-depth 0, GIT_DEPTH 0)"
            raise NotFound(_UNRELATED, hint=hint)
        yield Ends(base=_snapshot(reader, start), fork=_snapshot(reader, common), head=_snapshot(reader, end))
    finally:
        reader.close()


def _default_base(reader: ObjectReader) -> str:
    for ref in ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"):
        found = reader.find(f"{ref}^{{commit}}")
        if found is not None:
            return found[0]
    raise NotFound("this clone does not know origin's default branch", hint="name it: starry review origin/main...HEAD")


def _commit(reader: ObjectReader, folder: Path, revision: str) -> str:
    if revision.startswith("-") or not revision.isprintable() or " " in revision:
        raise UsageFault(f"{revision!r} is not a revision")
    found = reader.find(f"{revision}^{{commit}}")
    if found is None:
        raise NotFound(f"no revision {revision} in the repository at {folder}", hint="check the range; git fetch first")
    return found[0]


def _snapshot(reader: ObjectReader, oid: str) -> GitSnapshot:
    found = reader.read(oid)
    if found is None:
        raise InvalidRepository(f"the commit {oid} is not in this clone", hint="fetch it, or use --repo")
    tree = found[1][len(b"tree ") :].split(b"\n", 1)[0].decode()
    return GitSnapshot(oid, tree, reader, _fetch_nothing)


def _fetch_nothing(oids: list[str]) -> None:
    raise InvalidRepository(f"{len(oids)} objects are not in this partial clone", hint="fetch them, or use --repo")


def _merge_base(folder: Path, base: str, head: str) -> str | None:
    """Where the two parted; the best of several, as forges take it."""
    done = run_git(["merge-base", base, head], env=git_environment(), cwd=folder)
    if done.code or (_is_shallow(folder) and not _is_exact(folder, base, head)):
        return None
    return done.out.decode().strip()


def _is_shallow(folder: Path) -> bool:
    done = run_git(["rev-parse", "--is-shallow-repository"], env=git_environment(), cwd=folder)
    return done.out.strip() == b"true"


def _is_exact(folder: Path, base: str, head: str) -> bool:
    """In a shallow clone: whether both sides are here, back to where they parted. Else an older one may be taken."""
    shallow = run_git(["rev-parse", "--git-path", "shallow"], env=git_environment(), cwd=folder)
    edge = set((folder / shallow.out.decode().strip()).read_text().split())
    return not edge & _parted(run_git(_parting(base, head), env=git_environment(), cwd=folder).out)


def _parting(base: str, head: str) -> list[str]:
    return ["rev-list", f"{base}...{head}"]


def _parted(out: bytes) -> set[str]:
    return set(out.decode().split())


def remote_range(repository: AppsRepository, head: str) -> Ends:
    """A change that a remote has: from its branch, which the repository has cloned, to a branch, tag, ref or commit.

    Raises:
        NotFound: there is no such head, or the two have nothing in common.
    """
    base, end = repository.snapshot(), repository.snapshot_of(head)
    common = _remote_merge_base(repository, base.revision, end.revision, head)
    if common == base.revision:
        return Ends(base=base, fork=base, head=end)
    return Ends(base=base, fork=_fetched(repository, common, head), head=end)


def _remote_merge_base(repository: AppsRepository, base: str, head: str, name: str) -> str:
    """From commits alone, as few as will do: neither files nor folders are needed to see where two branches part."""
    if base == head:
        return base
    folder = repository.git_dir.parent / "parting.git"
    repository.run(["init", "--quiet", "--bare", "--template=", str(folder)])
    for depth in (*DEPTHS, None):
        _fetch_commits(repository, folder, name, depth)
        found = repository.run(["merge-base", base, head], folder=folder)
        parting = repository.run(_parting(base, head), folder=folder)
        if not parting.code and not edge_of(folder) & _parted(parting.out):
            break
    if found.code:
        raise NotFound(_UNRELATED, hint="check --branch and the range")
    return found.out.decode().strip()


def _fetch_commits(repository: AppsRepository, folder: Path, name: str, depth: int | None) -> None:
    options = ["--quiet", "--no-tags", "--no-write-fetch-head", f"--depth={depth or _WHOLE}"]
    refspecs = [f"+refs/heads/{repository.branch}:refs/heads/base", f"+{name}:refs/heads/head"]
    for filters in (["--filter=tree:0"], []):
        done = repository.run(["fetch", *options, *filters, "--", repository.remote.url, *refspecs], folder=folder)
        if not done.code:
            return
    raise read_failure(done.err, repository.remote.url)


def _fetched(repository: AppsRepository, commit: str, head: str) -> GitSnapshot:
    """A commit by its id; from a server that gives none but its refs, with all that leads to the head."""
    try:
        return repository.snapshot_of(commit)
    except NotFound:
        done = repository.fetch([f"--depth={_WHOLE}", f"+{head}:{_COMMON}"])
        if done.code:
            raise read_failure(done.err, repository.remote.url) from None
        return repository.snapshot_at(commit)
