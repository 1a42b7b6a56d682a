"""Finds the commits that made and changed previews, as far back as the previews are old."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starry_gitops.core.authorship import Revision
from starry_gitops.core.manifest import APPLICATION_FILE, FILES
from starry_gitops.errors import InvalidRepository, StarryError
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.failures import LostRace, server_words
from starry_gitops.gitrepo.history import DEPTHS, edge_of
from starry_gitops.gitrepo.objects import ObjectReader
from starry_gitops.gitrepo.repo import AppsRepository

_FILE_MODES = ("100644", "100755")
_TRAILER = "%(trailers:key={},valueonly,separator=%x0A)"
# Divided by NUL, which no message and no path can hold.
_FORMAT = f"%H%x00{_TRAILER.format('Starry-Action')}%x00{_TRAILER.format('Starry-Set')}"
# Whatever the user's own configuration says of `git log`.
_CONFIG = ("-c", "trailer.separators=:", "-c", "log.follow=false", "-c", "log.showSignature=false")
_SHAPE = (
    "-z", "--raw", "--root", "--no-merges", "--no-abbrev", "--no-renames", "--topo-order", "--encoding=UTF-8",
    f"--format={_FORMAT}",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The commits that touched each preview since it was made, oldest first, and the files as they were then."""

    revisions: Mapping[str, Sequence[Revision]]
    contents: Mapping[str, bytes]


@dataclass(slots=True)
class _Commit:
    commit: str
    by_starry: bool
    own: tuple[tuple[str, str], ...]
    files: dict[str, dict[str, tuple[str | None, str]]] = field(default_factory=dict)


def look_back(repository: AppsRepository, folder: str, names: Sequence[str]) -> History:
    """The history of some of the folder's previews.

    One that was made further back than is looked (20,000 commits), or before the history begins, has none.
    """
    found: dict[str, list[Revision]] = {}
    for depth in DEPTHS if names else ():
        clone = repository.clone_commits(depth)
        edge = edge_of(clone)
        found = _histories(_commits(repository, clone, folder), edge, names)
        if len(found) == len(names) or not edge:
            break
    blobs = sorted({blob for revisions in found.values() for blob in _blobs(revisions)})
    return History(revisions=found, contents=_contents(repository, clone, blobs) if blobs else {})


def _blobs(revisions: Iterable[Revision]) -> Iterator[str]:
    for revision in revisions:
        for old, new in revision.files.values() if revision.by_starry else ():
            yield from (old, new) if old else (new,)


def _contents(repository: AppsRepository, clone: Path, blobs: list[str]) -> Mapping[str, bytes]:
    """The blobs that can be had: a server that gives no single ones is asked for all."""
    # Without the promise that the server has the rest, Git would not fetch them one by one.
    (clone / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    found = _present(repository, clone, blobs)
    missing = [blob for blob in blobs if blob not in found]
    if not missing:
        return found
    try:
        return {**found, **repository.snapshot().blobs(missing)}
    except (InvalidRepository, LostRace):
        branch = f"refs/heads/{repository.branch}"
        options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--refetch", "--no-filter"]
        repository.run(["fetch", *options, repository.remote.url, branch], folder=clone)
        return _present(repository, clone, blobs)


def _present(repository: AppsRepository, clone: Path, blobs: list[str]) -> dict[str, bytes]:
    reader = ObjectReader(clone, git_environment(repository.remote.url), repository.meter)
    try:
        return {blob: content for blob, (_, content) in reader.read_many(blobs).items()}
    finally:
        reader.close()


def _histories(commits: Iterable[_Commit], edge: set[str], names: Sequence[str]) -> dict[str, list[Revision]]:
    """Of each preview that was made within these commits, which come newest first."""
    open_ones: dict[str, list[Revision]] = {name: [] for name in names}
    found: dict[str, list[Revision]] = {}
    for commit in commits:
        if commit.commit in edge:
            continue  # at the edge of a shallow clone every file seems new
        for name in open_ones.keys() & commit.files.keys():
            files = commit.files[name]
            own = tuple(path for preview, path in commit.own if preview == name)
            open_ones[name].append(Revision(by_starry=commit.by_starry, own=own, files=files))
            if APPLICATION_FILE in files and files[APPLICATION_FILE][0] is None:
                found[name] = open_ones.pop(name)[::-1]
    return found


def _commits(repository: AppsRepository, clone: Path, folder: str) -> Iterator[_Commit]:
    """Newest first, each with what it did to the files of previews."""
    arguments = [*_CONFIG, "log", *_SHAPE, f"refs/heads/{repository.branch}", "--", f":(literal){folder}"]
    done = repository.run(arguments, folder=clone)
    if done.code:
        raise StarryError(f"git log failed: {server_words(done.err)}")
    commit: _Commit | None = None
    fields = iter(done.out.decode(errors="replace").split("\0"))
    for text in map(str.strip, fields):
        if text.startswith(":") and commit:
            _add_file(commit, folder, text, next(fields, ""))
        elif text:
            if commit:
                yield commit
            commit = _commit(text, next(fields, ""), next(fields, ""))
    if commit:
        yield commit


def _commit(head: str, action: str, sets: str) -> _Commit:
    own = (line.strip().partition(" ") for line in sets.splitlines())
    return _Commit(
        commit=head, by_starry=bool(action.strip()), own=tuple((preview, path) for preview, _, path in own if path)
    )


def _add_file(commit: _Commit, folder: str, text: str, path: str) -> None:
    """`:100644 100644 <old> <new> M`, of each file that is not removed. What was no file before counts as new."""
    name, _, file = path.removeprefix(f"{folder}/").partition("/")
    before, after, old, new, _ = text.removeprefix(":").split(" ")
    if file in FILES and after in _FILE_MODES:
        commit.files.setdefault(name, {})[file] = (old if before in _FILE_MODES else None, new)
