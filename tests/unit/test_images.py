"""Image references follow the OCI grammar; what is not one is a UsageFault."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.images import is_allowed, is_repository, is_version, parse_image
from starry_gitops.core.labels import label_value
from starry_gitops.core.model import Image
from starry_gitops.errors import UsageFault
from tests.unit.strategies import tags, texts

DIGEST = "sha256:" + "0123456789abcdef" * 4

ACCEPTED = {
    "backend=1.0.0": (None, "1.0.0"),
    "backend=pr-123-abcd123": (None, "pr-123-abcd123"),
    "backend=1e3": (None, "1e3"),
    f"backend={DIGEST}": (None, DIGEST),
    f"backend=v1@{DIGEST}": (None, f"v1@{DIGEST}"),
    "backend=nginx:1": ("nginx", "1"),
    "backend=us-docker.pkg.dev/myproj/sample-be:1": ("us-docker.pkg.dev/myproj/sample-be", "1"),
    "backend=localhost:5000/a/b:1": ("localhost:5000/a/b", "1"),
    f"backend=ghcr.io/a/b@{DIGEST}": ("ghcr.io/a/b", DIGEST),
    f"backend=ghcr.io/a/b:v1@{DIGEST}": ("ghcr.io/a/b", f"v1@{DIGEST}"),
    "backend=a/b__c.d--e:1": ("a/b__c.d--e", "1"),
}
REFUSED = [
    "", "backend", "backend=", "=1", "backend=a:", "backend=:1", "backend=a b", "backend=1\n", "backend=\n1",
    "backend=a/b", "backend=a/B:1", "backend=a//b:1", "backend=a/b:1 ", "backend=-a", "backend=.a",
    "backend=a@sha256:12",
    "backend=a/b@sha512:" + "0" * 128, "backend=é", "backend=a/b:é", "backend=" + "a" * 129, "backend=a/../b:1",
    "backend=https://a/b:1", f"backend=a@{DIGEST.upper()}", "backend=a/b:1@", "backend=/a:1", "backend=a/:1",
    "backend=a" * 200, "backend=" + "a/" * 200 + "b:1", "backend=a\x00b:1", "backend=$(id)", "backend=a;b", "backend=٣",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ACCEPTED.items())
def test_forms_of_images(text: str, expected: tuple[str | None, str]) -> None:
    found = parse_image(text)
    assert (found.component, found.repository, found.tag) == ("backend", *expected)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_image(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_image(text)


@given(st.builds("{}={}{}{}".format, st.just("c"), texts, st.sampled_from(["", ":", "@", ":1", f"@{DIGEST}"]), texts))
def test_an_accepted_image_holds_nothing_strange(text: str) -> None:
    try:
        found = parse_image(text)
    except UsageFault as fault:
        assert fault.message.isprintable()  # noqa: PT017
        return
    for part in (found.repository or "", found.tag):
        assert re.fullmatch(r"[A-Za-z0-9._:/@-]*", part, re.ASCII), part
    assert found.repository is None or is_repository(found.repository)
    assert is_version(found.tag)


@given(tags)
def test_a_tag_is_taken_as_it_is(tag: str) -> None:
    assert parse_image(f"backend={tag}").tag == tag
    assert parse_image(f"backend=a/b:{tag}").tag == tag


def test_a_digest_is_joined_with_an_at_sign() -> None:
    assert Image(repository="a/b", tag=DIGEST).reference == f"a/b@{DIGEST}"
    assert Image(repository="a/b", tag="1").reference == "a/b:1"


def test_long_garbage_is_refused_quickly() -> None:
    for text in ("a-" * 20_000, "a." * 20_000 + "!", "a/" * 20_000 + "!", "-" * 50_000, "a" + "-_" * 20_000):
        assert not is_repository(text)
        with pytest.raises(UsageFault):
            parse_image(f"c={text}")


@pytest.mark.parametrize(
    ("repository", "patterns", "allowed"),
    [
        ("us-docker.pkg.dev/myproj/a", ("us-docker.pkg.dev/myproj/*",), True),
        ("us-docker.pkg.dev/myproj/a/b", ("us-docker.pkg.dev/myproj/*",), True),
        ("us-docker.pkg.dev/myprojx/a", ("us-docker.pkg.dev/myproj/*",), False),
        ("evil.io/us-docker.pkg.dev/myproj/a", ("us-docker.pkg.dev/myproj/*",), False),
        ("a", (), False),
        ("a", None, True),
        ("a", ("b", "a"), True),
    ],
)
def test_what_the_policy_allows(repository: str, patterns: tuple[str, ...] | None, allowed: bool) -> None:
    assert is_allowed(repository, patterns) is allowed


@given(texts.filter(bool))
def test_any_text_becomes_a_label_value(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # owners are checked to be UTF-8 before
    value = label_value(text)
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", value), value
    assert label_value(value) == value


@given(st.sets(texts.filter(lambda text: text.isprintable() and bool(text)), min_size=2, max_size=20))
def test_different_owners_have_different_label_values(owners: set[str]) -> None:
    assert len({label_value(owner) for owner in owners}) == len(owners)


def test_a_valid_owner_is_its_own_label_value() -> None:
    assert label_value("ada.lovelace") == "ada.lovelace"
    assert label_value("@ada") != label_value("ada")
