"""A real sshd on loopback with keys of its own, for tests of the SSH transport."""

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.gitserver import unused_port, wait_for_port

_PRIVILEGE_SEPARATION = Path("/run/sshd")


def missing_program() -> str:
    """Which OpenSSH program is not installed; empty when all are there."""
    for name in ("sshd", "ssh", "ssh-keygen"):
        if not _program(name):
            return f"{name} is not installed (package openssh-server or openssh-client)"
    return ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def make_key(path: Path) -> Path:
    """A new Ed25519 key without passphrase."""
    command = [_program("ssh-keygen") or "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@dataclass(kw_only=True)
class SshServer:
    """sshd as the user who runs the tests; accepts one key."""

    folder: Path

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, mode=0o700)
        self.port = unused_port()
        self._host, self._client = (make_key(self.folder / name) for name in ("host", "client"))
        (self.folder / "authorized_keys").write_bytes(self._client.with_suffix(".pub").read_bytes())
        kind, key, _ = self._host.with_suffix(".pub").read_text(encoding="utf-8").split()
        self._known = self.folder / "known_hosts"
        self._known.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n", encoding="utf-8")
        config = self.folder / "sshd_config"
        config.write_text(self._config(), encoding="utf-8")
        if os.geteuid() == 0:
            _PRIVILEGE_SEPARATION.mkdir(exist_ok=True, mode=0o755)
        self._log = (self.folder / "log").open("wb")
        command = [_program("sshd") or "sshd", "-D", "-e", "-f", str(config)]
        self._process = subprocess.Popen(command, stderr=self._log, stdin=subprocess.DEVNULL)
        wait_for_port(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def _config(self) -> str:
        return f"""\
Port {self.port}
ListenAddress 127.0.0.1
HostKey {self._host}
PidFile none
AuthorizedKeysFile {self.folder / "authorized_keys"}
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
SetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=* SHLVL=2
"""

    def url(self, repository: Path) -> str:
        """The repository's ssh:// URL."""
        return f"ssh://{self._user}@127.0.0.1:{self.port}{repository}"

    @property
    def _user(self) -> str:
        import pwd  # noqa: PLC0415 - not on every platform

        return pwd.getpwuid(os.geteuid()).pw_name

    def command(self, *, key: Path | None = None) -> str:
        """GIT_SSH_COMMAND for a client that knows the server and has its key, or another one."""
        options = {
            "UserKnownHostsFile": self._known,
            "StrictHostKeyChecking": "yes",
            "IdentityFile": key or self._client,
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "BatchMode": "yes",
        }
        return shlex.join(["ssh", "-F", "/dev/null", *(f"-o{name}={value}" for name, value in options.items())])

    @property
    def strangers_command(self) -> str:
        """GIT_SSH_COMMAND for a client whose key the server does not accept."""
        return self.command(key=make_key(self.folder / "stranger"))

    @property
    def log(self) -> str:
        """What sshd has said so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
