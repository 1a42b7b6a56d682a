"""A real container registry on loopback, and a service that gives out its tokens."""

import base64
import hashlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support import registry_build
from tests.support.gitserver import unused_port, wait_for_port
from tests.support.loopback import LoopbackServer

USER, PASSWORD = "ada", "a password: of more"
# The password, as bcrypt keeps it.
_KEPT = f"{USER}:$2b$12$qv0dRlzP4jFFjMjEHqlG5OMEJUXxYj.yIxl1poMbBf5JFwr4sfRIS\n"
_SERVICE, _ISSUER = "the registry of the tests", "tests"
_EMPTY = b"{}"
_TYPE = "application/vnd.oci.image.manifest.v1+json"

Sign = Literal["none", "basic", "token"]


@dataclass(kw_only=True)
class TokenService:
    """Gives tokens out, to `anonymous` people too where it is true. `asked` is every query, and who asked."""

    anonymous: bool = True
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    asked: list[tuple[dict[str, list[str]], str]] = field(default_factory=list)
    url: str = ""

    def token(self, name: str, actions: list[str]) -> str:
        """One that the registry takes."""
        now = int(time.time())
        claims = {"iss": _ISSUER, "aud": _SERVICE, "sub": "", "iat": now, "nbf": now - 5, "exp": now + 300}
        access = [{"type": "repository", "name": name, "actions": actions}]
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, {**claims, "access": access}, self.key)

    @contextmanager
    def running(self) -> Iterator["TokenService"]:
        """Listens; `url` is the realm."""
        handler = type("Handler", (_Tokens,), {"service": self})
        server = LoopbackServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/token?of=tests"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Tokens(BaseHTTPRequestHandler):
    service: TokenService

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        query, service = parse_qs(urlsplit(self.path).query), self.service
        given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        service.asked.append((query, given))
        if given not in {f"{USER}:{PASSWORD}", *([""] if service.anonymous else [])}:
            self._send(401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]})
            return
        _, name, actions = query["scope"][0].split(":")
        self._send(200, {"token": service.token(name, actions.split(","))})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@dataclass(frozen=True, kw_only=True)
class RealRegistry:
    """The registry as it runs. `host` is as image references name it."""

    host: str
    http: httpx.Client
    tokens: TokenService

    def push(self, name: str, *tags: str) -> None:
        """One empty image under each tag."""
        headers = {"Authorization": f"Bearer {self.tokens.token(name, ['pull', 'push'])}"}
        if self.http.auth is not None:
            headers = {}
        digest = f"sha256:{hashlib.sha256(_EMPTY).hexdigest()}"
        begun = self.http.post(f"/v2/{name}/blobs/uploads/", headers=headers)
        assert begun.status_code == 202, begun.text
        place = httpx.URL(begun.headers["location"]).copy_merge_params({"digest": digest})
        assert self.http.put(place, content=_EMPTY, headers=headers).status_code == 201
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(_EMPTY)}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": _TYPE, "config": config, "layers": []})
        for tag in tags:
            typed = {**headers, "Content-Type": _TYPE}
            done = self.http.put(f"/v2/{name}/manifests/{tag}", content=manifest, headers=typed)
            assert done.status_code == 201, done.text


@contextmanager
def real_registry(folder: Path, sign: Sign = "none", *, anonymous: bool = True) -> Iterator[RealRegistry]:
    """A registry that asks for nothing, for Basic authentication, or for tokens."""
    registry_build.require()
    port = unused_port()
    with TokenService(anonymous=anonymous).running() as tokens:
        config = _config(folder, port, sign, tokens)
        with (folder / "registry.log").open("wb") as log:
            process = subprocess.Popen(
                [registry_build.BINARY, "serve", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            try:
                wait_for_port(port, 30)
                auth = (USER, PASSWORD) if sign == "basic" else None
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=auth, trust_env=False) as http:
                    yield RealRegistry(host=f"127.0.0.1:{port}", http=http, tokens=tokens)
            finally:
                process.kill()
                process.wait()


def _config(folder: Path, port: int, sign: Sign, tokens: TokenService) -> Path:
    """JSON is YAML."""
    (folder / "htpasswd").write_text(_KEPT, encoding="utf-8")
    (folder / "keys.json").write_text(json.dumps({"keys": [tokens.key.as_dict(private=False)]}), encoding="utf-8")
    token = {"realm": tokens.url, "service": _SERVICE, "issuer": _ISSUER, "jwks": str(folder / "keys.json")}
    auth: dict[Sign, dict[str, Any]] = {
        "none": {},
        "basic": {"auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}},
        "token": {"auth": {"token": {**token, "signingalgorithms": ["ES256"]}}},
    }
    file = folder / "registry.yml"
    base = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"inmemory": {}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "for tests"},
    }
    file.write_text(json.dumps({**base, **auth[sign]}), encoding="utf-8")
    return file
