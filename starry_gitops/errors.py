"""What can go wrong, as a user sees it: one message, one hint, one exit code.

This module imports nothing, so that every layer may raise these.
"""

_LONGEST = 1_000
_END = 300


def shortened(text: str) -> str:
    """Over 1,000 characters, the text without its middle: it may begin with a value, and end with what is wrong."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - _END]}…{text[-_END:]}"


class StarryError(Exception):
    """A failure that a person can act on.

    Attributes:
        message: what is wrong and where, one line of bounded length, whatever it repeats.
        hint: what to do about it, one line; may be empty.
        code: a stable slug for programs (`-o json`).
        exit_code: the process's exit code.
    """

    code = "unexpected"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = shortened(message)
        self.hint = hint
        if code is not None:
            self.code = code


class UsageFault(StarryError):
    """The command line, or a value on it, makes no sense."""

    code = "usage"
    exit_code = 2


class NotFound(StarryError):
    """The preview, overlay, branch or revision does not exist."""

    code = "not_found"
    exit_code = 3


class ContentionLost(StarryError):
    """Other writers won the branch until the time budget was used up."""

    code = "contention"
    exit_code = 4


class PolicyRefusal(StarryError):
    """The settings' policy, or a rule of Starry, says no.

    `code` is one of ttl, quota, image, schema, secret, name_taken, name_reserved, superseded, previews_off,
    not_managed.
    """

    code = "policy"
    exit_code = 5


class AccessDenied(StarryError):
    """The remote refused: authentication, permission, a hook or a protected branch."""

    code = "access_denied"
    exit_code = 6


class ForgeRefusal(AccessDenied):
    """The forge understood what was asked, and says no: a conflict, or a rule of its own (HTTP 409, 422)."""

    code = "forge_refused"


class InvalidRepository(StarryError):
    """The apps repository's settings or manifests are broken.

    Attributes:
        file: path inside the repository; may be empty.
        line: 1-based; 0 when no line can be named.
    """

    code = "repository_invalid"
    exit_code = 7

    def __init__(self, message: str, *, file: str = "", line: int = 0, hint: str = "", code: str | None = None) -> None:
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {message}" if place else message, hint=hint, code=code)
        self.bare_message = shortened(message)
        self.file = file
        self.line = line


class RemoteUnreachable(StarryError):
    """The remote does not exist or did not answer."""

    code = "remote_unreachable"
    exit_code = 8


class DoubtfulAnswer(RemoteUnreachable):
    """The answer is empty, cut off or not what was asked for: nothing may be concluded from it."""

    code = "doubtful_answer"


class TooManyDeletions(StarryError):
    """A collection would remove more previews than the caps allow."""

    code = "too_many_deletions"
    exit_code = 10


class Interrupted(StarryError):
    """SIGINT or SIGTERM arrived; nothing half-done is left."""

    code = "interrupted"
    exit_code = 130
