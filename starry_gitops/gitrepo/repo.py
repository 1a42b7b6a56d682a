"""The apps repository: a throw-away partial clone to read one commit from and push one commit with."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from starry_gitops.core.model import Change, Delete
from starry_gitops.errors import InvalidRepository, NotFound, StarryError
from starry_gitops.gitrepo.clone_files import REMOTE, clone_options, has_branch, write_config
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.failures import LostRace, is_filter_refused, read_failure, server_words
from starry_gitops.gitrepo.identity import Identity
from starry_gitops.gitrepo.objects import ObjectReader, ObjectWriter
from starry_gitops.gitrepo.process import Completed
from starry_gitops.gitrepo.pushing import lease_on, push_commit
from starry_gitops.gitrepo.remotes import Remote, check_branch
from starry_gitops.gitrepo.snapshot import GitSnapshot
from starry_gitops.gitrepo.traffic import Runner
from starry_gitops.gitrepo.trees import write_tree

# Depth 4 holds starry.yaml, and all folders down to overlays/<overlay>/previews/, but no preview: one big tree object
# instead of thousands. Servers that only know simpler filters, or none, give more than is needed.
_FILTERS = ("tree:4", "blob:none", "")
_UPLOAD_PACK = "git -c uploadpack.allowFilter=true -c uploadpack.allowAnySHA1InWant=true upload-pack"
_COMPARED = "refs/starry/compared"
_LANDED_DEPTH = 1_000


class AppsRepository:
    """One branch of the remote. Use `refresh` after a lost race.

    Args:
        branch: None is the remote's default branch.
        whole: fetch all files at once, for commands that read them all.
    """

    def __init__(self, remote: Remote, runner: Runner, *, branch: str | None, whole: bool = False) -> None:
        self.remote = remote
        self.git_dir = runner.folder / "apps.git"
        self.meter = runner.meter
        self._runner = runner
        self._env = git_environment(remote.url)
        self._filters: tuple[str, ...] = ("",) if whole else _FILTERS
        if branch is not None:
            check_branch(branch)
        self.branch = self._clone(branch)
        self._writer = ObjectWriter(self.git_dir)
        self.reader = ObjectReader(self.git_dir, self._env, self.meter)

    @property
    def filtered(self) -> bool:
        """Whether the remote gives parts of commits."""
        return bool(self._filters[0])

    def snapshot(self) -> GitSnapshot:
        """The branch's tip, as last fetched."""
        return self.snapshot_at(f"refs/heads/{self.branch}")

    def snapshot_of(self, revision: str) -> GitSnapshot:
        """Another branch, a tag or a commit by its full id.

        Raises:
            NotFound: the remote has none of that name.
        """
        check_branch(revision, "--diff")
        done = self.fetch(["--depth=1", f"+{revision}:{_COMPARED}"])
        if done.code:
            raise NotFound(f"the remote has no {revision}", hint="give a branch, a tag or a commit's full id")
        return self.snapshot_at(_COMPARED)

    def snapshot_at(self, ref: str) -> GitSnapshot:
        """A commit that is here already, by ref or id."""
        found = self.reader.read(f"{ref}^{{commit}}")
        if found is None:
            raise NotFound(f"the remote has no branch {self.branch}", hint="check --branch")
        revision, content = found
        tree = content[len(b"tree ") :].split(b"\n", 1)[0].decode()
        return GitSnapshot(revision, tree, self.reader, self._fetch_objects)

    def commit(
        self,
        snapshot: GitSnapshot,
        changes: Iterable[Change],
        message: str,
        identity: Identity,
        *,
        after: str | None = None,
    ) -> str:
        """Writes the changed files, trees and one commit into the object database; gives the commit's id.

        `after` is one more commit that it follows.
        """
        files = {
            change.path: None if isinstance(change, Delete) else self._writer.write("blob", change.text.encode())
            for change in changes
        }
        tree = write_tree(snapshot, files, self._writer)
        parents = [part for parent in (after, snapshot.revision) if parent for part in ("-p", parent)]
        arguments = ["commit-tree", tree, *parents, *identity.signing, "-F", "-"]
        done = self.run(arguments, given=message.encode(), env={**self._env, **identity.variables})
        if done.code:
            raise StarryError(
                f"git could not make the commit: {server_words(done.err)}",
                hint="check the signing key and the identity in Git's configuration",
            )
        return done.out.decode().strip()

    def push(self, commit: str, branch: str | None = None, *, instead_of: str | None = None) -> None:
        """Moves the remote's branch, or another one of it, forward to the commit.

        Never forced, unless the other branch is at the commit `instead_of`, which may go.

        Raises:
            LostRace: another writer was first, or it cannot be known whether the push landed.
            StarryError: refused for good.
        """
        name = branch or self.branch
        push_commit(self.run, self.remote.url, commit, name, options=[lease_on(name, instead_of)] if instead_of else [])

    def has_landed(self, commit: str) -> bool:
        """Whether a commit of ours is among the branch's newest thousand. Looks at the remote, not at the clone."""
        folder = self._clone_into("landed.git", ("tree:0", ""), _LANDED_DEPTH)
        listed = self.run(["rev-list", f"refs/heads/{self.branch}"], folder=folder)
        shutil.rmtree(folder)
        return commit in listed.out.decode().split()

    def refresh(self) -> None:
        """Fetches the branch's new tip.

        Raises:
            StarryError: the branch is gone, or the remote did not answer.
        """
        self._fetch_branch()

    def clone_commits(self, depth: int | None) -> Path:
        """A further clone that has `depth` commits with their trees, but no file; None is the whole history."""
        folder = self._runner.folder / f"commits-{depth or 'all'}.git"
        if folder.exists():
            return folder
        return self._clone_into(folder.name, ("blob:none", ""), depth)

    def _clone_into(self, name: str, filters: tuple[str, ...], depth: int | None) -> Path:
        for filter_name in filters:
            options = clone_options(self.branch, filter_name, depth)
            done = self.run(["clone", *options, *self._upload_pack(), "--", self.remote.url, name])
            if not done.code:
                return self._runner.folder / name
            if not is_filter_refused(done.err):
                break
        raise self._clone_failure(done.err, self.branch)

    def _clone(self, branch: str | None) -> str:
        for number, filter_name in enumerate(self._filters):
            options = [*clone_options(branch, filter_name, 1), *self._upload_pack(), "--"]
            done = self.run(["clone", *options, self.remote.url, "apps.git"])
            if not done.code or not is_filter_refused(done.err):
                self._filters = self._filters[number:]
                break
        if done.code:
            raise self._clone_failure(done.err, branch)
        if "\tobjectformat = sha256\n" in (self.git_dir / "config").read_text(errors="replace"):
            raise InvalidRepository("SHA-256 repositories are not supported", hint="use one with SHA-1 object ids")
        self._configure()
        head = (self.git_dir / "HEAD").read_bytes().strip().decode(errors="surrogateescape")
        found = head.removeprefix("ref: refs/heads/")
        if branch is not None and found != branch:
            raise NotFound(f"the remote has no branch {branch}", hint="check --branch")
        if found == head:
            raise NotFound("the remote's HEAD is no branch", hint="name one with --branch")
        return found if has_branch(self.git_dir, found) else self._only_branch(found)

    def _clone_failure(self, stderr: str, branch: str | None) -> StarryError:
        failure = read_failure(stderr, self.remote.url)
        if branch is not None and isinstance(failure, NotFound):
            return NotFound(f"the remote has no branch {branch}", hint="check --branch")
        return failure

    def _only_branch(self, head: str) -> str:
        """The remote's HEAD names a branch that does not exist: the only one there is will do."""
        done = self.run(["ls-remote", "--heads", *self._upload_pack(), REMOTE])
        branches = [line.partition("refs/heads/")[2] for line in done.out.decode().splitlines()]
        if not branches:
            hint = "fill it with starry init, commit and push; if it is not empty, the URL leads elsewhere"
            raise InvalidRepository("the apps repository is empty", hint=hint)
        if len(branches) > 1:
            raise NotFound(f"the remote's HEAD names {head}, which does not exist", hint="name one with --branch")
        self.branch = branches[0]
        self.refresh()
        return self.branch

    def _fetch_objects(self, oids: list[str]) -> None:
        """Brings missing objects by id. From a server that gives none but its branches, the whole tip is fetched.

        Raises:
            LostRace: that is another commit by now.
        """
        done = self.fetch(["--no-filter", "--stdin"], given="".join(f"{oid}\n" for oid in oids).encode(), anew=True)
        if not done.code:
            return
        if not is_filter_refused(done.err):
            raise read_failure(done.err, self.remote.url)
        self._filters = ("",)
        before = self.snapshot().revision
        self._fetch_branch("--refetch")
        if self.snapshot().revision != before:
            raise LostRace("the branch moved while it was being read")

    def _fetch_branch(self, *flags: str) -> None:
        done = self.fetch(["--depth=1", *flags, f"+refs/heads/{self.branch}:refs/heads/{self.branch}"])
        if done.code:
            raise read_failure(done.err, self.remote.url)

    def fetch(self, arguments: list[str], *, given: bytes | None = None, anew: bool = False) -> Completed:
        """Fetches refspecs, or objects by id; flags among the arguments are Git's own."""
        # What is missing hangs below a commit that is here: unless nothing is said to be here, it would not be sent.
        negotiation = ["-c", "fetch.negotiationAlgorithm=noop"] if anew else []
        filtered = [f"--filter={self._filters[0]}"] if self._filters[0] and "--no-filter" not in arguments else []
        options = ["--quiet", "--no-tags", "--no-write-fetch-head", *self._upload_pack(), *filtered]
        refspecs = [argument for argument in arguments if not argument.startswith("-")]
        flags = [argument for argument in arguments if argument.startswith("-")]
        if self._filters[0]:
            self._configure(self._filters[0])
        try:
            return self.run([*negotiation, "fetch", *options, *flags, REMOTE, *refspecs], given=given)
        finally:
            self._configure()

    def _upload_pack(self) -> list[str]:
        """A local repository's own settings need not allow filters: Starry starts its upload-pack itself."""
        return [f"--upload-pack={_UPLOAD_PACK}"] if self.remote.is_local else []

    def _configure(self, promised: str | None = None) -> None:
        """Only while fetching does Git know that objects are missing; else it would fetch them one by one."""
        write_config(self.git_dir, REMOTE, self.remote.url, promised)

    def run(
        self,
        arguments: list[str],
        *,
        given: bytes | None = None,
        env: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> Completed:
        """Runs a Git command in the clone, or in another folder."""
        cwd = folder or (self._runner.folder if arguments[0] == "clone" else self.git_dir)
        return self._runner.run(arguments, env=env or self._env, cwd=cwd, given=given)

    def close(self) -> None:
        """Ends the reading process; the folder goes with its Scratch."""
        self.reader.close()
