"""Which secrets there are, and which deliveries are known."""

import base64

import pytest

from starry_gitops.errors import UsageFault
from starry_gitops.web.hook_check import SECRETS, Deliveries, delivery_id, secrets_in
from tests.web.hooks.sending import SECRET, SIGNING


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("  \n\n", ()),
        (SECRET, (SECRET,)),
        (f"{SECRET}\n", (SECRET,)),
        (f" {SECRET}\r\n\n{SIGNING}", (SECRET, SIGNING)),
    ],
)
def test_secrets(text: str, found: tuple[str, ...]) -> None:
    assert secrets_in({SECRETS: text}) == found
    assert secrets_in({}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        f"{SECRET}\nhunter2",
        "ä" * 20,
        "with\ttabs\tin\tbetween",
        "whsec_!!!!!!!!!!!!!!!!",
        "whsec_" + base64.b64encode(b"short").decode(),
        "\n".join(f"{SECRET}{number}" for number in range(11)),
    ],
)
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(UsageFault) as caught:
        secrets_in({SECRETS: text})
    for line in text.splitlines():
        assert line not in caught.value.message + caught.value.hint


def test_a_delivery_is_new_once_until_it_is_forgotten() -> None:
    deliveries = Deliveries()
    assert [deliveries.is_new(one) for one in ("a", "b", "a")] == [True, True, False]
    deliveries.forget("a", "never seen")
    assert deliveries.is_new("a")


def test_memory_is_bounded_and_the_oldest_are_forgotten() -> None:
    deliveries = Deliveries(most=3)
    for name in "abcd":
        assert deliveries.is_new(name)
    assert len(deliveries) == 3
    assert not deliveries.is_new("b")
    assert deliveries.is_new("a")


def test_names_of_deliveries() -> None:
    guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert delivery_id("github", {"x-github-delivery": guid}, b"") == f"github:{guid}"
    assert delivery_id("gitea", {"x-gitea-delivery": guid}, b"") == f"gitea:{guid}"
    assert delivery_id("gitlab", {"idempotency-key": guid, "webhook-id": "msg_1"}, b"") == "gitlab:msg_1"
    for given in ({}, {"x-github-delivery": "a b"}, {"x-github-delivery": "a" * 129}):
        assert delivery_id("github", given, b"1") != delivery_id("github", given, b"2")
        assert len(delivery_id("github", given, b"1")) == len("github:") + 64
