"""Which server, repository and pull request a URL names. A forge's page, or what Git clones from."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from starry_gitops.core.texts import shown
from starry_gitops.errors import UsageFault

_LONGEST = 1_000
# owner@host:path, as scp and Git know it.
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^/:][^:]*)")
# GitHub, Gitea and GitLab: the page of a pull request, or one below it.
_PULL_REQUEST = re.compile(
    r"(?P<path>.+?)/(?:pull|pulls|-/merge_requests|merge_requests)/(?P<number>[0-9]{1,9})(?:/.*)?"
)
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}")
_SHORTEST_PATH = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeUrl:
    """`server` is scheme, host and port (`https://github.com`); `path` the repository's (`owner/name`).

    `number` is the pull request's, where the URL is its page.
    """

    server: str
    path: str
    number: int | None = None

    @property
    def host(self) -> str:
        """The server's name, without its port."""
        return urlsplit(self.server).hostname or ""

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.server}/{self.path}"


def parse_forge_url(text: str, *, root: str = "") -> ForgeUrl:
    """Reads a repository's or a pull request's URL. `root` is the path under which the forge lives, mostly none.

    Raises:
        UsageFault: it names no repository on a server.
    """
    parts = _parts(text)
    path = unquote(parts.path).strip("/")
    inner = root.strip("/")
    if inner and path.startswith(f"{inner}/"):
        path = path[len(inner) + 1 :]
    found = _PULL_REQUEST.fullmatch(path)
    if found:
        path = found["path"]
    names = path.removesuffix(".git").split("/")
    if len(names) < _SHORTEST_PATH or not all(_NAME.fullmatch(name) and name not in {".", ".."} for name in names):
        raise UsageFault(f"{shown(text)!r} names no repository on a forge", hint="https://HOST/OWNER/NAME is its form")
    number = int(found["number"]) if found else None
    return ForgeUrl(server=_server(parts), path="/".join(names), number=number)


def _parts(text: str) -> SplitResult:
    if len(text) <= _LONGEST and text.isprintable() and " " not in text:
        scp = None if "://" in text else _SCP.fullmatch(text)
        try:
            parts = urlsplit(f"ssh://{scp['host']}/{scp['path']}" if scp else text)
            if parts.scheme in {"https", "http", "ssh"} and parts.hostname and parts.port != 0:
                return parts
        except ValueError:
            pass
    raise UsageFault(f"{shown(text)!r} is no URL of a forge", hint="https://HOST/OWNER/NAME is its form")


def _server(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.scheme == "ssh":
        return f"https://{host}"
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
