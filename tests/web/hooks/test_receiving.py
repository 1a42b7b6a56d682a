"""What is taken in, and what is refused, before anything is done."""

import json
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.web.hook_line import Job
from starry_gitops.web.requests import LARGEST_HOOK
from tests.support.cli import run
from tests.support.repos import Apps
from tests.web.hooks.sending import PULL_REQUEST, SECRET, SIGNING, Hooked, headers, hooked
from tests.web.served import process, served, wait_until

KINDS: tuple[ForgeKind, ...] = ("github", "gitlab", "gitea")
BODIES: dict[ForgeKind, Any] = {
    "github": PULL_REQUEST,
    "gitea": PULL_REQUEST,
    "gitlab": {
        "object_kind": "merge_request",
        "project": {"web_url": "https://git.example/acme/be"},
        "object_attributes": {"iid": 1, "action": "open"},
    },
}

_HEAD = "POST /hooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Hub-Signature-256: x\r\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_one_is_answered_at_once(hooks: Hooked, kind: ForgeKind) -> None:
    answer = hooks.send(kind, BODIES[kind], delivery="d-1")
    assert (answer.status_code, answer.json()) == (202, {"status": "queued", "delivery": f"{kind}:d-1", "reason": ""})
    hooks.wait_for("pull_request", "ignored")
    assert hooks.figures()["hooks_total", kind, "queued"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_replay_is_known(hooks: Hooked, kind: ForgeKind) -> None:
    body = json.dumps(BODIES[kind]).encode()
    sent = headers(kind, body, secret=SECRET)
    assert hooks.post(kind, body, sent).status_code == 202
    hooks.wait_for("pull_request", "ignored")
    again = hooks.post(kind, body, sent)
    assert (again.status_code, again.json()["status"], again.json()["reason"]) == (200, "known", "it came before")
    assert hooks.figures()["hook_jobs_total", "pull_request", "ignored"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_signature_is_refused(apps: Apps, kind: ForgeKind) -> None:
    body = json.dumps(BODIES[kind]).encode()
    good = headers(kind, body)
    with hooked(apps) as hooks:
        for wrong in (headers(kind, body, secret="another-secret-0123456789"), {**good, **_emptied(good)}):
            answer = hooks.post(kind, body, wrong)
            assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature")
        if kind != "gitlab":
            assert hooks.post(kind, body + b" ", good).status_code == 401
        other = next(one for one in KINDS if one != kind)
        assert hooks.post(other, body, good).status_code == 401
        assert all(key[0] != "hooks_total" for key in hooks.figures())
        assert hooks.post(kind, body, good).status_code == 202


def _emptied(good: dict[str, str]) -> dict[str, str]:
    return {name: "" for name in good if "ignature" in name or name == "X-Gitlab-Token"}


def test_gitlabs_signing_token_and_the_time_it_signs(apps: Apps) -> None:
    body = json.dumps(BODIES["gitlab"]).encode()
    with hooked(apps, SIGNING) as hooks:
        assert hooks.send("gitlab", body, secret=SIGNING).status_code == 202
        old = headers("gitlab", body, secret=SIGNING, at=1_700_000_000)
        assert hooks.post("gitlab", body, old).status_code == 401
        assert hooks.send("gitlab", body).status_code == 401


def test_each_of_several_secrets_counts(apps: Apps) -> None:
    with hooked(apps, SECRET, SIGNING, "the-old-secret-0123456789") as hooks:
        for kind in ("github", "gitea", "gitlab"):
            for secret in (SECRET, "the-old-secret-0123456789"):
                assert hooks.send(kind, BODIES[kind], secret=secret).status_code == 202
        assert hooks.send("gitlab", BODIES["gitlab"], secret=SIGNING).status_code == 202
        assert hooks.send("gitea", BODIES["gitea"], secret="neither-of-them-0123456789").status_code == 401


@pytest.mark.parametrize(
    "content_type", ["", "application/x-www-form-urlencoded", "text/plain", "application/jsonp", "multipart/form-data"]
)
def test_only_json(hooks: Hooked, content_type: str) -> None:
    body = json.dumps(PULL_REQUEST).encode()
    answer = hooks.post("github", body, {**headers("github", body), "Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")
    assert "application/json" in answer.json()["hint"]
    assert hooks.post("github", body, {**headers("github", body), "Content-Type": "application/json; charset=utf-8"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
        b'{"action": "opened", "number": 1, "pull_request": 1}',
    ],
)
def test_what_is_no_payload(hooks: Hooked, body: bytes) -> None:
    answer = hooks.send("github", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")


@pytest.mark.parametrize("signed", [True, False])
def test_a_huge_body_is_not_read(hooks: Hooked, signed: bool) -> None:
    body = b"{" + b" " * LARGEST_HOOK + b"}"
    sent = headers("github", body) if signed else {"Content-Type": "application/json"}
    answer = hooks.post("github", body, sent)
    assert (answer.status_code, answer.json()["code"]) == ((413, "too_large") if signed else (401, "webhook_signature"))


def test_a_huge_body_of_unknown_length_is_not_kept(hooks: Hooked) -> None:
    def parts():
        for _ in range(LARGEST_HOOK // 1000 + 2):
            yield b" " * 1000

    sent = headers("github", b"")
    answer = hooks.page.http.post("/hooks/github", content=parts(), headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def _connected(hooks: Hooked) -> socket.socket:
    place = urlsplit(hooks.page.url)
    return socket.create_connection((place.hostname, place.port), timeout=20)


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "99999999999999999999"])
def test_a_length_that_is_none(hooks: Hooked, length: str) -> None:
    """Whoever answers it, the page goes on."""
    with _connected(hooks) as client:
        client.sendall(f"{_HEAD}Content-Length: {length}\r\n\r\n".encode())
        assert b" 4" in client.recv(100)[:12]
    assert hooks.send("github", PULL_REQUEST).status_code == 202


def test_a_body_that_breaks_off(hooks: Hooked) -> None:
    with _connected(hooks) as client:
        client.sendall(f"{_HEAD}Content-Length: 9\r\n\r\n{{".encode())
    wait_until(lambda: 'endpoint="receive_hook",status="400"' in hooks.page.http.get("/metrics").text)


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("github", {"zen": "Keep it logically awesome.", "hook_id": 1}, "nothing follows from such an event"),
        ("gitlab", {"object_kind": "pipeline"}, "nothing follows from such an event"),
        (
            "gitea",
            {
                "ref": "refs/heads/other",
                "before": "0",
                "after": "1",
                "pusher": {},
                "repository": {"html_url": "https://git.example/myorg/argocd-apps"},
            },
            "it is no push to the branch that is shown",
        ),
    ],
)
def test_what_asks_for_nothing_says_so(hooks: Hooked, kind: ForgeKind, body: Any, reason: str) -> None:
    answer = hooks.send(kind, body)
    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (200, "ignored", reason)


@pytest.mark.parametrize("path", ["/hooks/bitbucket", "/hooks/", "/hooks/github/x", "/hooks/GitHub"])
def test_other_paths(hooks: Hooked, path: str) -> None:
    body = json.dumps(PULL_REQUEST).encode()
    assert hooks.page.http.post(path, content=body, headers=headers("github", body)).status_code == 404
    assert hooks.page.http.get("/hooks/github").status_code == 405


def test_a_flood_is_told_to_come_again_and_is_heard_then(hooks: Hooked) -> None:
    """The worker is held up, as by a forge that does not answer."""
    flood_is_over, line = threading.Event(), hooks.page.app.state.services.desk._work
    line.add(Job(key=("held",), what="push", work=lambda: str(flood_is_over.wait(60))))
    hooks.wait_until_idle()
    for number in range(1, 201):
        assert hooks.send("github", {**PULL_REQUEST, "number": number}).status_code == 202
    full = hooks.send("github", {**PULL_REQUEST, "number": 999}, delivery="late")
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (503, "busy", "5")
    assert hooks.send("github", {**PULL_REQUEST, "number": 150}).status_code == 202
    assert hooks.page.get("/previews").status_code == 200
    flood_is_over.set()
    hooks.wait_until_idle()
    assert hooks.send("github", {**PULL_REQUEST, "number": 999}, delivery="late").status_code == 202


def test_without_a_secret_there_are_none(apps: Apps) -> None:
    body = json.dumps(PULL_REQUEST).encode()
    with served(apps) as page:
        answer = page.http.post("/hooks/github", content=body, headers=headers("github", body))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    with process(apps) as page:
        assert [one["message"] for one in page.records() if one["event"] == "hooks_off"] == [
            "webhooks are off: STARRY_WEBHOOK_SECRET is not set"
        ]


def test_a_secret_that_is_none_is_refused_at_start(apps: Apps) -> None:
    done = run("serve", "--repo", str(apps.bare), "-o", "json", env={"STARRY_WEBHOOK_SECRET": "hunter2"})
    assert done.code == 2
    assert "hunter2" not in done.out + done.err


def test_browsers_and_other_sites_change_nothing_of_that(hooks: Hooked) -> None:
    """No cookie and no CSRF token is looked at: the signature alone counts."""
    body = json.dumps(PULL_REQUEST).encode()
    sent = {**headers("github", body), "Origin": "https://evil.example", "Cookie": "starry=x"}
    assert hooks.post("github", body, sent).status_code == 202
