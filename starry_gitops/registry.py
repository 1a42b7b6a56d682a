"""Asks container registries which tags there are (OCI distribution specification). Reads, and nothing else."""

import base64
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starry_gitops import __version__
from starry_gitops.core.registry import Challenge, Place, Tag, is_fit_realm, parse_challenge, tags_in
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, RemoteUnreachable, UsageFault
from starry_gitops.rest.answers import Answer, failure, parse
from starry_gitops.rest.paging import next_query
from starry_gitops.rest.transport import LOOPBACK, Broken, NotSent, Raw, Transport

TOKEN = "STARRY_REGISTRY_TOKEN"  # noqa: S105 - a variable's name
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_PAGE = "1000"
_MOST_PAGES = 20
_MOST_TAGS = 20_000
_MOST_BYTES = 8 * 1024 * 1024
_LONGEST_TOKEN = 16_384
_TOO_MANY = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """One registry that may be asked. `credential` is `USER:PASSWORD`, a token, or nothing; `named` all such hosts."""

    host: str
    credential: str = field(default="", repr=False)
    named: frozenset[str] = frozenset()

    def tags(self, path: str, *, seconds: float) -> tuple[Tag, ...]:
        """The tags of a repository, as many as there are, up to some twenty thousand.

        Args:
            path: the repository in the registry.
            seconds: how long all of it may take.

        Raises:
            StarryError: no answer in time, a doubtful one, or a refusal.
        """
        visit = _Visit(self, Place(host=self.host, path=path), time.monotonic() + seconds)
        found: dict[str, Tag] = {}
        query: dict[str, str] | None = {"n": _PAGE}
        for _ in range(_MOST_PAGES):
            answer = visit.page(query or {})
            found |= {tag.name: tag for tag in tags_in(answer.data)}
            try:
                query = next_query(answer.headers.get("link", ""))
            except ValueError:
                query = None
            if query is None or len(found) >= _MOST_TAGS:
                break
        return tuple(found.values())


class _Visit:
    """The requests for one list; a token that the registry asks for is got once."""

    def __init__(self, registry: Registry, place: Place, until: float) -> None:
        self._registry = registry
        self._place = place
        self._until = until
        host = urlsplit(f"//{place.api_host}").hostname
        scheme = "http" if host in LOOPBACK else "https"
        self._transport = Transport(f"{scheme}://{place.api_host}", has_token=True, most_bytes=_MOST_BYTES)
        credential = registry.credential
        self._authorization = f"Bearer {credential}" if credential and ":" not in credential else ""
        # A server may repeat what it was told, in any of these forms.
        forms = (credential, credential.partition(":")[2], self._basic().removeprefix("Basic "))
        self._secrets = {form for form in forms if form}

    def page(self, query: Mapping[str, str]) -> Answer:
        """One page of the list."""
        raw = self._ask(query)
        if raw.status == HTTPStatus.UNAUTHORIZED:
            challenge = parse_challenge(raw.headers.get("www-authenticate", ""))
            self._authorization = self._answer_to(challenge) or self._refused(raw)
            raw = self._ask(query)
        limit = raw.headers.get("oci-tag-limit", "")
        if raw.status in _TOO_MANY and limit.isascii() and limit.isdecimal():
            raw = self._ask({**query, "n": limit[:5]})
        return self._parsed(raw, self._where)

    @property
    def _where(self) -> str:
        return f"registry {self._place.host}: tags of {self._place.path}"

    def _ask(self, query: Mapping[str, str]) -> Raw:
        target = f"/v2/{quote(self._place.path)}/tags/list?{urlencode(query)}"
        return self._exchange(self._transport, target, self._authorization)

    def _exchange(self, transport: Transport, target: str, authorization: str) -> Raw:
        headers = {"Accept": "application/json", "User-Agent": f"starry-gitops/{__version__}"}
        headers |= {"Authorization": authorization} if authorization else {}
        try:
            return transport.exchange("GET", target, headers, None, until=self._until)
        except (NotSent, Broken) as error:
            hint = "check --registry and the network"
            raise RemoteUnreachable(f"registry {self._place.host}: {error}", hint=hint) from None

    def _parsed(self, raw: Raw, where: str) -> Answer:
        if HTTPStatus.MULTIPLE_CHOICES <= raw.status < HTTPStatus.BAD_REQUEST:
            raise RemoteUnreachable(f"{where}: it redirects elsewhere", hint="name the registry where it is now")
        if raw.status >= HTTPStatus.BAD_REQUEST:
            raise failure(raw, where=where, token_variable=TOKEN, secrets=frozenset(self._secrets))
        return parse(raw, where=where)

    def _answer_to(self, challenge: Challenge | None) -> str:
        if challenge is None:
            return ""
        if challenge.realm:
            return f"Bearer {self._token(challenge)}"
        return self._basic()

    def _basic(self) -> str:
        """The credential as Basic authentication wants it; "" without a user and password."""
        credential = self._registry.credential
        return f"Basic {base64.b64encode(credential.encode()).decode()}" if ":" in credential else ""

    def _token(self, challenge: Challenge) -> str:
        """A token that may pull from this repository, and nothing else, whatever the registry asks for."""
        realm = urlsplit(self._fit(challenge.realm))
        asked = {"service": challenge.service, "scope": f"repository:{self._place.path}:pull"}
        own = [(key, value) for key, value in parse_qsl(realm.query) if key not in asked]
        query = urlencode([*own, *asked.items()])
        transport = Transport(f"{realm.scheme}://{realm.netloc}", has_token=True, most_bytes=_MOST_BYTES)
        raw = self._exchange(transport, f"{realm.path or '/'}?{query}", self._basic())
        where = f"registry {self._place.host}: its token service {realm.hostname}"
        token = _token_in(self._parsed(raw, where).data)
        if not token:
            raise DoubtfulAnswer(f"{where} gave no token", hint="check --registry")
        self._secrets.add(token)
        return token

    def _fit(self, realm: str) -> str:
        registry = self._registry
        if not is_fit_realm(realm, self._place.api_host, loopback=LOOPBACK, named=registry.named):
            hint = "if it is right, name that host with --registry too"
            raise AccessDenied(f"registry {registry.host} sends elsewhere for a token; not followed", hint=hint)
        return realm

    def _refused(self, raw: Raw) -> str:
        raise failure(raw, where=self._where, token_variable=TOKEN, secrets=frozenset(self._secrets))


def _token_in(data: Any) -> str:
    token = (data.get("token") or data.get("access_token")) if isinstance(data, dict) else None
    is_token = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    return str(token) if is_token and len(str(token)) <= _LONGEST_TOKEN else ""


def find_registries(hosts: Iterable[str], secret: str) -> tuple[Registry, ...]:
    """The registries that may be asked.

    Args:
        hosts: as image references name them, such as `us-docker.pkg.dev` or `docker.io`.
        secret: `USER:PASSWORD` or a token where there is one registry; else, or also then, a line `HOST SECRET` for
            each that needs one.

    Raises:
        UsageFault: a host is none, or it cannot be told whose a secret is.
    """
    named = tuple(dict.fromkeys(host.lower() for host in hosts))
    for host in named:
        if not _HOST.fullmatch(host):
            hint = "name its host as images do, e.g. us-docker.pkg.dev"
            raise UsageFault(f"--registry {host!r} is not the host of a registry", hint=hint)
    secrets = _secrets(named, secret) if named else {}
    everyone = frozenset(named)
    return tuple(Registry(host=host, credential=secrets.get(host, ""), named=everyone) for host in named)


def _secrets(named: tuple[str, ...], text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        host, _, rest = line.partition(" ")
        if host.lower() not in named:
            if len(named) != 1:
                hint = "write HOST USER:PASSWORD, or HOST TOKEN, a line for each of --registry"
                raise UsageFault(f"it cannot be told which registry a line of {TOKEN} is for", hint=hint)
            host, rest = named[0], line
        if not rest.strip().isprintable() or not rest.strip().isascii():
            raise UsageFault(f"{TOKEN} holds characters that no token has", hint="look for a quote in it")
        found[host.lower()] = rest.strip()
    return found
