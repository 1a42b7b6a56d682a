"""From Git's and the forges' words to Starry's errors."""

import re

from starry_gitops.errors import AccessDenied, NotFound, RemoteUnreachable, StarryError

_RACE = re.compile(
    r"non-fast-forward|fetch first|failed to update ref|cannot lock ref|incorrect old value provided|stale info"
    r"|reference already exists|failed to lock|tip of your current branch is behind",
    re.IGNORECASE,
)
# What keeps a ref from being written for good, though Git's summary is that of a lost race.
_UNWRITABLE = re.compile(
    r"^remote: (?:error|fatal): .*(?:permission denied|read-only file system|no space left|disk quota exceeded)",
    re.IGNORECASE | re.MULTILINE,
)
# The commit that ours stands on is no longer there: the branch was deleted or moved.
_VANISHED = re.compile(r"bad tree object|missing necessary objects", re.IGNORECASE)
_HOOK = re.compile(r"hook declined|denied|prohibited|not allowed", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"^(?!remote: ).*(?:could not resolve host|name or service not known|temporary failure in name resolution"
    r"|connection refused|connection reset|connection timed out|operation timed out|no route to host"
    r"|network is unreachable|failed to connect|couldn't connect)",
    re.IGNORECASE | re.MULTILINE,
)
_NO_BRANCH = re.compile(
    r"remote branch .* not found|couldn't find remote ref|remote ref does not exist|no such ref", re.IGNORECASE
)
_DENIED = re.compile(
    r"authentication failed|could not read (?:username|password)|permission denied|access denied|forbidden"
    r"|invalid credentials|returned error: 40[13]|host key verification failed|dubious ownership|unsafe repository"
    r"|not allowed|unauthori[sz]ed|not authori[sz]ed|does not have write access|read[ -]only|archived|\bdenied by\b"
    r"|insufficient permission|read-only file system|unable to create temporary object directory"
    r"|denied to|you do not have|hook declined|protected branch|branch is currently checked out",
    re.IGNORECASE,
)
_LOCAL_DISK = re.compile(
    r"no space left on device|out of disk ?space|disk quota exceeded|failed to write new configuration file",
    re.IGNORECASE,
)
_NO_FILTER = re.compile(
    r"filter '?[^']*'? not supported|filtering not|invalid filter|unadvertised object", re.IGNORECASE
)
_URL_SECRET = re.compile(r"(https?://)[^\s/@]+@|(://)[^\s/@]*:[^\s/@]*@", re.IGNORECASE)
_NOISE = re.compile(r"^(?:warning: |hint: |remote: *$|Cloning into |To |\s*$|error: failed to push some refs)")


class LostRace(Exception):
    """Another writer moved the branch first.

    Attributes:
        ambiguous: our own push may have landed all the same.
        is_twin: the other writer pushed the very same commit.
    """

    def __init__(self, reason: str, *, ambiguous: bool = False, is_twin: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ambiguous = ambiguous
        self.is_twin = is_twin


def read_failure(stderr: str, url: str) -> StarryError:
    """Why a fetch or clone failed."""
    words = server_words(stderr)
    if _NO_BRANCH.search(stderr):
        return NotFound(words, hint="check --branch")
    if _LOCAL_DISK.search(stderr):
        return StarryError(f"no space left: {words}", hint="free some where it says; TMPDIR names the temporary folder")
    if _DENIED.search(stderr) and not _UNREACHABLE.search(stderr):
        return AccessDenied(
            f"{redact(url)}: {words}", hint="check STARRY_GIT_TOKEN, the SSH key, or the rights to read"
        )
    return RemoteUnreachable(f"{redact(url)}: {words}", hint="check --repo and the network")


def is_filter_refused(stderr: str) -> bool:
    """True when the server knows partial fetches, but not the one asked for."""
    return _NO_FILTER.search(stderr) is not None


def push_failure(stdout: str, stderr: str, url: str, branch: str) -> StarryError | LostRace:
    """Why a push failed. A rejection's reason stands in the porcelain line that begins with `!`."""
    rejection = next((line for line in stdout.splitlines() if line.startswith("!")), "")
    reason = rejection.rpartition("\t")[2].strip()
    words = server_words(stderr) or reason
    if rejection:
        vanished = _VANISHED.search(reason) or _VANISHED.search(stderr)
        raced = _RACE.search(reason) and not _HOOK.search(reason)
        if (raced or vanished) and not _UNWRITABLE.search(stderr):
            return LostRace(reason)
        shown = reason if reason in words else f"{reason}: {words}"
        return AccessDenied(f"the remote refused the push to {branch}: {shown}", hint="ask who administers the branch")
    if _RACE.search(stderr) and not _DENIED.search(stderr):
        return LostRace(words)
    failure = read_failure(stderr, url)
    return LostRace(failure.message, ambiguous=True) if isinstance(failure, RemoteUnreachable) else failure


def server_words(stderr: str) -> str:
    """What Git and the server said, on one line, without secrets and ceremony."""
    lines = [line.strip() for line in redact(stderr).replace("\r", "\n").splitlines() if not _NOISE.match(line)]
    text = "; ".join(re.sub(r"^(?:remote|fatal|error): *", "", line) for line in lines)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable[:500] or "git gave no reason"


def redact(text: str) -> str:
    """The text without user and password in URLs."""
    return _URL_SECRET.sub(lambda match: f"{match[1] or match[2]}***@", text)
