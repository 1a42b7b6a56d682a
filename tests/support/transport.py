"""The same apps repository through other transports."""

from tests.support.gitserver import GitServer
from tests.support.repos import Apps
from tests.support.sshserver import SshServer


def http(apps: Apps, server: GitServer, *, token: str | None = None) -> Apps:
    """Over HTTP with the server's token, or another one."""
    return apps.at(server.url, STARRY_GIT_TOKEN=token or server.token)


def ssh(apps: Apps, server: SshServer, *, command: str | None = None) -> Apps:
    """Over SSH with the server's key, or another client command."""
    return apps.at(server.url(apps.bare), GIT_SSH_COMMAND=command or server.command())
