"""The branch's own record: every update in the order in which the server made it, and what each commit holds."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soak.sandbox import BRANCH, PREVIEWS, Sandbox

NOTHING = "0" * 40
_LINE = re.compile(r"([0-9a-f]{40}) ([0-9a-f]{40}) .*<(.*)> (\d+) [+-]\d{4}\t.*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """The branch moved from one commit to another. `by`: whom the server took the pusher for."""

    old: str
    new: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit: parents, the committer (an operation's or person's id), its message, and path → status letter."""

    id: str
    tree: str
    parents: tuple[str, ...]
    by: str
    message: str
    changes: Mapping[str, str]

    def trailers(self, key: str) -> list[str]:
        """All values of a trailer."""
        return re.findall(rf"^{key}: (.*)$", self.message, re.MULTILINE)


class RecordBroken(Exception):
    """The record cannot be read."""


def read_updates(sandbox: Sandbox) -> list[Update]:
    """The reflog, oldest first."""
    path = sandbox.bare / "logs" / "refs" / "heads" / BRANCH
    updates = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            raise RecordBroken(f"the reflog has a line that is none: {line!r}")
        updates.append(Update(old=match[1], new=match[2], by=match[3].partition("@")[0]))
    return updates


def read_commits(sandbox: Sandbox, updates: Iterable[Update]) -> dict[str, Commit]:
    """All commits that ever were on the branch, those too that a force-push took away."""
    form = "%x01%H%x02%T%x02%P%x02%ce%x02%B%x02"
    options = ("--stdin", "--root", "--raw", "--no-abbrev", "--no-renames", "-r", "-m", f"--format={form}")
    given = "".join(f"{update.new}\n" for update in updates).encode()
    commits = (_parse(text) for text in sandbox.git("log", *options, given=given).split("\x01")[1:])
    return {commit.id: commit for commit in commits}


def _parse(text: str) -> Commit:
    oid, tree, parents, email, message, changes = text.split("\x02")
    pairs = (line.split("\t") for line in changes.splitlines() if line.startswith(":"))
    return Commit(
        id=oid,
        tree=tree,
        parents=tuple(parents.split()),
        by=email.partition("@")[0],
        message=message,
        changes={path: meta[-1] for meta, path in pairs},
    )


def previews_at(sandbox: Sandbox, commit: str) -> dict[str, tuple[str, str]]:
    """Each preview's two blobs (application.yaml, values.yaml) at a commit; "" where one is missing."""
    found: dict[str, dict[str, str]] = {}
    for line in sandbox.git("ls-tree", "-r", "--full-tree", commit, f"{PREVIEWS}/").splitlines():
        meta, path = line.split("\t")
        parts = path.removeprefix(f"{PREVIEWS}/").split("/")
        if len(parts) > 1:
            found.setdefault(parts[0], {})["/".join(parts[1:])] = meta.split()[2]
    return {name: (files.get("application.yaml", ""), files.get("values.yaml", "")) for name, files in found.items()}


class Blobs:
    """Reads blobs by one long-lived process; gives a preview's files of any commit."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._process = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=sandbox.bare,
            env=sandbox.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def read(self, name: str) -> bytes | None:
        """The content of an object, or None when there is none of that name (an id, or COMMIT:PATH)."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RecordBroken("git cat-file has no pipes")
        self._process.stdin.write(f"{name}\n".encode())
        self._process.stdin.flush()
        head = self._process.stdout.readline().split()
        if len(head) != 3:  # noqa: PLR2004 - id, kind, size
            return None
        content = self._process.stdout.read(int(head[2]))
        self._process.stdout.read(1)
        return content

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def ancestors(sandbox: Sandbox, commit: str, *, without: str = "") -> set[str]:
    """A commit and all before it, but for those of another."""
    return set(sandbox.git("rev-list", commit, *([f"^{without}"] if without else [])).split())


def folders_of(paths: Iterable[str]) -> dict[str, dict[str, str]]:
    """Preview → file → path, for paths below previews/."""
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        if path.startswith(f"{PREVIEWS}/") and path.count("/") > PREVIEWS.count("/") + 1:
            name, _, file = path.removeprefix(f"{PREVIEWS}/").partition("/")
            found.setdefault(name, {})[file] = path
    return found
