"""What a little JavaScript adds, and what holds without: times, themes, the keyboard, news of changes."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser

from tests.support.repos import Apps
from tests.web.browser.driving import PHONE, Looks, Window, guarded, window
from tests.web.served import Served

SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


def _fill(apps: Apps, site: Served) -> None:
    apps.create("mine", "--owner", "ada@example.com", "--ttl", "2h")
    apps.create("other", "--owner", "grace@example.com", "--pin")
    site.app.state.services.reader.refresh()


def test_times_are_the_persons_own_with_utc_beside(apps: Apps, site: Served, look: Callable[..., Window]) -> None:
    _fill(apps, site)
    seen = look()
    seen.go("/previews/dev/mine")
    expiry = seen.page.locator("#expiry ~ .big time").last
    utc = expiry.get_attribute("title") or ""
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", utc)
    here = expiry.evaluate("(one) => new Date(one.dateTime).toLocaleTimeString('en-GB', {timeStyle: 'short'})")
    assert here in expiry.inner_text()
    assert utc[11:16] not in expiry.inner_text()
    plain = look(Looks(scripts=False))
    plain.go("/previews/dev/mine")
    assert plain.page.locator("#expiry ~ .big time").last.inner_text() == utc


def test_the_list_is_searched_filtered_and_sorted(apps: Apps, site: Served, look: Callable[..., Window]) -> None:
    _fill(apps, site)
    seen = look(Looks(scripts=False))
    seen.go("/")
    assert _names(seen) == ["mine", "other"]
    seen.page.get_by_label("Search").fill("GRACE")
    seen.enter()
    assert _names(seen) == ["other"]
    seen.follow("Clear")
    seen.page.get_by_label("Owner").select_option("ada@example.com")
    seen.press("Filter")
    assert _names(seen) == ["mine"]
    seen.go("/?within=15")
    assert "Nothing fits" in seen.text
    assert "starry list --expires-within 15m" in seen.text
    seen.go("/")
    seen.follow("Preview")
    seen.follow("Preview")
    assert _names(seen) == ["other", "mine"]
    assert seen.page.locator("th[aria-sort=descending]").inner_text().startswith("Preview")


def test_the_slider_and_the_field_follow_each_other(look: Callable[..., Window]) -> None:
    seen = look()
    seen.go("/new")
    text, slider = seen.page.locator("#ttl"), seen.page.locator("[data-ttl] input[type=range]")
    slider.focus()
    seen.page.keyboard.press("End")
    assert text.input_value() == "4h"
    assert slider.get_attribute("aria-valuetext") == "4h"
    seen.page.keyboard.press("Home")
    assert text.input_value() == "5m"
    text.fill("1h")
    assert slider.get_attribute("aria-valuetext") == "1h"
    assert not look(Looks(scripts=False)).page.locator("[data-ttl] input[type=range]").is_visible()


def test_the_theme_can_be_chosen_and_stays(look: Callable[..., Window]) -> None:
    seen = look()
    seen.go("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = seen.page.evaluate(ground)
    switch = seen.page.get_by_role("button", name=re.compile("Theme"))
    switch.click()
    switch.click()
    assert switch.get_attribute("aria-label") == "Theme: dark"
    dark = seen.page.evaluate(ground)
    assert dark != light
    seen.go("/new")
    assert seen.page.evaluate(ground) == dark


def test_the_keyboard_alone_will_do(apps: Apps, look: Callable[..., Window]) -> None:
    seen = look()
    seen.go("/new")
    seen.page.keyboard.press("Tab")
    assert seen.page.locator(":focus").inner_text() == "Skip to the content"
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")  # the way up
    seen.page.keyboard.press("Tab")
    assert seen.page.locator(":focus").get_attribute("name") == "pr"
    seen.page.keyboard.type("5")
    for _ in range(3):
        seen.page.keyboard.press("Tab")
    seen.page.keyboard.type("1.0")
    seen.enter()
    assert seen.page.locator(":focus").inner_text() == "Create preview-5"
    seen.enter()
    assert apps.names() == ["preview-5"]


def test_what_others_push_is_told_and_nothing_moves(apps: Apps, site: Served, look: Callable[..., Window]) -> None:
    _fill(apps, site)
    seen, one = look(), look()
    seen.go("/")
    one.go("/previews/dev/mine")
    assert seen.page.evaluate("document.hidden") is False
    site.http.get("/")
    apps.create("third")
    site.app.state.services.reader.refresh()
    seen.page.get_by_text("The list has changed.").wait_for()
    assert "third" not in seen.text
    apps.ok("extend", "mine", "--ttl", "3h")
    site.app.state.services.reader.refresh()
    one.page.get_by_text("mine has changed.").wait_for()
    seen.follow("Show it")
    assert "third" in seen.text


def test_nothing_moves_while_a_page_loads(apps: Apps, site: Served, look: Callable[..., Window]) -> None:
    _fill(apps, site)
    for looks in (Looks(), Looks(size=PHONE)):
        seen = look(looks)
        for path in ("/", "/new", "/previews/dev/mine"):
            seen.go(path)
            assert seen.page.evaluate(SHIFT) < 0.01, path


def test_a_viewer_looks_and_a_developer_changes_their_own(apps: Apps, browser: Browser) -> None:
    apps.create("mine", "--owner", "ada@example.com")
    apps.create("theirs", "--owner", "grace@example.com")
    with guarded(apps, "viewer") as site, window(browser, site.url, Looks()) as seen:
        seen.go("/")
        assert "New preview" not in seen.text
        seen.go("/previews/dev/mine")
        assert "You may look at it, not change it." in seen.text
        assert seen.page.get_by_role("button", name="Extend").count() == 0
        assert seen.go("/new") == 403
    with guarded(apps, "developer") as site, window(browser, site.url, Looks()) as seen:
        seen.go("/previews/dev/theirs")
        assert "Only its owner or an admin may change it." in seen.text
        seen.go("/previews/dev/mine")
        seen.press("Extend")
        assert "mine" in seen.text
        seen.go("/previews/dev/theirs/delete")
        seen.press("Delete theirs")
        assert "may not delete" in seen.text
    assert apps.names() == ["mine", "theirs"]


def _names(seen: Window) -> list[str]:
    return seen.page.locator("tbody th").all_inner_texts()
