"""An issuer that lies: it speaks the protocol as it should, and signs, or says, what a test wants of it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

SIGNING = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})


@dataclass(kw_only=True)
class Forger:
    """What the issuer says next. `claims` change those of an honest ID token; None takes one away."""

    url: str = ""
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    key: Key = field(default_factory=lambda: SIGNING)
    claims: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    discovery: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    raw: "Callable[[Forger], str] | None" = None
    asked: list[str] = field(default_factory=list)
    keys: KeySet = field(default_factory=lambda: KeySet([SIGNING, CURVE]))

    def honest(self) -> dict[str, Any]:
        """The claims of a right ID token."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": "starry",
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "ada@mycompany.com",
            "email_verified": True,
            "name": "Ada",
            "groups": [],
        }

    def token(self) -> str:
        """The ID token as it is told."""
        claims = {key: value for key, value in {**self.honest(), **self.claims}.items() if value is not None}
        if self.raw is not None:
            return self.raw(self)
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])

    def answer(self, path: str) -> dict[str, Any]:
        """What a path gives."""
        self.asked.append(path)
        answers = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
                **self.discovery,
            },
            "/keys": dict(self.keys.as_dict()),
            "/userinfo": self.userinfo,
        }
        return answers[path] if path in answers else {"id_token": self.token(), "access_token": "any"}


@contextmanager
def forging() -> Iterator[Forger]:
    """The issuer, on loopback."""
    forger = Forger()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(forger.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        forger.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield forger
        finally:
            server.shutdown()
            thread.join()
