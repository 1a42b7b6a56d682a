"""The API tells what the CLI tells, from memory, and says when it has not changed."""

from pathlib import Path

import pytest

from tests.support.repos import PREVIEWS, Apps, copy_of
from tests.web.served import Served, served


@pytest.fixture(scope="module")
def three(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with three previews: one of ada's, one pinned, one expired."""
    apps = copy_of(template, tmp_path_factory.mktemp("three") / "apps.git")
    apps.create("alpha", "--owner", "ada", "--ttl", "2h")
    apps.create("beta", "--owner", "bob", "--pin", tag="2.0.0")
    apps.create("gamma", "--pr", "https://github.com/myorg/sample/pull/7")
    apps.age("gamma", minutes=90)
    return apps.bare


@pytest.fixture
def filled(three: Path, tmp_path: Path) -> Apps:
    """A copy of it."""
    return copy_of(three, tmp_path / "filled.git")


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


def test_list_is_what_the_cli_prints(filled: Apps) -> None:
    with served(filled) as page:
        assert page.get("/previews").json() == filled.ok("list")


def test_show_is_what_the_cli_prints(filled: Apps) -> None:
    with served(filled) as page:
        assert page.get("/previews/alpha").json() == filled.ok("show", "alpha")


def test_history_is_what_the_cli_prints_also_when_the_preview_is_gone(filled: Apps) -> None:
    filled.ok("delete", "beta")
    with served(filled) as page:
        for name in ("alpha", "beta", "gamma"):
            assert page.get(f"/previews/{name}/history").json() == filled.ok("history", name)
        assert page.get("/previews/beta").status_code == 404
        assert page.get("/previews/never/history").status_code == 404
        assert len(page.get("/previews/beta/history?limit=1").json()) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("owner=bob", ["beta"]),
        ("owner=", []),
        ("state=live", ["alpha"]),
        ("state=pinned", ["beta"]),
        ("state=expired", ["gamma"]),
        ("expiresWithin=30m", ["gamma"]),
        ("expiresWithin=3h", ["alpha", "gamma"]),
        ("q=PULL%2F7", ["gamma"]),
        ("q=backend%3D2.0", ["beta"]),
        ("sort=-name", ["gamma", "beta", "alpha"]),
        ("sort=owner", ["gamma", "alpha", "beta"]),
        ("sort=expiresAt&state=live", ["alpha"]),
        ("overlay=prod", []),
    ],
)
def test_list_is_filtered_and_sorted(filled: Apps, query: str, expected: list[str]) -> None:
    with served(filled) as page:
        assert names(page.get(f"/previews?{query}")) == expected


def test_pages_lead_on_and_say_how_many_there_are(filled: Apps) -> None:
    with served(filled) as page:
        first = page.get("/previews?limit=2&sort=-name&q=a")
        assert names(first) == ["gamma", "beta"]
        assert first.headers["Total-Count"] == "3"
        assert first.links["next"]["url"] == "/api/v1/previews?limit=2&sort=-name&q=a&offset=2"
        last = page.http.get(first.links["next"]["url"])
        assert names(last) == ["alpha"]
        assert "next" not in last.links
        assert names(page.http.get(last.links["prev"]["url"])) == ["gamma", "beta"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "offset=-1", "sort=age", "state=dead", "expiresWithin=soon"]
)
def test_nonsense_is_refused(page: Served, query: str) -> None:
    answer = page.get(f"/previews?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "usage"


@pytest.mark.parametrize("path", ["/previews", "/previews/alpha", "/previews/alpha/history", "/settings", "/skipped"])
def test_what_has_not_changed_is_not_sent_again(filled: Apps, path: str) -> None:
    with served(filled) as page:
        tag = page.get(path).headers["ETag"]
        known = page.get(path, If_None_Match=f'"else", W/{tag}')
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
        assert page.put("delta").status_code == 201
        again = page.get(path, If_None_Match=tag)
        assert again.status_code == 200
        assert again.headers["ETag"] != tag


def test_the_tag_changes_when_a_preview_expires(filled: Apps) -> None:
    with served(filled) as page:
        view = page.app.state.services.reader.view()
        now = view.context().now
        row = next(row for row in view.rows(now=now) if row["name"] == "alpha")
        before, after = view.stamp(now=now), view.stamp(now=now.replace(year=now.year + 1))
        assert before != after
        assert row["expired"] is False
        assert [one["expired"] for one in view.rows(now=now.replace(year=now.year + 1))] == [True, False, True]
        assert view.stamp(now=now) == before


def test_replicas_give_the_same_tag(filled: Apps) -> None:
    with served(filled) as one, served(filled) as other:
        assert one.get("/previews").headers["ETag"] == other.get("/previews").headers["ETag"]


def test_a_broken_preview_is_told_of_and_the_others_are_listed(filled: Apps) -> None:
    filled.commit({f"{PREVIEWS}/beta/application.yaml": "kind: [broken"})
    with served(filled) as page:
        assert names(page.get("/previews")) == ["alpha", "gamma"]
        (skipped,) = page.get("/skipped").json()
        assert (skipped["name"], skipped["overlay"]) == ("beta", "dev")
        broken = page.get("/previews/beta")
        assert (broken.status_code, broken.json()["code"], broken.json()["exitCode"]) == (502, "repository_invalid", 7)


def test_broken_settings_are_said_and_mended(filled: Apps) -> None:
    text = filled.read("starry.yaml")
    with served(filled) as page:
        filled.commit({"starry.yaml": "domain: 7\n"})
        page.app.state.services.reader.refresh()
        assert page.get("/previews").status_code == 502
        assert page.http.get("/readyz").json()["status"] == "broken"
        assert page.http.get("/readyz").status_code == 503
        filled.commit({"starry.yaml": text})
        page.app.state.services.reader.refresh()
        assert len(page.get("/previews").json()) == 3


def test_settings_say_what_a_form_must_know(page: Served) -> None:
    found = page.get("/settings").json()
    assert found["policy"]["ttlMinutes"] == {"default": 30, "min": 5, "max": 240}
    assert [one["name"] for one in found["components"]] == ["backend", "frontend1", "frontend2"]
    assert [(one["name"], one["previews"]) for one in found["overlays"]] == [("dev", True), ("prod", False)]


def test_unknown_overlay_is_not_found(page: Served) -> None:
    assert page.get("/previews?overlay=moon").status_code == 404


def test_a_view_takes_over_what_has_not_changed(filled: Apps) -> None:
    with served(filled) as page:
        reader = page.app.state.services.reader
        before = reader.view()
        page.put("alpha", "3.0.0")
        after = reader.view()
        same = [old is new for old, new in zip(before.rows(), after.rows(), strict=True)]
        assert same == [False, True, True]
        assert page.get("/previews").json() == filled.ok("list")
