"""The environment that Git's processes get: what a user means to set, and nothing that could redirect or run anything.

An inherited GIT_DIR, GIT_INDEX_FILE or GIT_CONFIG_COUNT (from a hook, a CI job, an attacker) would make Git work on
another repository or run other programs.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

_KEPT = frozenset({
    "GIT_ASKPASS", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_NAME",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY",
})  # fmt: skip

TOKEN = "STARRY_GIT_TOKEN"  # noqa: S105 - the variable's name, not a secret
USERNAME = "STARRY_GIT_USERNAME"

# Printed by the shell that Git starts for a credential helper, so the token stays out of argv and off the disk.
_HELPER = f"""!f() {{ test "$1" = get && printf 'username=%s\\npassword=%s\\n' "${USERNAME}" "${TOKEN}"; }}; f"""

_CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    # Larger blobs are streamed: no manifest is larger, whatever stands in the repository.
    "core.bigFileThreshold": "1m",
    "core.fsmonitor": "false",
    # The local repository is a throw-away; the remote's own settings decide how it stores what it receives.
    "core.fsync": "none",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # Without it, a push would look for every preview that the partial clone left out.
    "pack.useSparse": "true",
    "protocol.ext.allow": "never",
    "protocol.version": "2",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "submodule.recurse": "false",
}


def git_environment(url: str = "", base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables for a Git process that talks to `url`; the token is passed on to HTTP remotes only."""
    source = os.environ if base is None else base
    env = {key: value for key, value in source.items() if _is_kept(key)}
    env |= {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
    settings = list(_CONFIG.items())
    token = source.get(TOKEN)
    parts = urlsplit(url) if url.startswith(("https://", "http://")) else None
    if token and parts:
        env |= {TOKEN: token, USERNAME: parts.username or source.get(USERNAME) or "x-access-token"}
        scope = f"credential.{parts.scheme}://{parts.netloc.rpartition('@')[2]}.helper"
        settings += [(scope, ""), (scope, _HELPER)]
    env["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


@contextmanager
def without_variables(prefix: str, **instead: str) -> Iterator[None]:
    """Takes all variables of a prefix out of this process for a while, and sets others of that prefix instead."""
    taken = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith(prefix)}
    os.environ.update(instead)
    try:
        yield
    finally:
        for key in instead:
            del os.environ[key]
        os.environ.update(taken)


def _is_kept(key: str) -> bool:
    if key.startswith("GIT_"):
        return key in _KEPT
    return key not in {TOKEN, USERNAME, "SSH_ASKPASS_REQUIRE"}
