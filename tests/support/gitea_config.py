"""Settings of the Gitea that tests run: all that they do not need is off, and nothing leaves the machine."""

import os
import secrets
from pathlib import Path

from tests.support.gitea_build import STATIC

_CONFIG = """\
APP_NAME = Gitea
RUN_MODE = prod
WORK_PATH = {folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = {is_root}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {static}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
SQLITE_JOURNAL_MODE = MEMORY
[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
INTERNAL_TOKEN = {token}
[repository]
ROOT = {folder}/repositories
[webhook]
ALLOWED_HOST_LIST = loopback
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
[session]
PROVIDER = memory
[log]
MODE = console
LEVEL = Warn
[oauth2]
ENABLED = false
[cron]
ENABLED = false
[actions]
ENABLED = false
[packages]
ENABLED = false
[mailer]
ENABLED = false
[openid]
ENABLE_OPENID_SIGNIN = false
"""
# Gitea asks for a token of its own making (JWT); any signature will do.
_INTERNAL_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYmYiOjE0OTU1NTE2MTh9.{}"


def write_config(folder: Path, port: int) -> Path:
    """The file of settings of a Gitea that keeps everything in `folder`."""
    text = _CONFIG.format(
        folder=folder,
        port=port,
        static=STATIC,
        is_root=str(os.geteuid() == 0).lower(),
        secret=secrets.token_hex(16),
        token=_INTERNAL_TOKEN.format(secrets.token_urlsafe(32)),
    )
    path = folder / "app.ini"
    path.write_text(text, encoding="utf-8")
    return path
