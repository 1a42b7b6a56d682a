"""The folder of a run: the remote repository, each writer's temporary folder, and an environment that is nobody's."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from soak.disks import Disk, is_mountable

STARRY = Path(sys.executable).parent / "starry"
BRANCH = "main"
MARK = "SOAK_RUN"
SERVER_MARK = "SOAK_SERVER"
PREVIEWS = "overlays/dev/previews"
_DOMAIN = "starry.mycompany.com"
_URL = "https://git.example.com/argocd-apps.git"
_REMOTE_SIZE = 4 * 2**30
_WRITER_SIZE = 16 * 2**20
_GITCONFIG = (
    "[user]\n\tname = Soak\n\temail = soak@example.com\n[init]\n\tdefaultBranch = main\n[safe]\n\tdirectory = *\n"
    "[advice]\n\tdetachedHead = false\n"
)


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """Where everything of one run lies."""

    folder: Path
    env: Mapping[str, str]
    token: str
    disks: dict[str, Disk] = field(default_factory=dict)
    clock: Path | None = None

    @property
    def bare(self) -> Path:
        """The remote repository."""
        return self.folder / "remote" / "apps.git"

    @property
    def orders(self) -> Path:
        """What the server's hooks are to do, a file for each operation."""
        return self.folder / "orders"

    @property
    def mark(self) -> str:
        """What all processes of writers carry in their environment: no other run on this machine has the same."""
        return str(self.folder)

    def temporary(self, writer: str, *, small: bool = False) -> Path:
        """A writer's own temporary folder, or the one on its small disk."""
        folder = self.folder / ("small" if small else "tmp") / writer
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def git(
        self, *arguments: str, given: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        """Output of one Git command, which must succeed."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.bare,
            input=given,
            capture_output=True,
            check=False,
            env={**self.env, **(env or {})},
        )
        if done.returncode:
            raise GitFailed(f"git {' '.join(arguments)[:200]}: {done.stderr.decode(errors='replace')[-2000:]}")
        return done.stdout.decode(errors="surrogateescape")

    def close(self) -> None:
        """Takes the small disks away. What lay on the remote's is kept in the folder."""
        for name, disk in self.disks.items():
            disk.close(keep=name == "remote")


class GitFailed(Exception):
    """A Git command that the soak itself needs did not do its work."""


def make_sandbox(folder: Path, *, writers: Sequence[str]) -> Sandbox:
    """An apps repository as `starry init` writes it, with room for many previews and a tight quota."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "gitconfig").write_text(_GITCONFIG, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "STARRY_", "XDG_", "SSH_"))}
    env = kept | {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "TZ": "UTC",
        "NO_COLOR": "1",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    disks = _make_disks(folder, writers)
    sandbox = Sandbox(folder=folder, env=env, token=os.urandom(20).hex(), disks=disks, clock=_build_clock(folder))
    try:
        _make_remote(sandbox)
    except BaseException:
        sandbox.close()
        raise
    sandbox.orders.mkdir()
    return sandbox


def _make_disks(folder: Path, writers: Sequence[str]) -> dict[str, Disk]:
    if not is_mountable(folder / "probe"):
        return {}
    sizes = {"remote": _REMOTE_SIZE} | {f"small/{writer}": _WRITER_SIZE for writer in writers}
    return {name: Disk(folder / name, size) for name, size in sizes.items()}


def _build_clock(folder: Path) -> Path | None:
    """The library that moves clocks; None without a C compiler, or where it does not work."""
    library, compiler = folder / "clock.so", shutil.which("cc")
    if not compiler or not sys.platform.startswith("linux"):
        return None
    source = Path(__file__).with_name("clock.c")
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], capture_output=True, check=False
    )
    return library if done.returncode == 0 else None


def _make_remote(sandbox: Sandbox) -> None:
    work = sandbox.folder / "init"
    command = [str(STARRY), "init", str(work), "--domain", _DOMAIN, "--repo-url", _URL]
    subprocess.run(command, env=sandbox.env, check=True, capture_output=True)
    settings = work / "starry.yaml"
    text = settings.read_text(encoding="utf-8")
    quota, count = re.subn(r"quota: \{.*?\}", "quota: {total: 14, perOwner: 5}", text)
    if not count:
        raise GitFailed("starry.yaml has no quota to change")
    settings.write_text(quota, encoding="utf-8")
    sandbox.bare.parent.mkdir(exist_ok=True)
    options = ("--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")
    sandbox.git("init", *options, str(sandbox.bare), cwd=sandbox.folder)
    # The record of the branch is what everything is held against: it must not fill up with the remote's disk.
    records = sandbox.folder / "records"
    records.mkdir()
    (sandbox.bare / "logs").symlink_to(records)
    for key, value in _REMOTE_CONFIG.items():
        sandbox.git("config", key, value)
    for arguments in (("init", "--quiet"), ("add", "--all", "--force"), ("commit", "--quiet", "--message=starry init")):
        sandbox.git(*arguments, cwd=work)
    sandbox.git("push", "--quiet", str(sandbox.bare), "HEAD:main", cwd=work)


_REMOTE_CONFIG = {
    "core.logAllRefUpdates": "true",
    "gc.auto": "0",
    "receive.autogc": "false",
    "receive.denyNonFastForwards": "false",
    "uploadpack.allowFilter": "true",
    "http.receivepack": "true",
}


def as_json(value: object) -> str:
    """One line."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, default=str)
