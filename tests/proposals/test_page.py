"""The web page and its API where changes are proposed: nothing is promised before the merge."""

from collections.abc import Iterator

import httpx
import pytest

from tests.proposals.desk import Desk, files
from tests.web.served import Served, served


@pytest.fixture
def page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    desk.forge.push_branch("main", {"starry.yaml": desk.apps.read("starry.yaml") + "mode: propose\n"})
    for name, value in desk.apps.env.items():
        if value is not None and name != "STARRY_TIMEOUT":
            monkeypatch.setenv(name, value)
    with served(desk.apps) as page:
        yield page


def _post(page: Served, path: str, **fields: str) -> httpx.Response:
    """As a browser posts a form, and goes where it is sent."""
    return page.http.post(path, data={"key": path, **fields}, headers={"Origin": page.url}, follow_redirects=True)


def test_a_form_leads_to_the_pull_request(desk: Desk, page: Served) -> None:
    before = desk.apps.tip()
    answer = _post(page, "/new?overlay=dev", name="preview-1", **{"image.backend": "1.0.0", "act": "write"})
    pull = desk.pull()
    assert answer.status_code == 200
    assert "is proposed" in answer.text
    assert f'href="{pull["html_url"]}"' in answer.text
    assert desk.apps.tip() == before
    assert desk.proposed("starry/preview-1") == files("preview-1", "A")


def test_so_do_extend_and_delete(desk: Desk, page: Served) -> None:
    desk.apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--owner", "ada", "--no-propose")
    page.app.state.services.reader.refresh()
    assert "is proposed" in _post(page, "/previews/dev/preview-1/pin").text
    assert set(desk.proposed("starry/preview-1").values()) == {"M"}
    assert "is proposed" in _post(page, "/previews/dev/preview-1/delete").text
    assert desk.proposed("starry/preview-1") == files("preview-1", "D")


def test_the_api_names_the_proposal(desk: Desk, page: Served) -> None:
    made = page.put("preview-1").json()
    assert made["proposal"]["url"] == desk.pull()["html_url"]
    assert page.send("DELETE", "/previews/preview-1").json()["proposal"]["state"] == "closed"
    assert desk.pulls() == []
