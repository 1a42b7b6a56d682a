"""`git daemon` on loopback, for tests of the git:// transport."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.gitserver import unused_port, wait_for_port


@dataclass(kw_only=True)
class GitDaemon:
    """`git daemon` on loopback, which serves the bare repositories of a folder and takes pushes."""

    root: Path

    def __enter__(self) -> Self:
        self.port = unused_port()
        options = ["--reuseaddr", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1", f"--port={self.port}"]
        command = ["git", "daemon", *options, f"--base-path={self.root}", str(self.root)]
        null = subprocess.DEVNULL
        self._process = subprocess.Popen(command, start_new_session=True, stdin=null, stdout=null, stderr=null)
        wait_for_port(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        # `git` is only a wrapper of git-daemon: end the whole group, which is ours alone.
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    @property
    def url(self) -> str:
        """Where `apps.git` is served."""
        return f"git://127.0.0.1:{self.port}/apps.git"
