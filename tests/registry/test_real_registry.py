"""The tags of a real registry: open ones, those that want a password, those that want a token of a service."""

from pathlib import Path

import pytest

from starry_gitops.errors import AccessDenied, NotFound
from starry_gitops.registry import Registry, find_registries
from tests.support.registry_server import PASSWORD, USER, real_registry

NAME = "myproj/sample-be"


def _registry(host: str, secret: str = "") -> Registry:
    (found,) = find_registries([host], secret)
    return found


def _names(registry: Registry) -> list[str]:
    return [tag.name for tag in registry.tags(NAME, seconds=20)]


def test_an_open_registry_in_pages(tmp_path: Path) -> None:
    wanted = [f"pr-{number:04}" for number in range(1_040)]
    with real_registry(tmp_path) as real:
        real.push(NAME, *wanted)
        assert sorted(_names(_registry(real.host))) == wanted
        with pytest.raises(NotFound, match=r"NAME_UNKNOWN|not known"):
            _registry(real.host).tags("nobody", seconds=20)


def test_one_that_wants_a_password(tmp_path: Path) -> None:
    with real_registry(tmp_path, "basic") as real:
        real.push(NAME, "v1")
        assert _names(_registry(real.host, f"{USER}:{PASSWORD}")) == ["v1"]
        for secret in ("", f"{USER}:wrong-secret", "a-token-that-is-none"):
            with pytest.raises(AccessDenied) as caught:
                _names(_registry(real.host, secret))
            assert "STARRY_REGISTRY_TOKEN" in caught.value.hint
            assert not secret or secret not in caught.value.message


def test_one_that_gives_tokens_to_everybody(tmp_path: Path) -> None:
    with real_registry(tmp_path, "token") as real:
        real.push(NAME, "v1")
        assert _names(_registry(real.host)) == ["v1"]
        (query, given), *more = real.tokens.asked
        assert (query["scope"], query["of"], given, more) == ([f"repository:{NAME}:pull"], ["tests"], "", [])


def test_one_that_gives_tokens_to_those_it_knows(tmp_path: Path) -> None:
    with real_registry(tmp_path, "token", anonymous=False) as real:
        real.push(NAME, "v1")
        assert _names(_registry(real.host, f"{USER}:{PASSWORD}")) == ["v1"]
        assert real.tokens.asked[-1][1] == f"{USER}:{PASSWORD}"
        with pytest.raises(AccessDenied, match="its token service"):
            _names(_registry(real.host))


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    with real_registry(tmp_path, "token", anonymous=False) as real:
        real.push(NAME, "v1")
        assert _names(_registry(real.host, real.tokens.token(NAME, ["pull"]))) == ["v1"]
        assert real.tokens.asked == []
