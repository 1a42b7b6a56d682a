"""What a registry asks for is bounded: where its tokens go, what they may do, how much is read."""

import pytest

from starry_gitops.errors import AccessDenied
from starry_gitops.registry import find_registries
from tests.registry.test_hostile_registry import SECRET, Handler, answering


def test_a_token_is_for_pulling_whatever_the_realm_says() -> None:
    def act(handler: Handler) -> None:
        realm = f"http://{handler.headers['Host']}/token?a=b&scope=repository:other:push&service=theirs"
        if handler.path.startswith("/token"):
            handler.send(200, {"token": "t"})
        elif handler.headers.get("Authorization") == "Bearer t":
            handler.send(200, {"tags": ["v1"]})
        else:
            handler.send(401, {}, WWW_Authenticate=f'Bearer realm="{realm}",service="s",scope="repository:other:push"')

    with answering(act) as (registry, asked):
        assert [tag.name for tag in registry.tags("be", seconds=10)] == ["v1"]
        assert [path for path, _ in asked][1] == "/token?a=b&service=s&scope=repository%3Abe%3Apull"


def test_nothing_is_asked_of_a_host_that_is_not_named() -> None:
    with answering(lambda handler: handler.send(200, {"token": "t"})) as (elsewhere, asked):

        def act(handler: Handler) -> None:
            realm = f"https://{elsewhere.host.replace('127.0.0.1', '127.0.0.2')}/token"
            handler.send(401, {}, WWW_Authenticate=f'Bearer realm="{realm}"')

        with answering(act) as (registry, own):
            with pytest.raises(AccessDenied, match="not followed"):
                registry.tags("be", seconds=10)
            # Before a challenge no password is sent at all.
            assert own == [("/v2/be/tags/list?n=1000", "")]
        assert asked == []


def test_a_password_does_not_follow_a_redirect() -> None:
    with answering(lambda handler: handler.send(200, {"tags": ["stolen"]})) as (elsewhere, asked):

        def act(handler: Handler) -> None:
            if handler.headers.get("Authorization"):
                handler.send(307, {}, Location=f"http://{elsewhere.host}/v2/be/tags/list")
            else:
                handler.send(401, {}, WWW_Authenticate='Basic realm="x"')

        with answering(act) as (registry, _), pytest.raises(Exception, match="redirects elsewhere"):
            registry.tags("be", seconds=10)
        assert asked == []


def test_pages_of_more_than_was_asked_for_end() -> None:
    def act(handler: Handler) -> None:
        first = len(handler.asked) * 9_000
        names = [f"v{number}" for number in range(first, first + 9_000)]
        handler.send(200, {"tags": names}, Link=f'</v2/x?last={first}>; rel="next"')

    with answering(act) as (registry, asked):
        assert len(registry.tags("be", seconds=30)) == 27_000
        assert len(asked) == 3


def test_a_password_is_for_its_own_registry() -> None:
    one, two = find_registries(["a.example", "b.example"], f"a.example {SECRET}")
    assert (one.credential, two.credential) == (SECRET, "")
