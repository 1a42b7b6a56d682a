"""Finds the forge that a URL belongs to."""

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starry_gitops.core.forge_url import ForgeUrl, parse_forge_url
from starry_gitops.errors import UsageFault
from starry_gitops.forges.protocol import Forge
from starry_gitops.rest.client import Api

TOKEN = "STARRY_FORGE_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """A kind of forge: the adapter's class, its name for people, where its API is, and the words before a token.

    `hosts` are names, or beginnings of names that end in a dot, by which servers of this kind are known.
    """

    adapter: str
    what: str
    api: str
    scheme: str
    hosts: tuple[str, ...]


_KINDS: Mapping[str, _Kind] = {
    "github": _Kind(
        adapter="GitHub", what="GitHub", api="{server}/api/v3", scheme="Bearer", hosts=("github.com", "github.")
    ),
    "gitlab": _Kind(
        adapter="GitLab", what="GitLab", api="{server}/api/v4", scheme="Bearer", hosts=("gitlab.com", "gitlab.")
    ),
    "gitea": _Kind(
        adapter="Gitea",
        what="Gitea",
        api="{server}/api/v1",
        scheme="token",
        hosts=("codeberg.org", "gitea.com", "gitea.", "forgejo."),
    ),
}
KINDS = tuple(_KINDS)
"""The kinds of forges that there are adapters for."""
_APIS = {"https://github.com": "https://api.github.com"}


def find_forge(url: str, *, kind: str | None = None, api_url: str | None = None, seconds: float = 60.0) -> Forge:
    """The forge's adapter for the repository that a URL names: its page, a pull request's page, or a Git URL.

    Args:
        url: whatever names the repository.
        kind: `github`, `gitlab` or `gitea`, where the server's name does not tell.
        api_url: where the API is, where it is not in its usual place.
        seconds: how long one call of the API may take in all.

    Raises:
        UsageFault: the URL names no repository, or a server of an unknown kind.
    """
    root = (urlsplit(api_url).path.partition("/api/")[0]) if api_url else ""
    place = parse_forge_url(url, root=root)
    name = kind or _known_kind(place)
    row = _KINDS.get(name)
    if row is None:
        raise UsageFault(f"{name!r} is no kind of forge", hint=f"one of {', '.join(KINDS)}")
    base = api_url or _APIS.get(place.server) or row.api.format(server=place.server)
    token = os.environ.get(TOKEN, "")
    headers = {"Authorization": f"{row.scheme} {_checked(token)}"} if token else {}
    api = Api(base.rstrip("/"), what=row.what, headers=headers, seconds=seconds, token_variable=TOKEN)
    adapter = getattr(importlib.import_module(f"starry_gitops.forges.{name}"), row.adapter)
    forge: Forge = adapter(place.path, api=api)
    return forge


def _known_kind(place: ForgeUrl) -> str:
    for name, row in _KINDS.items():
        if any(place.host == host or (host.endswith(".") and place.host.startswith(host)) for host in row.hosts):
            return name
    hint = f"say which: forge.kind in starry.yaml, or --forge {'|'.join(KINDS)}"
    raise UsageFault(f"it cannot be told what kind of forge {place.host} is", hint=hint)


def _checked(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageFault(f"{TOKEN} holds characters that no token has", hint="look for a line break or a quote in it")
    return token
