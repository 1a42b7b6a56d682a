"""A forge on loopback, held to what the real one publishes: base of `GitHubServer` and `GitLabServer`.

Every request must be one that the contract documents, and so must be every answer: what is not stands in `violations`.
`spoil` replaces some answers, `meanwhile` changes something between two of them.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.support.forge_state import ForgeState
from tests.support.loopback import LoopbackServer


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request; `path` is below the API's root, still quoted; `/../…` is beside it. No `user` without a token."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    token: str
    user: str | None = None
    args: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: JSON, or bytes as they are. `length` is what the headers claim."""

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    length: int | None = None
    stall: float = 0.0

    @property
    def content(self) -> bytes:
        """The body."""
        if self.raw is not None:
            return self.raw
        return b"" if self.data is None else json.dumps(self.data).encode()


Spoil = Callable[[Asked, Reply], Reply]
"""From a request and its honest answer to what is sent instead."""
Handle = Callable[[Asked], Reply]


class Contract(Protocol):
    """What a forge publishes of its API. Both give what is wrong, nothing when all is well."""

    def check_request(self, asked: Asked) -> list[str]:
        """A request."""

    def check_answer(self, asked: Asked, reply: Reply) -> list[str]:
        """An answer to it."""


class Refusal(Exception):
    """An answer of 400 and more."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        self.status, self.message, self.more = status, message, more


@dataclass(kw_only=True)
class _Rule:
    pattern: str
    spoil: Spoil
    left: int
    done: bool


class ForgeServer:
    """`root` is the path of the API's root; `routes` are methods, patterns of the path and who answers."""

    root = ""
    kind = ""

    def __init__(self, state: ForgeState, contract: Contract) -> None:
        self.state = state
        self.contract = contract
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._violations: list[str] = []
        self._unchecked: list[tuple[str, Asked, Reply | None]] = []
        self._rules: list[_Rule] = []
        self._changes: list[tuple[str, Callable[[], object]]] = []
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"forge": self})
        self._http = LoopbackServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def routes(self) -> list[tuple[str, str, Handle]]:
        """Methods, patterns and who answers."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Reply:
        """How this forge words a refusal."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def violations(self) -> list[str]:
        """What was asked or answered against the contract; each request and answer is looked at once.

        Not when it comes: to read a whole contract takes longer than some clients wait for an answer.
        """
        with self._lock:
            waiting, self._unchecked = self._unchecked, []
        for what, asked, reply in waiting:
            self._violations += [f"{what}: {text}" for text in self.contract.check_request(asked)]
            if reply is not None:
                wrong = self.contract.check_answer(asked, reply)
                self._violations += [f"{what}: {reply.status}: {text}" for text in wrong]
        return self._violations

    @property
    def url(self) -> str:
        """The server, as a browser sees it."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return self.url + self.root

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.url}/{self.state.path}"

    def spoil(self, pattern: str, spoil: Spoil, *, times: int = 1_000_000, done: bool = True) -> None:
        """Replaces answers to `METHOD /path` that a pattern is found in; without `done` nothing is done at all."""
        self._rules.append(_Rule(pattern=pattern, spoil=spoil, left=times, done=done))

    def meanwhile(self, pattern: str, action: Callable[[], object]) -> None:
        """Does something once, right after the first answer to what a pattern is found in."""
        self._changes.append((pattern, action))

    def answer(self, asked: Asked) -> Reply:
        """What is sent."""
        with self._lock:
            self.asked.append(asked)
            what = f"{asked.method} {asked.path}?{urlencode(asked.query)}"
            rule = next((one for one in self._rules if one.left and re.search(one.pattern, what)), None)
            honest = None if rule and not rule.done else self._honest(asked)
            self._unchecked.append((what, asked, honest))
            reply = honest or Reply()
            if rule:
                rule.left -= 1
                reply = rule.spoil(asked, reply)
            for change in [one for one in self._changes if re.search(one[0], what)]:
                self._changes.remove(change)
                change[1]()
            return reply

    def _honest(self, asked: Asked) -> Reply:
        try:
            return self._routed(asked)
        except Refusal as refusal:
            return self.refused(refusal)

    def _routed(self, asked: Asked) -> Reply:
        for method, pattern, handle in self.routes():
            found = re.fullmatch(pattern, asked.path)
            if found and method == asked.method:
                return handle(_with_args(asked, tuple(unquote(one) for one in found.groups())))
        raise Refusal(404, "Not Found")


def _with_args(asked: Asked, args: tuple[str, ...]) -> Asked:
    values = {name: getattr(asked, name) for name in ("method", "path", "query", "body", "token", "user")}
    return Asked(**values, args=args)


def paged(asked: Asked, items: list[Any], url: str, **more: str) -> Reply:
    """One page of a list, with links to the others as RFC 8288 has them. `more` is in the links' query too."""
    size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
    assert 1 <= size <= 100, f"per_page={size}"
    last = max(-(-len(items) // size), 1)
    links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    shown = {name: number for name, number in links.items() if 1 <= number <= last and number != page}
    query = {**more, **asked.query}
    texts = [f'<{url}?{urlencode({**query, "page": number})}>; rel="{name}"' for name, number in shown.items()]
    return Reply(data=items[(page - 1) * size : page * size], headers={"Link": ", ".join(texts)} if texts else {})


class _Handler(BaseHTTPRequestHandler):
    forge: ForgeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _serve(self) -> None:
        forge = self.forge
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = (self.headers.get("Authorization", "").rpartition(" ")[2]) or self.headers.get("PRIVATE-TOKEN", "")
        path = parts.path.removeprefix(forge.root) if parts.path.startswith(f"{forge.root}/") else f"/..{parts.path}"
        asked = Asked(
            method=self.command,
            path=path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            body=json.loads(content) if content else None,
            token=token,
            user=forge.state.tokens.get(token),
        )
        self._send(forge.answer(asked))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base class's names

    def _send(self, reply: Reply) -> None:
        content, status = reply.content, reply.status
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        if self.command == "GET" and status == 200:
            headers.setdefault("ETag", f'W/"{hashlib.sha256(content).hexdigest()}"')
            if self.headers.get("If-None-Match") == headers["ETag"]:
                status, content = 304, b""
        if reply.stall:
            self.close_connection = True
            self.forge.closing.wait(reply.stall)
        self.send_response(status)
        length = len(content) if reply.length is None else reply.length
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        if length != len(content):
            self.close_connection = True
