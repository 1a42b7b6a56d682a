"""Webhooks: whether one is genuine, and what the forges' own payloads tell."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.forge_event import CommentEvent, PullRequestEvent, PushEvent
from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.errors import AccessDenied, UsageFault
from starry_gitops.forges.webhooks import LARGEST, parse_event, verify
from tests.support import webhook_examples
from tests.support.gitea_server import GiteaServer
from tests.support.webhooks import WebhookReceiver

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
BODY = b'{"a": 1}'
SECRET = "s3cret"
SIGNING = "whsec_" + base64.b64encode(b"k" * 32).decode()


def digest(body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(at: datetime, body: bytes = BODY, identity: str = "id-1") -> dict[str, str]:
    """The headers of Standard Webhooks."""
    seconds = str(int(at.timestamp()))
    made = hmac.new(b"k" * 32, f"{identity}.{seconds}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"webhook-id": identity, "webhook-timestamp": seconds, "webhook-signature": signature}


GENUINE: list[tuple[ForgeKind, dict[str, str], str]] = [
    ("github", {"x-hub-signature-256": f"sha256={digest()}"}, SECRET),
    ("gitea", {"x-gitea-signature": digest()}, SECRET),
    ("gitlab", {"x-gitlab-token": SECRET}, SECRET),
    ("gitlab", signed(NOW), SIGNING),
    ("gitlab", signed(NOW - timedelta(minutes=5)), SIGNING),
    ("gitlab", signed(NOW + timedelta(minutes=5)), SIGNING),
    ("gitlab", {**signed(NOW), "webhook-signature": f"v1,b2xk v2,x {signed(NOW)['webhook-signature']}"}, SIGNING),
]


@pytest.mark.parametrize(("kind", "headers", "secret"), GENUINE)
def test_genuine(kind: ForgeKind, headers: dict[str, str], secret: str):
    verify(kind, headers, BODY, secret, NOW)


@pytest.mark.parametrize(("kind", "headers", "secret"), GENUINE)
def test_without_a_header(kind: ForgeKind, headers: dict[str, str], secret: str):
    for name in headers:
        left = {key: value for key, value in headers.items() if key != name}
        with pytest.raises(AccessDenied, match="not signed with our secret"):
            verify(kind, left, BODY, secret, NOW)


@pytest.mark.parametrize(
    ("kind", "headers", "secret"),
    [
        ("github", {"x-hub-signature-256": digest()}, SECRET),
        ("github", {"x-hub-signature-256": f"sha256={digest(secret='other')}"}, SECRET),
        ("github", {"x-hub-signature-256": f"sha256={digest(b'other')}"}, SECRET),
        ("github", {"x-hub-signature": "sha1=" + hmac.new(b"s3cret", BODY, "sha1").hexdigest()}, SECRET),
        ("gitea", {"x-gitea-signature": f"sha256={digest()}"}, SECRET),
        ("gitea", {"x-gitea-signature": "é" * 64}, SECRET),
        ("gitlab", {"x-gitlab-token": "s3cre"}, SECRET),
        ("gitlab", {"x-gitlab-token": SIGNING}, SIGNING),
        ("gitlab", signed(NOW, b"other"), SIGNING),
        ("gitlab", {**signed(NOW), "webhook-id": "id-2"}, SIGNING),
        ("gitlab", signed(NOW - timedelta(minutes=5, seconds=1)), SIGNING),
        ("gitlab", signed(NOW + timedelta(minutes=5, seconds=1)), SIGNING),
        ("gitlab", {**signed(NOW), "webhook-timestamp": "9" * 400}, SIGNING),
        ("gitlab", {**signed(NOW), "webhook-timestamp": "-1"}, SIGNING),
        ("github", {"x-hub-signature-256": f"sha256={digest(secret='')}"}, ""),
        ("gitlab", {"x-gitlab-token": ""}, ""),
        ("gitlab", signed(NOW), "whsec_***"),
    ],
)
def test_not_genuine(kind: ForgeKind, headers: dict[str, str], secret: str):
    with pytest.raises(AccessDenied) as caught:
        verify(kind, headers, BODY, secret, NOW)
    assert not secret or secret not in caught.value.message + caught.value.hint


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_any_headers(headers: dict[str, str]):
    with pytest.raises(AccessDenied):
        verify("gitlab", headers, BODY, SIGNING, NOW)


def test_a_real_giteas_webhooks(gitea: GiteaServer):
    repository = gitea.new_repository("backend")
    repository.push_branch("feature")
    with WebhookReceiver() as receiver:
        repository.webhook(receiver.url, secret=SECRET)
        number = repository.open_pull_request("feature")
        comment = repository.comment(number, "/preview")
        opened = receiver.wait_for("pull_request", action="opened")
        said = receiver.wait_for("issue_comment", action="created")
        repository.close(number)
        closed = receiver.wait_for("pull_request", action="closed")
    for one in (opened, said, closed):
        verify("gitea", one.headers, one.body, SECRET, NOW)
        verify("github", one.headers, one.body, SECRET, NOW)
        with pytest.raises(AccessDenied):
            verify("gitea", one.headers, one.body + b" ", SECRET, NOW)
    assert parse_event(opened.body) == PullRequestEvent(page=repository.page, number=number, action="opened")
    assert parse_event(closed.body) == PullRequestEvent(page=repository.page, number=number, action="closed")
    found = parse_event(said.body)
    assert isinstance(found, CommentEvent)
    assert (found.page, found.number, found.comment) == (repository.page, number, comment)
    assert (found.author, found.body, found.action, found.by_bot) == (
        repository.owner.name,
        "/preview",
        "created",
        False,
    )
    assert found.created_at.tzinfo is UTC


def test_githubs_recorded_payloads():
    webhook_examples.require()
    read = 0
    for event, examples in webhook_examples.github().items():
        for example in examples:
            found = parse_event(json.dumps(example).encode())
            assert (found is not None) == (event in {"pull_request", "push"})
            if isinstance(found, PushEvent):
                assert (found.page, found.ref) == (example["repository"]["html_url"], example["ref"])
            if isinstance(found, PullRequestEvent):
                assert found.number == example["pull_request"]["number"]
                assert found.page == example["repository"]["html_url"]
                read += 1
    assert read > 20


def _github_comment(**comment: Any) -> bytes:
    """GitHub's recorded comments are on issues; on a pull request they have one key more."""
    webhook_examples.require()
    example = json.loads(json.dumps(webhook_examples.github()["issue_comment"][0]))
    example["issue"]["pull_request"] = {"url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/1"}
    example["comment"].update(comment)
    return json.dumps(example).encode()


def test_githubs_comment():
    data = _github_comment(body="/preview")
    example = json.loads(data)
    assert parse_event(data) == CommentEvent(
        page="https://github.com/Codertocat/Hello-World",
        number=example["issue"]["number"],
        action=example["action"],
        comment=example["comment"]["id"],
        author="Codertocat",
        body="/preview",
        created_at=datetime.fromisoformat(example["comment"]["created_at"]),
        by_bot=False,
    )
    for user in ({"login": "renovate[bot]"}, {"login": "renovate", "type": "Bot"}):
        found = parse_event(_github_comment(user=user))
        assert isinstance(found, CommentEvent)
        assert found.by_bot


def test_gitlabs_own_payloads():
    webhook_examples.require()
    events = {"merge_request", "note_merge_request", "service_merge_request", "push"}
    for name in webhook_examples.gitlab_names():
        # Written by hand, with spaces behind its keys.
        if name != "group_merge_request":
            assert (parse_event(webhook_examples.gitlab(name)) is not None) == (name in events)
    with pytest.raises(UsageFault, match="lacks a valid 'iid'"):
        parse_event(webhook_examples.gitlab("group_merge_request"))
    assert parse_event(webhook_examples.gitlab("note_merge_request")) == CommentEvent(
        page="http://example.com/gitlab-org/gitlab-test",
        number=1,
        action="created",
        comment=1244,
        author="root",
        body="This MR needs work.",
        created_at=datetime(2015, 5, 17, 18, 21, 36, tzinfo=UTC),
        by_bot=False,
    )


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"id": "7"}, "'id'"),
        ({"id": 2**70}, "'id'"),
        ({"body": 7}, "'body'"),
        ({"created_at": "now"}, "'created_at'"),
        ({"created_at": "2026-01-31T12:00:00"}, "'created_at'"),
        ({"user": None}, "'user'"),
        ({"user": {"login": "a/../b"}}, "'login'"),
        ({"user": {"login": "a\ud800"}}, "'login'"),
        ({"user": {"login": "@team\n"}}, "'login'"),
    ],
)
def test_what_is_not_as_it_should_be(change: dict[str, Any], lacking: str):
    with pytest.raises(UsageFault, match=f"the event is not github's: it lacks a valid {lacking}"):
        parse_event(_github_comment(**change))


def test_kind_by_name():
    with pytest.raises(UsageFault, match="not gitlab's"):
        parse_event(_github_comment(), "gitlab")


@pytest.mark.parametrize("data", [b"", b"\xff", b"7", b"[]", b"{" * 100_000, b'{"a":' * 100_000, b"9" * 5_000])
def test_no_object(data: bytes):
    with pytest.raises(UsageFault, match="no JSON object"):
        parse_event(data)


def test_too_large():
    with pytest.raises(UsageFault, match="larger than 4 MiB"):
        parse_event(b" " * (LARGEST + 1))


_KEYS = st.sampled_from([
    "action", "comment", "issue", "pull_request", "repository", "user", "login", "id", "body", "created_at", "number",
    "html_url", "is_pull", "object_kind", "object_attributes", "project", "merge_request", "iid", "note",
    "noteable_type", "web_url", "username", "node_id",
])  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(_KEYS, _JSON, max_size=8))
def test_any_object(content: dict[str, Any]):
    with suppress(UsageFault):
        parse_event(json.dumps(content).encode())
