"""The pages as the server sends them; what a browser makes of them is in tests/web/browser."""

import shutil
from dataclasses import replace

import httpx
import pytest

from starry_gitops.errors import StarryError
from starry_gitops.web.links import commit_page, preview_path
from starry_gitops.web.reading import Reader
from tests.support.repos import Apps
from tests.web.served import Served


def _reader(page: Served) -> Reader:
    reader: Reader = page.app.state.services.reader
    return reader


def _get(page: Served, path: str) -> httpx.Response:
    answer = page.http.get(path, headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def test_a_thousand_previews(apps: Apps, page: Served) -> None:
    apps.create("p-0")
    apps.multiply("p-0", [f"p-{number}" for number in range(1, 1_000)])
    _reader(page).refresh()
    first, whole = _get(page, "/").text, _get(page, "/?whole=1").text
    assert first.count("<tr data-until>") == 100
    assert "page 1 of 10" in first
    assert whole.count("<tr data-until>") == 1_000
    assert _get(page, "/?page=10&sort=name").text.count("<tr data-until>") == 100


@pytest.mark.parametrize("path", ["/?overlay=nope", "/previews/nope/x", "/previews/dev/x", "/previews/dev/x/delete"])
def test_what_is_not_there(page: Served, path: str) -> None:
    answer = _get(page, path)
    assert answer.status_code == 404
    assert "There is no such thing here" in answer.text


@pytest.mark.parametrize("path", ["/nope", "/previews", "/previews/dev/x/nope", "/favicon.ico", "/hooks/nope"])
def test_an_address_of_nothing_is_told_as_a_page_to_a_browser(page: Served, path: str) -> None:
    answer = _get(page, path)
    assert answer.status_code in {404, 405}
    assert "<h1>" in answer.text
    told = page.http.get(path, headers={"accept": "application/json"})
    assert told.headers["content-type"] in {"application/problem+json", "text/html; charset=utf-8"}


def test_an_address_of_nothing_below_the_api_is_a_problem(page: Served) -> None:
    answer = page.http.get("/api/v1/nope", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_broken_settings_are_told_with_their_line(apps: Apps, page: Served) -> None:
    apps.commit({"starry.yaml": "version: 1\ndomain: starry.mycompany.com\ncolour: red\n"})
    _reader(page).refresh()
    answer = _get(page, "/")
    assert answer.status_code == 502
    assert "starry.yaml:3" in answer.text


def test_a_broken_preview_is_told_and_left_alone(apps: Apps, page: Served) -> None:
    apps.create("mine")
    apps.commit({"overlays/dev/previews/odd/application.yaml": "a: [", "overlays/dev/previews/odd/values.yaml": ""})
    _reader(page).refresh()
    text = _get(page, "/").text
    assert "1 cannot be read" in text
    assert "overlays/dev/previews/odd/application.yaml" in text
    assert _get(page, "/previews/dev/odd").status_code == 502


def test_a_remote_that_is_away_is_told(apps: Apps, page: Served) -> None:
    apps.create("mine")
    _reader(page).refresh()
    shutil.move(apps.bare, apps.bare.with_name("away"))
    with pytest.raises(StarryError):
        _reader(page).refresh()
    text = _get(page, "/").text
    assert "The apps repository has not answered for" in text
    assert "mine" in text


def test_a_message_cannot_be_made_up(page: Served) -> None:
    commit = "0" * 40
    for query in ("done=<b>", "done=deleted", "done=deleted&of=<b>", "done=deleted&of=a%20b"):
        assert 'class="note good"' not in _get(page, f"/?{query}&commit={commit}").text
    assert "x is deleted." in _get(page, "/?done=deleted&of=x&commit=javascript:1").text
    assert "javascript:1" not in _get(page, "/?done=deleted&of=x&commit=javascript:1").text


def test_static_files_are_kept_for_ever_under_an_address_that_changes(page: Served) -> None:
    found = [word.split('"')[1] for word in _get(page, "/").text.split() if '="/static/' in word]
    assert len(set(found)) == 3
    for address in found:
        answer = page.http.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for name in ("nope.js", "..%2fpages.py", "%2e%2e%2fpages.py", ""):
        assert page.http.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/commit/"),
        ("git@gitlab.com:o/sub/r.git", "https://gitlab.com/o/sub/r/-/commit/"),
        ("https://codeberg.org/o/r", "https://codeberg.org/o/r/commit/"),
        ("/srv/git/apps.git", None),
        ("javascript:alert(1)", None),
    ],
)
def test_where_commits_are(page: Served, url: str, base: str | None) -> None:
    settings = _reader(page).view().settings
    assert commit_page(replace(settings, repo_url=url), "") == base


def test_a_path_of_anything_stays_a_path() -> None:
    assert preview_path("dev", "../x?y#z", "delete") == "/previews/dev/..%2Fx%3Fy%23z/delete"
