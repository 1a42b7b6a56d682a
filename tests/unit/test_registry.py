"""What a registry says, read: places, challenges, where it may send us, which tags a person looks for."""

import pytest

from starry_gitops.core.registry import (
    Challenge,
    Place,
    Tag,
    is_fit_realm,
    parse_challenge,
    place_of,
    suggestions,
    tags_in,
)

LOCAL = {"localhost", "127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("repository", "host", "path"),
    [
        ("us-docker.pkg.dev/myproj/sample-be", "us-docker.pkg.dev", "myproj/sample-be"),
        ("localhost/be", "localhost", "be"),
        ("127.0.0.1:5000/a/b", "127.0.0.1:5000", "a/b"),
        ("Registry.Example.com/be", "registry.example.com", "be"),
        ("myorg/be", "docker.io", "myorg/be"),
        ("nginx", "docker.io", "library/nginx"),
        ("docker.io/library/nginx", "docker.io", "library/nginx"),
        ("index.docker.io/myorg/be", "docker.io", "myorg/be"),
    ],
)
def test_where_a_repository_is(repository: str, host: str, path: str) -> None:
    assert place_of(repository) == Place(host=host, path=path)
    assert Place(host="docker.io", path="x").api_host == "registry-1.docker.io"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
            Challenge(realm="https://auth.docker.io/token", service="registry.docker.io"),
        ),
        ('bearer service="s", realm="https://a/b?c=d,e"', Challenge(realm="https://a/b?c=d,e", service="s")),
        ('Basic realm="x", Bearer realm="https://a/t"', Challenge(realm="https://a/t")),
        ('Basic realm="https://a/t"', Challenge()),
        ('Bearer realm=""', None),
        ("Bearer", None),
        ('Negotiate realm="x"', None),
        ("", None),
    ],
)
def test_a_challenge(header: str, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("ghcr.io", "https://ghcr.io/token"),
        ("registry-1.docker.io", "https://auth.docker.io/token"),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("harbor.example.com:8443", "https://harbor.example.com:8443/service/token"),
        ("127.0.0.1:5000", "http://localhost:5001/token"),
        ("10.0.0.7:5000", "https://10.0.0.7:5000/token"),
        ("registry.example.com", "https://named.example.org/token"),
    ],
)
def test_a_realm_that_is_followed(host: str, realm: str) -> None:
    assert is_fit_realm(realm, host, loopback=LOCAL, named={"named.example.org"})


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("ghcr.io", "http://ghcr.io/token"),
        ("ghcr.io", "https://evil.example/token"),
        ("ghcr.io", "https://ghcr.io@evil.example/token"),
        ("ghcr.io", "https://evil-ghcr.io/token"),
        ("ghcr.io", "https://quay.io/token"),
        ("registry.example.com", "https://example.com.evil.org/token"),
        ("registry.example.com", "https://evilexample.com/token"),
        ("registry.example.com", "https://127.0.0.1/token"),
        ("registry.example.com", "https://localhost/token"),
        ("registry.example.com", "https://gitlab.example.com/jwt/auth"),
        ("registry.example.com", "https://example.com/token"),
        ("mine.azurecr.io", "https://evil.azurecr.io/oauth2/token"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com", "https://evil.dkr.ecr.eu-west-1.amazonaws.com/token"),
        ("registry-1.docker.io", "https://hub.docker.io/token"),
        ("registry-1.docker.io", "https://auth.docker.io:8443/token"),
        ("registry.gitlab.com", "http://gitlab.com/jwt/auth"),
        ("registry.example.com", "https://[::1]/token"),
        ("registry.example.com", "http://169.254.169.254/computeMetadata/v1/"),
        ("example.co.uk", "https://evil.co.uk/token"),
        ("10.0.0.7", "https://9.0.0.7/token"),
        ("127.0.0.1:5000", "http://192.0.2.1/token"),
        ("127.0.0.1:5000", "ftp://127.0.0.1/token"),
        ("ghcr.io", "https://ghcr.io:99999/token"),
        ("ghcr.io", "https://ghcr.io/to ken"),
        ("ghcr.io", "https://ghcr.io/token\n"),
        ("ghcr.io", "https://[/token"),
        ("ghcr.io", "token"),
    ],
)
def test_a_realm_that_is_not(host: str, realm: str) -> None:
    assert not is_fit_realm(realm, host, loopback=LOCAL, named=())


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"tags": None},
        {"tags": "v1"},
        {"tags": {"v1": 1}},
        {"tags": [1, None, {}, "", "-x", "a b", "x" * 129, "<b>", "a\n", "sha256-" + "a" * 64 + ".sig"]},
        {"tags": [], "manifest": [1]},
    ],
)
def test_what_is_no_tag_is_left_out(data: object) -> None:
    assert list(tags_in(data)) == []


@pytest.mark.parametrize("uploaded", [None, "", "x", -1, 1.5, "9" * 400, {}, [], True])
def test_a_time_that_is_none_is_not_known(uploaded: object) -> None:
    data = {"tags": ["v1"], "manifest": {"sha256:x": {"tag": ["v1"], "timeUploadedMs": uploaded}, "y": 1}}
    assert list(tags_in(data)) == [Tag(name="v1")]


def test_google_tells_when_a_tag_was_pushed() -> None:
    manifests = {"sha256:a": {"tag": ["a"], "timeUploadedMs": "2"}, "sha256:b": {"tag": ["b"], "timeUploadedMs": "3"}}
    found = list(tags_in({"tags": ["a", "b", "c"], "manifest": manifests}))
    assert suggestions(found, [], None) == ["b", "a", "c"]


def test_ones_own_pull_request_comes_first_then_the_newest() -> None:
    tags = [Tag(name=name) for name in ("pr-12-aaa", "pr-123-bbb", "v1.9.0", "v1.10.0", "mr_12", "v12.1.0", "12")]
    offered = suggestions(tags, ["pr-12-running", "v1.9.0"], 12)
    assert offered[:3] == ["pr-12-aaa", "mr_12", "pr-12-running"]
    assert offered.index("v1.10.0") < offered.index("v1.9.0")
    assert len(set(offered)) == len(offered) == 8
    assert suggestions(tags[:-1], [], None)[0] == "v12.1.0"


def test_no_more_than_a_person_can_look_through() -> None:
    assert len(suggestions([Tag(name=f"v{number}") for number in range(1_000)], [], 7)) == 50
