"""Who a commit is by, and how it is signed."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.environment import git_environment
from starry_gitops.gitrepo.process import run_git

_PERSON = re.compile(r"(?P<name>[^<>\x00-\x1f]+?) *<(?P<email>[^<>\s]+)>")
_FALLBACK = ("Starry", "starry@localhost")
# Programs (gpg.program, gpg.ssh.defaultKeyCommand) are taken from the person's own configuration only, by Git itself.
_KEYS = r"^(user\.(name|email|signingkey)|(author|committer)\.(name|email)|commit\.gpgsign|gpg\.format)$"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Variables that name author and committer, and the options that sign."""

    variables: dict[str, str]
    signing: tuple[str, ...] = ()


def find_identity(
    *, author: str | None, committer: str | None, sign: bool | None, working_copy: Path | None
) -> Identity:
    """From options, else GIT_AUTHOR_* and GIT_COMMITTER_*, else Git's configuration, else Starry itself.

    Raises:
        UsageFault: an option is not `Name <email>`.
    """
    config = _read_config(working_copy)
    variables = _person("author", author, config) | _person("committer", committer, config)
    wanted = config.get("commit.gpgsign", "false").lower() in {"true", "yes", "on", "1"} if sign is None else sign
    if not wanted:
        return Identity(variables=variables)
    key = config.get("user.signingkey", "")
    count = int(git_environment()["GIT_CONFIG_COUNT"])
    if "gpg.format" in config:
        variables |= {
            "GIT_CONFIG_COUNT": str(count + 1),
            f"GIT_CONFIG_KEY_{count}": "gpg.format",
            f"GIT_CONFIG_VALUE_{count}": config["gpg.format"],
        }
    return Identity(variables=variables, signing=(f"-S{key}",))


def _person(role: str, option: str | None, config: dict[str, str]) -> dict[str, str]:
    prefix = f"GIT_{role.upper()}"
    if option is not None:
        match = _PERSON.fullmatch(option)
        if not match:
            raise UsageFault(f"--{role} {option!r} is not 'Name <email>'")
        return {f"{prefix}_NAME": match["name"], f"{prefix}_EMAIL": match["email"]}
    found = {}
    for field, fallback in zip(("name", "email"), _FALLBACK, strict=True):
        variable = f"{prefix}_{field.upper()}"
        found[variable] = (
            os.environ.get(variable) or config.get(f"{role}.{field}") or config.get(f"user.{field}") or fallback
        )
    return found


def _read_config(working_copy: Path | None) -> dict[str, str]:
    env = git_environment()
    done = run_git(["config", "--null", "--get-regexp", _KEYS], env=env, cwd=working_copy or "/", timeout=30)
    entries = (entry.partition("\n") for entry in done.out.decode(errors="replace").split("\0") if entry)
    return {key: value for key, _, value in entries}
