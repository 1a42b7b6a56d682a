"""A preview's commits, as far back as is asked for. Only the whole history costs what it is long."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starry_gitops.core.texts import printable
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.failures import server_words
from starry_gitops.gitrepo.process import Completed
from starry_gitops.gitrepo.repo import AppsRepository

# How far back `show` looks, in steps, for the commit that touched a preview last: previews are short-lived.
DEPTHS = (50, 1_000, 20_000)
# The end of the year 9999: a commit's date may be anything, Python's ends there.
_LATEST = 253_402_300_799
_FIELDS = ("%H", "%ct", "%an", "%s")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedCommit:
    """One commit: its id, committer date (UTC), author's name and subject."""

    commit: str
    date: datetime
    author: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Commits, newest first, and how many commits of the branch were looked at to find them."""

    commits: tuple[LoggedCommit, ...]
    searched: int
    is_whole: bool


def history_of(
    repository: AppsRepository, folder: str, *, limit: int | None = None, since: datetime | None = None
) -> History:
    """The branch's commits that touched the folder: at most `limit`, and none before `since` (UTC).

    Without either, the whole history is fetched; else only as much as answers the question.
    """
    for depth in (*DEPTHS, None) if limit or since else (None,):
        clone = repository.clone_commits(depth)
        edge = edge_of(clone)
        found = [one for one in _log(repository, clone, folder, limit=None) if one.commit not in edge]
        recent = [one for one in found if since is None or one.date >= since]
        if not edge or (limit and len(recent) >= limit) or (since and _reaches(repository, clone, edge, since)):
            break
    count = int(_words(repository, clone, ["rev-list", "--count", f"refs/heads/{repository.branch}"])[0])
    return History(commits=tuple(recent[:limit]), searched=count, is_whole=not edge)


def _reaches(repository: AppsRepository, clone: Path, edge: set[str], since: datetime) -> bool:
    """True when all that was not fetched lies before the instant."""
    dates = _words(repository, clone, ["log", "--no-walk", "--no-show-signature", "--format=%ct", *sorted(edge)])
    return all(int(date) < since.timestamp() for date in dates)


def _words(repository: AppsRepository, clone: Path, arguments: list[str]) -> list[str]:
    done = repository.run(arguments, folder=clone)
    if done.code:
        raise StarryError(f"git {arguments[0]} failed: {server_words(done.err)}")
    return done.out.decode().split()


def last_commit(repository: AppsRepository, folder: str) -> LoggedCommit | None:
    """The newest commit that touched the folder, or None when it lies deeper than is looked."""
    for depth in DEPTHS:
        clone = repository.clone_commits(depth)
        found = _log(repository, clone, folder, limit=1)
        # At the edge of a shallow clone every file seems new.
        if found and found[0].commit not in edge_of(clone):
            return found[0]
    return None


def edge_of(clone: Path) -> set[str]:
    """The commits whose parents were not fetched."""
    shallow = clone / "shallow"
    return set(shallow.read_text().split()) if shallow.exists() else set()


def _log(repository: AppsRepository, clone: Path, folder: str, *, limit: int | None) -> list[LoggedCommit]:
    return parse_log(repository.run(log_arguments(f"refs/heads/{repository.branch}", folder, limit), folder=clone))


def log_arguments(revision: str, folder: str, limit: int | None) -> list[str]:
    """What Git is asked for the commits up to a revision that touched a folder, newest first; None is no limit."""
    options = [
        "-z",
        f"--format={'%x00'.join(_FIELDS)}",
        "--no-show-signature",
        *([f"--max-count={limit}"] if limit else []),
    ]
    return ["log", *options, revision, "--", f":(literal){folder}"]


def parse_log(done: Completed) -> list[LoggedCommit]:
    """The commits that Git answers `log_arguments` with.

    Raises:
        StarryError: it failed.
    """
    if done.code:
        raise StarryError(f"git log failed: {server_words(done.err)}")
    texts = done.out.decode(errors="replace").split("\0")
    width = len(_FIELDS)
    return [_parse(*texts[start : start + width]) for start in range(0, len(texts) - width + 1, width)]


def _parse(commit: str, seconds: str, author: str, subject: str) -> LoggedCommit:
    date = datetime.fromtimestamp(min(max(int(seconds), 0), _LATEST), UTC)
    return LoggedCommit(commit=commit, date=date, author=printable(author), subject=printable(subject))
