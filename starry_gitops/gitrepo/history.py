"""A preview's commits. The only reading whose cost grows with the history's length."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starry_gitops.core.message import printable
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.failures import server_words
from starry_gitops.gitrepo.repo import AppsRepository

# How far back `show` looks, in steps, for the commit that touched a preview last: previews are short-lived.
_DEPTHS = (50, 1_000, 20_000)
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


def full_history(repository: AppsRepository, folder: str) -> list[LoggedCommit]:
    """All commits of the branch that touched the folder, newest first."""
    return _log(repository, repository.clone_commits(None), folder, limit=None)


def last_commit(repository: AppsRepository, folder: str) -> LoggedCommit | None:
    """The newest commit that touched the folder, or None when it lies deeper than is looked."""
    for depth in _DEPTHS:
        clone = repository.clone_commits(depth)
        found = _log(repository, clone, folder, limit=1)
        # At the edge of a shallow clone every file seems new.
        if found and found[0].commit not in _edge(clone):
            return found[0]
    return None


def _edge(clone: Path) -> set[str]:
    """The commits whose parents were not fetched."""
    shallow = clone / "shallow"
    return set(shallow.read_text().split()) if shallow.exists() else set()


def _log(repository: AppsRepository, clone: Path, folder: str, *, limit: int | None) -> list[LoggedCommit]:
    options = [
        "-z",
        f"--format={'%x00'.join(_FIELDS)}",
        "--no-show-signature",
        *([f"--max-count={limit}"] if limit else []),
    ]
    done = repository.run(
        ["log", *options, f"refs/heads/{repository.branch}", "--", f":(literal){folder}"], folder=clone
    )
    if done.code:
        raise StarryError(f"git log failed: {server_words(done.err)}")
    texts = done.out.decode(errors="replace").split("\0")
    width = len(_FIELDS)
    return [_parse(*texts[start : start + width]) for start in range(0, len(texts) - width + 1, width)]


def _parse(commit: str, seconds: str, author: str, subject: str) -> LoggedCommit:
    date = datetime.fromtimestamp(min(max(int(seconds), 0), _LATEST), UTC)
    return LoggedCommit(commit=commit, date=date, author=printable(author), subject=printable(subject))
