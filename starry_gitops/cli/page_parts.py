"""What `serve` and the page of `demo` have in common."""

import logging
from typing import TYPE_CHECKING

from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.identity import find_identity
from starry_gitops.gitrepo.remotes import Remote

if TYPE_CHECKING:
    from starry_gitops.web.people import LocalDoor


def require_web() -> None:
    """Imports the page, which is an extra that few need.

    Raises:
        UsageFault: a package of the extra is not installed.
    """
    try:
        import starry_gitops.web.app  # noqa: PLC0415
        import starry_gitops.web.serving  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("starry_gitops"):
            raise
        hint = "pip install 'starry-gitops[web]'"
        raise UsageFault(f"the web page needs a package that is not installed: {error.name}", hint=hint) from None


def local_door(remote: Remote) -> "LocalDoor":
    """Everybody who reaches the page is the person of Git's configuration."""
    from starry_gitops.web.people import LocalDoor, Person  # noqa: PLC0415
    from starry_gitops.web.signin import local_middleware  # noqa: PLC0415

    name, _, email = git_person(remote, "AUTHOR").rpartition(" <")
    person = Person(name=name, email=email.removesuffix(">"), role="admin")
    return LocalDoor(person, middleware=local_middleware())


def git_person(remote: Remote, who: str) -> str:
    """The AUTHOR or the COMMITTER, as Git itself would name them here."""
    found = find_identity(author=None, committer=None, sign=False, working_copy=remote.working_copy).variables
    return f"{found[f'GIT_{who}_NAME']} <{found[f'GIT_{who}_EMAIL']}>"


def share_log() -> None:
    """What the web server itself has to say goes where our own lines go."""
    ours, theirs = logging.getLogger("starry"), logging.getLogger("uvicorn")
    theirs.handlers, theirs.propagate = ours.handlers, False
    theirs.setLevel(logging.WARNING)
