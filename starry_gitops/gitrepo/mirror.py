"""A bare mirror of one branch that lives as long as the process: what many readers read from, without the network."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starry_gitops.core.texts import printable
from starry_gitops.errors import InvalidRepository, NotFound, StarryError
from starry_gitops.gitrepo.clone_files import REMOTE, clone_options, has_branch
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.failures import read_failure
from starry_gitops.gitrepo.history import LoggedCommit, log_arguments, parse_log
from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.objects import ObjectReader
from starry_gitops.gitrepo.process import Completed, run_git, scratch_folder
from starry_gitops.gitrepo.remotes import Remote, check_branch
from starry_gitops.gitrepo.snapshot import GitSnapshot
from starry_gitops.gitrepo.traffic import Runner

_FOLDER = "mirror.git"
# Each fetch leaves a pack or some loose objects behind; after so many that brought something, they become one.
_FETCHES_TO_REPACK = 200
# Seconds; the first clone brings the whole history.
_CLONE_LIMIT = 900.0


class Mirror:
    """Follows one branch of the remote. Threads may share it.

    Attributes:
        branch: its name.
        failure: why the remote could not be asked the last time, or None.
    """

    def __init__(self, remote: Remote, runner: Runner, *, branch: str | None) -> None:
        self.remote = remote
        self.failure: StarryError | None = None
        self._runner = runner
        self._env = git_environment(remote.url)
        self._folder = runner.folder / _FOLDER
        self._lock = threading.Lock()
        self._begun = self._brought = 0
        self.branch = self._clone(branch)
        self._fresh_at = time.monotonic()
        self._reader = _SharedReader(self._folder, self._env)

    @property
    def age(self) -> float:
        """Seconds since the remote was asked with success."""
        return time.monotonic() - self._fresh_at

    def refresh(self) -> bool:
        """Fetches the branch; says whether it has moved. A fetch that began after the call serves several callers.

        Raises:
            StarryError: the remote does not answer, or the branch is gone. What was there is still there.
        """
        before = self._begun
        with self._lock:
            if self._begun > before:
                return True
            self._begun += 1
            started, old = time.monotonic(), self.tip()
            try:
                self._fetch()
            except StarryError as error:
                self.failure = error
                raise
            self.failure, self._fresh_at = None, started
            moved = self.tip() != old
            if moved:
                self._keep_compact()
            return moved

    def tip(self) -> str:
        """The id of the branch's commit, as last fetched."""
        return self.snapshot().revision

    def snapshot(self) -> GitSnapshot:
        """The branch's tip, as last fetched; it stays readable when the branch moves on."""
        found = self._snapshot(f"refs/heads/{self.branch}")
        if found is None:
            raise NotFound(f"the remote has no branch {self.branch}", hint="check --branch")
        return found

    def snapshot_of(self, commit: str) -> GitSnapshot | None:
        """A commit by its full id; None when it is not here: it is on no state of the branch that was fetched."""
        return self._snapshot(commit)

    def _snapshot(self, name: str) -> GitSnapshot | None:
        found = self._reader.read(f"{name}^{{commit}}")
        if found is None:
            return None
        revision, content = found
        return GitSnapshot(revision, content[len(b"tree ") :].split(b"\n", 1)[0].decode(), self._reader, _lacking)

    def log(self, folder: str, *, revision: str, limit: int) -> tuple[LoggedCommit, ...]:
        """The newest commits up to a revision that touched the folder."""
        arguments = log_arguments(revision, folder, limit)
        return tuple(parse_log(run_git(arguments, env=self._env, cwd=self._folder, timeout=60)))

    def close(self) -> None:
        """Ends the reading process; the folder goes with its Scratch."""
        self._reader.close()

    def _clone(self, branch: str | None) -> str:
        if branch is not None:
            check_branch(branch)
        done = self._run(["clone", *clone_options(branch, "", None), "--", self.remote.url, _FOLDER])
        if done.code:
            raise read_failure(done.err, self.remote.url)
        head = (self._folder / "HEAD").read_bytes().strip().decode(errors="surrogateescape")
        found = branch or head.removeprefix("ref: refs/heads/")
        if not has_branch(self._folder, found):
            hint = "name a branch with --branch; an empty repository is filled with starry init"
            raise InvalidRepository(f"the apps repository has no branch {printable(found)}", hint=hint)
        return found

    def _fetch(self) -> None:
        options = ["--quiet", "--no-tags", "--no-write-fetch-head"]
        done = self._run(["fetch", *options, REMOTE, f"+refs/heads/{self.branch}:refs/heads/{self.branch}"])
        if done.code:
            raise read_failure(done.err, self.remote.url)

    def _keep_compact(self) -> None:
        """A server runs for weeks: without this, every push seen would leave files. A failure costs only speed."""
        self._brought += 1
        if self._brought % _FETCHES_TO_REPACK == 0:
            self._run(["repack", "-a", "-d", "--quiet"])

    def _run(self, arguments: list[str]) -> Completed:
        folder = self._folder if self._folder.exists() else self._runner.folder
        return self._runner.run(arguments, env=self._env, cwd=folder)


class _SharedReader(ObjectReader):
    """One reading process for many threads, which take turns; one that died is started again."""

    def __init__(self, git_dir: Path, env: dict[str, str]) -> None:
        super().__init__(git_dir, env)
        self._again = (git_dir, env)
        self._turn = threading.Lock()

    def read_many(self, names: Iterable[str]) -> dict[str, tuple[str, bytes]]:
        """As an ObjectReader does."""
        wanted = list(names)
        with self._turn:
            try:
                return super().read_many(wanted)
            except (StarryError, OSError, ValueError):
                super().close()
                super().__init__(*self._again)
                return super().read_many(wanted)

    def close(self) -> None:
        """Ends the process, once nobody reads."""
        with self._turn:
            super().close()


def _lacking(oids: list[str]) -> None:
    raise InvalidRepository(f"the mirror lacks {len(oids)} objects of its commit", hint="run git fsck on the remote")


@contextmanager
def open_mirror(remote: Remote, *, branch: str | None, timeout: float) -> Iterator[Mirror]:
    """A mirror in a temporary folder that is gone at the end of the block, however the process ends.

    Args:
        remote: where the apps repository is.
        branch: None is the remote's default branch.
        timeout: seconds that a fetch may take.

    Raises:
        StarryError: the remote, or its branch, cannot be read.
    """
    with scratch_folder() as scratch:
        runner = Runner(scratch, timeout=max(timeout, 20.0), meter=Meter())
        mirror = Mirror(remote, runner, branch=branch)
        try:
            yield mirror
        finally:
            mirror.close()
