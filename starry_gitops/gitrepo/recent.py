"""What was removed lately, and which commands were done: the branch's newest commits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starry_gitops.core.command_plan import COMMENT_TRAILER
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.failures import server_words
from starry_gitops.gitrepo.history import DEPTHS, edge_of
from starry_gitops.gitrepo.repo import AppsRepository

# Whatever the user's own configuration says of `git log`.
_CONFIG = ("-c", "trailer.separators=:", "-c", "core.quotePath=false")
_LATEST = 253_402_300_799


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A file that a commit removed, and the id of what it held.

    `date` is UTC; `action` is the commit's own word for what it does, if any.
    """

    path: str
    blob: str
    date: datetime
    action: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recent:
    """What happened on the branch since some instant: files removed, newest first, and the comments that were obeyed.

    A file that was removed by a merge counts from the merge on.
    """

    removed: tuple[Removed, ...]
    comments: frozenset[str]


def recent(repository: AppsRepository, folders: Sequence[str], since: datetime) -> Recent:
    """The newest commits, and what they removed below the folders. Only as much as is needed is fetched.

    Raises:
        StarryError: the history cannot be had.
    """
    clone = _clone_since(repository, since)
    told = {one.commit: one for one in _messages(repository, clone) if one.date >= since}
    removed = tuple(
        Removed(path=path, blob=blob, date=told[commit].date, action=told[commit].action or None)
        for commit, blob, path in _removals(repository, clone, folders)
        if commit in told
    )
    return Recent(removed=removed, comments=frozenset(word for one in told.values() for word in one.comments))


def contents(repository: AppsRepository, removed: Sequence[Removed]) -> dict[str, bytes]:
    """What removed files held, by the id of it; what the server does not give is left out."""
    wanted = sorted({one.blob for one in removed})
    if not wanted:
        return {}
    # A failure is no more than a content that is not there.
    repository.fetch(["--no-filter", "--stdin"], given="".join(f"{one}\n" for one in wanted).encode(), anew=True)
    return {name: content for name, (_, content) in repository.reader.read_many(wanted).items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Message:
    commit: str
    date: datetime
    action: str
    comments: tuple[str, ...]


def _clone_since(repository: AppsRepository, since: datetime) -> Path:
    for depth in (*DEPTHS, None):
        clone = repository.clone_commits(depth)
        edge = edge_of(clone)
        if not edge or all(one.date < since for one in _messages(repository, clone, sorted(edge))):
            return clone
    return clone


def _messages(repository: AppsRepository, clone: Path, commits: Sequence[str] = ()) -> Iterator[_Message]:
    """Of the commits named, or of the whole branch."""
    trailer = "%(trailers:key={},valueonly,separator=%x20)"
    fields = ("%H", "%ct", trailer.format("Starry-Action"), trailer.format(COMMENT_TRAILER))
    options = ["-z", f"--format={'%x00'.join(fields)}", "--no-show-signature"]
    which = ["--no-walk=unsorted", *commits] if commits else [f"refs/heads/{repository.branch}"]
    texts = _log(repository, clone, [*options, *which]).split("\0")
    for start in range(0, len(texts) - len(fields) + 1, len(fields)):
        commit, seconds, action, comments = texts[start : start + len(fields)]
        date = datetime.fromtimestamp(min(max(int(seconds), 0), _LATEST), UTC)
        yield _Message(commit=commit, date=date, action=action.strip(), comments=tuple(comments.split()))


def _removals(repository: AppsRepository, clone: Path, folders: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Commits, with the ids and paths of files that they removed."""
    options = ["--format=%x00%H", "--no-show-signature", "--first-parent", "-m", "--no-renames", "--diff-filter=D"]
    paths = [f":(literal){one}" for one in folders]
    listed = ["--raw", "--no-abbrev", f"refs/heads/{repository.branch}", "--", *paths]
    for part in _log(repository, clone, [*options, *listed]).split("\0")[1:]:
        commit, *lines = part.split("\n")
        for line in lines:
            head, _, path = line.partition("\t")
            if path:
                yield commit, head.split()[2], path


def _log(repository: AppsRepository, clone: Path, arguments: list[str]) -> str:
    done = repository.run([*_CONFIG, "log", *arguments], folder=clone)
    if done.code:
        raise StarryError(f"git log failed: {server_words(done.err)}")
    return done.out.decode(errors="replace")
