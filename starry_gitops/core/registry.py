"""What a container registry says: where a repository is, how it wants to be asked, which tags a person looks for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

DOCKER = "docker.io"
_DOCKER_API = "registry-1.docker.io"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
# What signers and scanners push beside an image.
_ATTACHED = re.compile(r"sha256-[0-9a-f]{64}(\..*)?", re.ASCII)
_PARTS = re.compile(r"\d+|\D+", re.ASCII)
_BEARER = re.compile(r"(?:^|,)\s*Bearer\s+(?P<rest>.*)", re.IGNORECASE)
_BASIC = re.compile(r"(?:^|,)\s*Basic\b", re.IGNORECASE)
_PARAMETER = re.compile(r"(?P<key>[a-z_]{1,20})\s*=\s*\"(?P<value>[^\"]{0,2000})\"", re.IGNORECASE)
_MOST_TAGS = 20_000
_MOST_SHOWN = 50
# Registries whose tokens another host of theirs gives out.
_TOKEN_HOSTS = {_DOCKER_API: "auth.docker.io", "registry.gitlab.com": "gitlab.com"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A repository of images: the registry's host, as image references name it, and the path there."""

    host: str
    path: str

    @property
    def api_host(self) -> str:
        """Where the registry answers."""
        return _DOCKER_API if self.host == DOCKER else self.host


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """One tag, and when its image was pushed, in milliseconds of Unix time, where the registry tells."""

    name: str
    pushed_at: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """How a registry wants to be asked: with a token that `realm` gives out for `service`; "" is Basic."""

    realm: str = ""
    service: str = ""


def place_of(repository: str) -> Place:
    """Where a valid image repository is. As Docker reads it: without a host it is Docker Hub's."""
    first, slash, rest = repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        host = first.lower()
        return Place(host=DOCKER if host in {"index.docker.io", _DOCKER_API} else host, path=rest)
    return Place(host=DOCKER, path=repository if slash else f"library/{repository}")


def parse_challenge(header: str) -> Challenge | None:
    """The header WWW-Authenticate; None when it asks for nothing that is known here."""
    bearer = _BEARER.search(header)
    if bearer is None:
        return Challenge() if _BASIC.search(header) else None
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(bearer["rest"]):
        found.setdefault(match["key"].lower(), match["value"])
    realm = found.get("realm", "")
    return Challenge(realm=realm, service=found.get("service", "")) if realm else None


def is_fit_realm(realm: str, api_host: str, *, loopback: Iterable[str], named: Iterable[str]) -> bool:
    """Whether a registry may send us there for a token: itself, a host that is `named`, or the one known to be its own.

    By HTTPS alone, unless both are on loopback. Not its neighbours: below azurecr.io, say, strangers live.
    """
    try:
        parts, own = urlsplit(realm), urlsplit(f"//{api_host}")
        host, own_host = (parts.hostname or "").lower(), own.hostname or ""
        is_url = bool(host) and parts.port != 0 and parts.username is None and not parts.fragment
    except ValueError:
        return False
    local = set(loopback)
    if not is_url or not realm.isprintable() or " " in realm:
        return False
    if parts.scheme != "https" and not (parts.scheme == "http" and {host, own_host} <= local):
        return False
    if host in local:
        return own_host in local
    place = parts.netloc.lower()
    return host == own_host or place in set(named) or place == _TOKEN_HOSTS.get(api_host)


def tags_in(data: Any) -> Iterator[Tag]:
    """The tags of one answer; what is none is left out. Google's registries tell when each was pushed."""
    names = data.get("tags") if isinstance(data, dict) else None
    times = _times(data.get("manifest")) if isinstance(data, dict) else {}
    for name in names[:_MOST_TAGS] if isinstance(names, list) else ():
        if isinstance(name, str) and _TAG.fullmatch(name) and not _ATTACHED.fullmatch(name):
            yield Tag(name=name, pushed_at=times.get(name, 0))


def _times(manifests: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for manifest in list(manifests.values())[:_MOST_TAGS] if isinstance(manifests, dict) else ():
        if not isinstance(manifest, dict):
            continue
        names = manifest.get("tag")
        uploaded = str(manifest.get("timeUploadedMs", ""))
        if isinstance(names, list) and uploaded.isascii() and uploaded.isdecimal() and len(uploaded) < 16:  # noqa: PLR2004 - until the year 33658
            found |= {name: int(uploaded) for name in names if isinstance(name, str)}
    return found


def suggestions(tags: Iterable[Tag], in_use: Iterable[str], number: int | None) -> Sequence[str]:
    """Those that a person most likely looks for: their pull request's, then the newest, then those that run already.

    Where the registry does not tell when, a higher number is newer.
    """
    newest = sorted(tags, key=lambda tag: (tag.pushed_at, _in_order(tag.name)), reverse=True)
    names = dict.fromkeys([*(tag.name for tag in newest), *in_use])
    mine = [name for name in names if number is not None and _is_of(name, number)]
    return list(dict.fromkeys([*mine, *names]))[:_MOST_SHOWN]


def _is_of(name: str, number: int) -> bool:
    pattern = rf"(?:^|[._-])(?:pr|mr|pull|preview)[._-]?{number}(?:$|[._-])"
    return re.search(pattern, name, re.IGNORECASE | re.ASCII) is not None


def _in_order(name: str) -> list[tuple[int, int, str]]:
    """1.10 comes after 1.9."""
    return [(1, int(part), "") if part[0].isdigit() else (0, 0, part) for part in _PARTS.findall(name)]
