"""Sends webhooks to a page, signed as each forge signs them."""

import base64
import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from starry_gitops.core.sync_settings import ForgeKind
from tests.support.repos import Apps
from tests.web.served import Served, served, wait_until

SECRET = "a-secret-of-the-tests-0123456789"
SIGNING = "whsec_" + base64.b64encode(b"k" * 32).decode()
PULL_REQUEST = {
    "action": "opened",
    "number": 1,
    "pull_request": {},
    "repository": {"html_url": "https://git.example/acme/be"},
}
"""Whatever forge sends it, of GitHub's and Gitea's shape; of a repository that nobody named."""

_NUMBERS = itertools.count(1)
_SAMPLE = re.compile(r"^starry_web_(?P<name>hook\w+?)(?P<labels>\{.*\})? (?P<value>[0-9.]+)$", re.MULTILINE)
_LABEL = re.compile(r'="([^"]*)"')


def headers(
    kind: ForgeKind, body: bytes, *, secret: str = SECRET, delivery: str | None = None, at: float | None = None
) -> dict[str, str]:
    """As the forge sends them. A secret that begins with `whsec_` is GitLab's signing token."""
    name = delivery or f"delivery-{next(_NUMBERS)}"
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    made = {"Content-Type": "application/json"}
    if kind == "github":
        return {**made, "X-GitHub-Delivery": name, "X-Hub-Signature-256": f"sha256={digest}"}
    if kind == "gitea":
        return {**made, "X-Gitea-Delivery": name, "X-Gitea-Signature": digest}
    if not secret.startswith("whsec_"):
        return {**made, "Idempotency-Key": name, "X-Gitlab-Token": secret}
    seconds = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{seconds}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(signed).decode()}"
    return {**made, "webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature}


@dataclass(frozen=True, kw_only=True)
class Hooked:
    """A page that takes webhooks."""

    page: Served

    def send(self, kind: ForgeKind, data: Any, *, secret: str = SECRET, delivery: str | None = None) -> httpx.Response:
        """Sends one, signed."""
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.post(kind, body, headers(kind, body, secret=secret, delivery=delivery))

    def post(self, kind: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """Sends whatever it is."""
        return self.page.http.post(f"/hooks/{kind}", content=body, headers=headers)

    def figures(self) -> dict[tuple[str, ...], int]:
        """What /metrics says of webhooks: a name and the labels' values, and how many."""
        found = _SAMPLE.finditer(self.page.http.get("/metrics").text)
        return {(one["name"], *_LABEL.findall(one["labels"] or "")): int(float(one["value"])) for one in found}

    def wait_for(self, what: str, result: str, count: int = 1) -> None:
        """Until so many jobs of a kind have ended so."""
        wait_until(lambda: self.figures().get(("hook_jobs_total", what, result), 0) >= count, 40)

    def wait_until_idle(self) -> None:
        """Until nothing waits."""
        wait_until(lambda: self.figures()["hooks_waiting",] == 0)


@contextmanager
def hooked(apps: Apps, *secrets: str, **config: Any) -> Iterator[Hooked]:
    """The page of a repository, in this process."""
    with served(apps, webhook_secrets=secrets or (SECRET,), **config) as page:
        try:
            yield Hooked(page=page)
        finally:
            desk = page.app.state.services.desk
            desk.close()
            desk.join()
