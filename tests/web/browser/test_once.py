"""Double clicks, reloads and the way back do nothing twice; what was typed is not lost."""

import re
from collections.abc import Callable

import httpx

from tests.support.hooks import write_hook
from tests.support.repos import Apps
from tests.web.browser.driving import Looks, Window
from tests.web.served import Served

# What the page says while it waits, kept for the page that follows.
KEEP = """() => new MutationObserver((changes) => {
  sessionStorage.told = `${sessionStorage.told || ""}${changes[0].target.textContent}\\n`;
}).observe(document.querySelector("[data-toast]"), { childList: true })"""


def _type(seen: Window, name: str = "mine", tag: str = "1.0") -> None:
    seen.go("/new")
    seen.page.get_by_label("Name", exact=False).last.fill(name)
    seen.page.get_by_label("backend").fill(tag)


def test_a_reload_after_a_form(apps: Apps, look: Callable[..., Window]) -> None:
    for looks in (Looks(), Looks(scripts=False)):
        seen = look(looks)
        _type(seen, f"mine-{'js' if looks.scripts else 'plain'}")
        seen.press("Create it at once")
        count = apps.count()
        seen.page.reload()
        seen.page.reload()
        assert apps.count() == count
        assert "Expiry" in seen.text


def test_a_double_click(apps: Apps, look: Callable[..., Window]) -> None:
    seen = look()
    before = apps.count()
    _type(seen)
    seen.page.get_by_role("button", name="Create it at once").dblclick()
    seen.page.wait_for_url("**/previews/dev/mine*")
    assert apps.count() == before + 1
    assert [line for line in seen.sent if line.startswith("POST")] == [f"POST {seen.url}/new?overlay=dev"]


def test_the_same_form_twice_is_one_commit_and_one_answer(apps: Apps, site: Served) -> None:
    page = site.http.get("/new").text
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]+)"', page))
    form = {**hidden, "name": "mine", "image.backend": "1.0", "ttl": "30m", "act": "write"}
    before = apps.count()
    answers = [_send(site, form) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert apps.count() == before + 1


def test_a_form_without_its_token_or_from_elsewhere_does_nothing(apps: Apps, site: Served) -> None:
    apps.create("mine")
    site.app.state.services.reader.refresh()
    before = apps.refs()
    page = site.http.get("/previews/dev/mine/delete").text
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]+)"', page))
    path = "/previews/dev/mine/delete"
    for form, headers in (
        ({"key": hidden["key"]}, {"origin": site.url}),
        ({**hidden, "csrf": "made-up"}, {"origin": site.url}),
        (hidden, {"origin": "https://evil.example.com"}),
        (hidden, {"sec-fetch-site": "cross-site"}),
        (hidden, {"origin": "null"}),
    ):
        answer = site.http.post(path, data=form, headers={"accept": "text/html", **headers})
        assert answer.status_code in {400, 403}, answer.text
    assert apps.refs() == before


def test_the_way_back_and_again(apps: Apps, look: Callable[..., Window]) -> None:
    seen = look(Looks(scripts=False))
    _type(seen)
    seen.press("Create it at once")
    count = apps.count()
    seen.page.go_back()
    seen.press("Create it at once")
    assert apps.count() == count
    assert "mine" in seen.page.url or "Open mine" in seen.text


def test_the_way_back_and_something_else(apps: Apps, look: Callable[..., Window]) -> None:
    seen = look(Looks(scripts=False))
    _type(seen)
    seen.press("Create it at once")
    seen.page.go_back()
    seen.page.get_by_label("backend").fill("1.0")
    seen.page.get_by_label("Name", exact=False).last.fill("second")
    seen.press("Create it at once")
    if apps.names() == ["mine"]:
        assert "if you mean it, send it again" in seen.text
        seen.press("Create it at once")
    assert apps.names() == ["mine", "second"]


def test_a_form_keeps_what_was_typed(apps: Apps, look: Callable[..., Window]) -> None:
    apps.create("mine")
    seen = look()
    _type(seen, "mine", "2.0")
    seen.page.get_by_label("Time to live").first.fill("9h")
    seen.page.get_by_label("Pin it").check()
    seen.press("Create it at once")
    assert "A TTL of 9h is outside the policy's 5m to 4h" in seen.text
    assert seen.page.locator(":focus").get_attribute("role") == "alert"
    assert seen.page.get_by_label("backend").input_value() == "2.0"
    assert seen.page.get_by_label("Pin it").is_checked()
    seen.page.get_by_label("Time to live").first.fill("1h")
    seen.press("Create it at once")
    assert "The preview mine exists" in seen.text
    assert "--" not in seen.page.get_by_role("alert").inner_text()
    seen.press("Look at the changes")
    assert seen.page.get_by_label("backend").input_value() == "2.0"


def test_a_slow_push_tells_of_itself(apps: Apps, look: Callable[..., Window]) -> None:
    write_hook(apps.bare, "pre-receive", "sleep 3")
    seen = look()
    _type(seen)
    seen.page.evaluate(KEEP)
    seen.press("Create it at once")
    assert "mine is created." in seen.text
    told = seen.page.evaluate("sessionStorage.told")
    assert told.startswith("Writing to Git…\n")
    assert "Starry tries again by itself" in told


def _send(site: Served, form: dict[str, str]) -> httpx.Response:
    return site.http.post("/new?overlay=dev", data=form, headers={"origin": site.url})
