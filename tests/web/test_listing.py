"""The list as a person looks at it: what is found, in which order, on which page."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from starry_gitops.core.settings import Settings
from starry_gitops.core.ttl import format_instant
from starry_gitops.settings import read_settings
from starry_gitops.web.listing import PAGE, Query, Row, look_up, make_rows, parse_query, tags_in_use

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
SYNCED = """
version: 1
domain: starry.mycompany.com
components:
  backend: {app: be, image: registry.example.com/be}
  frontend: {app: fe, image: registry.example.com/fe}
sync:
  repositories:
    be: {url: "https://github.com/myorg/be", component: backend}
    fe: {url: "https://gitlab.com/myorg/sub/fe", component: frontend, name: "fe-{number}"}
    one: {url: "https://codeberg.org/myorg/one", component: backend, name: "one-{number}"}
"""
SETTINGS = read_settings(SYNCED.encode())


def _data(name: str, minutes: int = 60, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "overlay": "dev",
        "images": {"backend": f"tag-{name}"},
        "urls": {"backend": f"https://{name}.example.com"},
        "owner": None,
        "pullRequest": None,
        "createdAt": format_instant(NOW - timedelta(minutes=30)),
        "expiresAt": format_instant(NOW + timedelta(minutes=minutes)),
        "expired": False,
        "pinned": False,
        **changes,
    }


def _rows(
    previews: Iterable[Mapping[str, Any]], before: Iterable[Row] = (), settings: Settings = SETTINGS
) -> list[Row]:
    return make_rows(settings, previews, before)


ROWS = _rows(
    [
        _data("alpha", 200, owner="Zoë"),
        _data("bravo", 10, owner="ada", pullRequest="https://github.com/o/r/pull/7"),
        _data("charlie", -5, expired=True, owner="ada"),
        _data("delta", 5, pinned=True),
    ]
)


def _found(**asked: str) -> list[str]:
    return [row.name for row in look_up(ROWS, parse_query(asked), NOW).rows]


def test_what_expires_first_comes_first_and_what_is_pinned_last() -> None:
    assert _found() == ["charlie", "bravo", "alpha", "delta"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "ADA #nothing"}, []),
        ({"q": "ada bra"}, ["bravo"]),
        ({"q": "pull/7"}, ["bravo"]),
        ({"q": "backend=tag-delta"}, ["delta"]),
        ({"owner": "ada"}, ["charlie", "bravo"]),
        ({"state": "live"}, ["bravo", "alpha"]),
        ({"state": "soon"}, ["bravo"]),
        ({"state": "expired"}, ["charlie"]),
        ({"state": "pinned"}, ["delta"]),
        ({"within": "15"}, ["charlie", "bravo"]),
        ({"sort": "name", "down": "1"}, ["delta", "charlie", "bravo", "alpha"]),
        ({"sort": "owner"}, ["bravo", "charlie", "alpha", "delta"]),
        (
            {"state": "nonsense", "sort": "nonsense", "within": "-1", "page": "x"},
            ["charlie", "bravo", "alpha", "delta"],
        ),
        ({"page": "9999"}, ["charlie", "bravo", "alpha", "delta"]),
    ],
)
def test_what_is_found(asked: dict[str, str], names: list[str]) -> None:
    assert _found(**asked) == names


def test_the_state_follows_the_clock() -> None:
    (row,) = _rows([_data("one", 60)])
    states = [row.state(NOW + timedelta(minutes=minutes)) for minutes in (0, 44, 45, 59, 60)]
    assert states == ["live", "live", "soon", "soon", "expired"]


def test_counts_and_owners_are_of_all_whatever_is_found() -> None:
    listing = look_up(ROWS, parse_query({"q": "alpha"}), NOW)
    assert (listing.found, listing.total) == (1, 4)
    assert listing.counts == {"live": 1, "soon": 1, "expired": 1, "pinned": 1}
    assert listing.owners == ["ada", "Zoë"]


def test_pages() -> None:
    rows = _rows(_data(f"p-{number:03}") for number in range(PAGE * 2 + 1))
    sizes = {page: len(look_up(rows, parse_query({"page": str(page)}), NOW).rows) for page in (1, 2, 3, 4)}
    assert sizes == {1: PAGE, 2: PAGE, 3: 1, 4: 1}
    whole = look_up(rows, parse_query({"whole": "1", "page": "2"}), NOW)
    assert (len(whole.rows), whole.pages) == (len(rows), 1)


@pytest.mark.parametrize("page", ["", "0", "-1", "٣", "1e9", "9" * 400])
def test_no_page_of_that_number(page: str) -> None:
    assert look_up(ROWS, parse_query({"page": page}), NOW).page == 1


def test_a_link_says_the_same_question_again() -> None:
    asked = {"q": "a&b=c", "owner": "ada", "state": "soon", "within": "60", "sort": "owner", "down": "1", "page": "2"}
    query = parse_query(asked)
    again = {key: values[0] for key, values in parse_qs(query.link()[1:]).items()}
    assert again == asked
    assert parse_query(again) == query
    assert Query().link() == "?"


def test_a_column_is_turned_round_when_it_is_asked_for_again() -> None:
    assert Query().sorted_by("expires") == "?down=1"
    assert Query(down=True).sorted_by("expires") == "?"
    assert Query(page=3).sorted_by("owner") == "?sort=owner"


def test_a_row_that_is_as_before_is_the_same() -> None:
    again = _rows([_data("alpha", 200, owner="Zoë"), _data("bravo", 11)], ROWS)
    assert again[0] is ROWS[0]
    assert again[1] is not ROWS[1]


def test_tags_of_the_newest_previews_come_first() -> None:
    old = {"createdAt": format_instant(NOW - timedelta(days=1))}
    rows = _rows([_data("old", **old), _data("new"), _data("twin", images={"backend": "tag-new"})])
    assert tags_in_use(rows) == {"backend": ["tag-new", "tag-old"]}


def test_a_row_knows_its_pull_request() -> None:
    def told(text: str) -> tuple[str, str | None]:
        row: Row = _rows([_data("one", pullRequest=text)])[0]
        return row.pull_request, row.pull_request_page

    assert told("https://github.com/o/r/pull/7") == ("#7", "https://github.com/o/r/pull/7")
    assert told("12") == ("#12", None)
    assert told("javascript:alert(1)") == ("javascript:alert(1)", None)
    assert told("https://u:p@h/o/r/pull/7")[1] is None


@pytest.mark.parametrize(
    ("name", "text", "page"),
    [
        ("preview-7", "7", "https://github.com/myorg/be/pull/7"),
        ("preview-7", "#7", "https://github.com/myorg/be/pull/7"),
        ("fe-7", "7", "https://gitlab.com/myorg/sub/fe/-/merge_requests/7"),
        ("one-7", "7", "https://codeberg.org/myorg/one/pulls/7"),
        ("preview-8", "7", None),
        ("a-name", "7", None),
        ("fe-7", "https://github.com/o/r/pull/7", "https://github.com/o/r/pull/7"),
    ],
)
def test_a_number_alone_is_the_repositorys_that_makes_such_names(name: str, text: str, page: str | None) -> None:
    (row,) = _rows([_data(name, pullRequest=text)])
    assert (row.pull_request, row.pull_request_page) == ("#7", page)


def test_a_row_follows_the_settings() -> None:
    rows = _rows([_data("preview-7", pullRequest="7"), _data("other")])
    forge = replace(SETTINGS.forge, kind="gitea")
    again = _rows([row.data for row in rows], rows, replace(SETTINGS, forge=forge))
    assert again[0].pull_request_page == "https://github.com/myorg/be/pulls/7"
    assert again[1] is rows[1]
