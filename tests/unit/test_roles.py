"""Who somebody is, as the settings say it; and where they go on after signing in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.roles import WebSettings, is_person, known_groups, owned_names, role_of
from tests.unit.settings_file import refused, with_value


@pytest.mark.parametrize(
    ("pattern", "email", "fits"),
    [
        ("ada@mycompany.com", "ada@mycompany.com", True),
        ("Ada@MyCompany.com", "ada@mycompany.com", True),
        ("*@mycompany.com", "ada@mycompany.com", True),
        ("*@mycompany.com", "ada@mycompany.com.evil.org", False),
        ("*@mycompany.com", "ada@evilmycompany.com", False),
        ("*@mycompany.com", "ada@dev.mycompany.com", False),
        ("*@*.mycompany.com", "ada@dev.mycompany.com", True),
        ("*@*.mycompany.com", "ada@a.b.mycompany.com", True),
        ("*@*.mycompany.com", "ada@mycompany.com", False),
        ("ad?@mycompany.com", "ada@mycompany.com", True),
        ("ci-*@mycompany.com", "ada@mycompany.com", False),
        ("a.a@mycompany.com", "aba@mycompany.com", False),
        ("*@mycompany.com", "@mycompany.com", False),
        ("*@mycompany.com", "mycompany.com", False),
        ("group:platform", "group:platform", False),
    ],
)
def test_what_a_pattern_stands_for(pattern: str, email: str, fits: bool) -> None:
    assert is_person(pattern, email, ()) is fits


def test_a_group_is_named_to_the_letter() -> None:
    assert is_person("group:platform", "eve@evil.org", ["platform"])
    for groups in (["Platform"], ["platform2"], [], ["group:platform"]):
        assert not is_person("group:platform", "eve@evil.org", groups)


SETTINGS = WebSettings(
    admins=("ada@mycompany.com", "group:platform"),
    developers=("*@mycompany.com",),
    viewers=("*@partner.com", "group:sales"),
    owners={"Alice": "alice@mycompany.com", "team-x": "group:x", "bot": "group:platform"},
)


@pytest.mark.parametrize(
    ("email", "groups", "role"),
    [
        ("ada@mycompany.com", [], "admin"),
        ("bob@mycompany.com", [], "developer"),
        ("bob@mycompany.com", ["platform"], "admin"),
        ("bob@mycompany.com", ["sales"], "developer"),
        ("pat@partner.com", [], "viewer"),
        ("eve@evil.org", ["nobody"], None),
    ],
)
def test_the_highest_role_counts(email: str, groups: list[str], role: str | None) -> None:
    assert role_of(email, groups, SETTINGS) == role


def test_without_settings_nobody_has_a_role() -> None:
    assert role_of("ada@mycompany.com", ["admins"], WebSettings()) is None
    assert role_of("ada@mycompany.com", [], WebSettings(others="viewer")) == "viewer"


def test_owners_that_are_one_person() -> None:
    assert owned_names("alice@mycompany.com", ["x"], SETTINGS) == {"alice@mycompany.com", "alice", "team-x"}
    assert owned_names("eve@evil.org", [], SETTINGS) == {"eve@evil.org"}


def test_only_groups_that_decide_something_are_kept() -> None:
    assert known_groups(["z", "x", "platform", "sales", "x"], SETTINGS) == ("platform", "sales", "x")


@given(st.text(max_size=30))
def test_no_text_is_a_person_of_the_company_but_its_addresses(text: str) -> None:
    if is_person("*@mycompany.com", text, ()):
        assert text.lower().endswith("@mycompany.com")


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "*@*",
        "@mycompany.com",
        "*@",
        "ada",
        "*@*.*",
        "*@my*.com",
        "group:",
        "ada@a..b",
        "[a]@b.c",
        "ada@b.c,eve@b.c",
    ],
)
def test_a_pattern_that_could_mean_everybody_is_refused(wrong: str) -> None:
    assert "web.admins" in refused(with_value(("web", "admins"), [wrong])).message
    assert "web.owners" in refused(with_value(("web", "owners"), {"alice": wrong})).message


PLACES = (
    "//evil.org", "///evil.org", "/\\evil.org", "\\\\evil.org", "https://evil.org", "https:evil.org", "/\t/evil.org",
    "javascript:alert(1)", "/signin", "/signin?next=/x", "/signin/callback?code=x", "/signout", "/signed-out",
    "@evil.org", "/ /evil.org", "/\n/evil.org", "", "/é", "/" + "a" * 2_000, "http://[::1",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_not_ours_is_the_first_page(place: str) -> None:
    pytest.importorskip("fastapi")
    from starry_gitops.web.signin.places import own_place  # noqa: PLC0415

    assert own_place(place) == "/"
    assert own_place("/previews/dev/a?x=//evil.org#y") == "/previews/dev/a?x=//evil.org#y"
