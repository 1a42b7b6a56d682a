"""The tags that a form suggests: a real registry's, beside those that run; the form works without."""

import re
from pathlib import Path

from starry_gitops.registry import find_registries
from tests.support.gitserver import unused_port
from tests.support.registry_server import RealRegistry, real_registry
from tests.support.repos import Apps
from tests.web.served import Served, served, wait_until

NAME = "myproj/sample-be"
TAGS = "/tags?overlay=dev&component=backend"


def from_registry(apps: Apps, host: str) -> None:
    """The backend's images come from there."""

    def change(content) -> None:
        content["components"]["backend"]["image"] = f"{host}/{NAME}"

    apps.settings(change)


def _offered(page: Served, path: str = TAGS) -> list[str]:
    answer = page.http.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return re.findall(r'<option value="([^"]*)">', answer.text)


def _serving(apps: Apps, real: RealRegistry):
    from_registry(apps, real.host)
    apps.create("mine", tag="running-1")
    return served(apps, registries=find_registries([real.host], ""))


def test_a_pull_requests_own_come_first(apps: Apps, tmp_path: Path) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "v1.9", "v1.10", "pr-12-abc", "pr-7-def")
        with _serving(apps, real) as page:
            assert _offered(page) == ["v1.10", "v1.9", "pr-12-abc", "pr-7-def", "running-1"]
            assert _offered(page, f"{TAGS}&pr=7")[0] == "pr-7-def"
            assert _offered(page, f"{TAGS}&pr=https://github.com/o/r/pull/12")[0] == "pr-12-abc"
            assert _offered(page, f"{TAGS}&pr=nonsense")[0] == "v1.10"
            form = page.http.get("/new?pr=7", headers={"accept": "text/html"}).text
            assert 'data-tags="/tags?overlay=dev&amp;component=backend&amp;pr=7"' in form
            assert form.index('<option value="pr-7-def">') < form.index('<option value="v1.10">')


def test_the_form_does_not_wait_and_knows_more_the_next_time(apps: Apps, tmp_path: Path) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "v1")
        with _serving(apps, real) as page:
            assert '<option value="running-1">' in page.http.get("/new", headers={"accept": "text/html"}).text
            wait_until(lambda: '<option value="v1">' in page.http.get("/new", headers={"accept": "text/html"}).text)


def test_what_a_registry_says_holds_for_a_minute(apps: Apps, tmp_path: Path) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "v1")
        with _serving(apps, real) as page:
            assert "v1" in _offered(page)
            real.push(NAME, "v2")
            assert "v2" not in _offered(page)


def test_a_registry_that_is_away_takes_nothing_away(apps: Apps) -> None:
    host = f"127.0.0.1:{unused_port()}"
    from_registry(apps, host)
    apps.create("mine", tag="running-1")
    with served(apps, registries=find_registries([host], "")) as page:
        assert page.http.get(TAGS, headers={"accept": "text/html"}).status_code == 503
        form = page.http.get("/new", headers={"accept": "text/html"})
        assert form.status_code == 200
        assert '<option value="running-1">' in form.text


def test_only_registries_that_are_named_are_asked(apps: Apps) -> None:
    apps.create("mine", tag="running-1")
    with served(apps, registries=find_registries(["other.example"], "")) as page:
        assert "data-tags" not in page.http.get("/new", headers={"accept": "text/html"}).text
        assert _offered(page) == ["running-1"]
        assert page.http.get("/tags?component=nope", headers={"accept": "text/html"}).status_code == 404
    with served(apps) as page:
        assert page.http.get(TAGS, headers={"accept": "text/html"}).status_code == 404
