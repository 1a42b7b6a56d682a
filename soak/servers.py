"""The Git servers of a run, which can be killed and started again on the same port: HTTP, and a real sshd."""

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from soak.httpserver import TOKEN_VARIABLE
from soak.processes import descendants, kill
from soak.sandbox import SERVER_MARK, Sandbox

_START_SECONDS = 15.0
_SEPARATION = Path("/run/sshd")


class Server(ABC):
    """One server process. `port` stays the same over restarts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.port = _unused_port()
        self.log = sandbox.folder / f"{type(self).__name__}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What to run."""

    @abstractmethod
    def url(self, port: int) -> str:
        """The repository's URL behind this port: the server's own, or a proxy's."""

    @abstractmethod
    def client(self) -> Mapping[str, str]:
        """Variables that a client needs."""

    def start(self) -> None:
        """Returns when the server listens."""
        env = {**self.sandbox.env, SERVER_MARK: self.sandbox.mark, TOKEN_VARIABLE: self.sandbox.token}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        _wait_for_port(self.port)

    def stop(self, *, how: str = "all") -> None:
        """`front` kills the process that listens; `all` ends what it has started as well, but lets Git tidy up."""
        if self._process is None:
            return
        below = descendants(self._process.pid) if how == "all" else []
        kill([self._process.pid], signal.SIGKILL)
        kill(below, signal.SIGTERM)
        self._process.wait()


class HttpServer(Server):
    """`git http-backend` behind a password."""

    def command(self) -> list[str]:
        """What to run."""
        return [sys.executable, "-m", "soak.httpserver", str(self.sandbox.bare.parent), str(self.port)]

    def url(self, port: int) -> str:
        """The repository's URL."""
        return f"http://127.0.0.1:{port}/apps.git"

    def client(self) -> Mapping[str, str]:
        """The token."""
        return {"STARRY_GIT_TOKEN": self.sandbox.token}


class SshServer(Server):
    """OpenSSH's server, as the user who runs this, with keys of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._folder = sandbox.folder / "sshd"
        self._folder.mkdir(mode=0o700)
        host, client = (_make_key(self._folder / name) for name in ("host", "client"))
        (self._folder / "authorized_keys").write_bytes(client.with_suffix(".pub").read_bytes())
        kind, key, _ = host.with_suffix(".pub").read_text(encoding="utf-8").split()
        # One name for the server, whichever proxy leads there.
        (self._folder / "known_hosts").write_text(f"soak {kind} {key}\n", encoding="utf-8")
        config = _SSHD_CONFIG.format(port=self.port, folder=self._folder)
        (self._folder / "sshd_config").write_text(config, encoding="utf-8")
        if os.geteuid() == 0:
            _SEPARATION.mkdir(exist_ok=True, mode=0o755)

    def command(self) -> list[str]:
        """What to run: sshd wants its full path."""
        return [_program("sshd") or "sshd", "-D", "-e", "-f", str(self._folder / "sshd_config")]

    def url(self, port: int) -> str:
        """The repository's URL."""
        return f"ssh://{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1:{port}{self.sandbox.bare}"

    def client(self) -> Mapping[str, str]:
        """The ssh command with the client's key."""
        options = {
            "UserKnownHostsFile": self._folder / "known_hosts",
            "HostKeyAlias": "soak",
            "StrictHostKeyChecking": "yes",
            "IdentityFile": self._folder / "client",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "BatchMode": "yes",
        }
        words = ["ssh", "-F", "/dev/null", *(f"-o{name}={value}" for name, value in options.items())]
        return {"GIT_SSH_COMMAND": shlex.join(words)}


_SSHD_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
MaxStartups 200
SetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=* SHLVL=2
"""


def missing_program() -> str:
    """Which program of OpenSSH is not installed; empty when all are there."""
    return next((name for name in ("sshd", "ssh", "ssh-keygen") if not _program(name)), "")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def _make_key(path: Path) -> Path:
    command = [_program("ssh-keygen") or "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "soak", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {_START_SECONDS:.0f} s")
