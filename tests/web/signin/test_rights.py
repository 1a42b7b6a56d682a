"""What a signed-in person may do, and what their name, which the issuer says, may not."""

import re

from tests.web.signin.conftest import Visit
from tests.web.signin.visiting import BASE, Browser

NAMES = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "{% raw %}", "a\r\nSet-Cookie: x=y",
    "Ada\u202egnp.exe", "\x00\x1b[2J",
    "Mallory <root@mycompany.com>", "x\n\nStarry-Owner: root", "é" * 3_000, "  ", "'\u2028",
]  # fmt: skip


def test_a_name_from_the_issuer_is_text_and_nothing_else(visit: Visit) -> None:
    for number, name in enumerate(NAMES):
        visit.issuer.know(f"mallory{number}", name=name)
        with Browser(visit.page.url) as browser:
            browser.sign_in(f"mallory{number}")
            page = browser.get("/").text
            assert not re.search(r"<script>|<img src=x|onerror=alert\(1\)>", page), name
            assert "\u202e" not in page
            written = browser.put(f"alpha{number}", browser.csrf())
            assert written.status_code == 201, written.text
        author = visit.apps.git("log", "-1", "--format=%an%x00%ae").split("\0")
        assert author[1].strip() == f"mallory{number}@mycompany.com"
        assert not re.search(r"[<>\n]", author[0])
        assert visit.apps.git("log", "-1", "--format=%(trailers:key=Starry-Owner,valueonly)").split() == [
            author[1].strip()
        ]


def test_who_only_looks_changes_nothing(visit: Visit) -> None:
    visit.issuer.know("vera", email="vera@partner.com")
    visit.browser.sign_in("vera")
    visit.apps.create("alpha", "--owner", "vera@partner.com")
    visit.page.app.state.services.reader.refresh()
    tip, csrf = visit.apps.tip(), visit.browser.csrf()
    assert visit.browser.put("beta", csrf).json()["code"] == "not_allowed"
    headers = {"Origin": BASE, "X-CSRF-Token": csrf}
    own = [
        visit.browser.post("/api/v1/previews/alpha/extend", json={"ttl": "1h"}, headers=headers),
        visit.browser.delete("/api/v1/previews/alpha", headers=headers),
        visit.browser.submit("/previews/dev/alpha/delete", {"csrf": csrf, "key": "k", "overlay": "dev"}),
    ]
    assert {one.status_code for one in own} <= {403, 404, 405}
    assert own[1].status_code == 403
    assert visit.apps.tip() == tip


def test_a_developer_changes_their_own_previews_and_no_others(visit: Visit) -> None:
    visit.issuer.know("dora")
    for name, owner in [
        ("hers", "dora@mycompany.com"),
        ("ci", "dora-on-github"),
        ("his", "bob@mycompany.com"),
        ("none", None),
    ]:
        visit.apps.create(name, *(["--owner", owner] if owner else []))
    visit.page.app.state.services.reader.refresh()
    visit.browser.sign_in("dora")
    headers = {"Origin": BASE, "X-CSRF-Token": visit.browser.csrf()}
    gone = {
        name: visit.browser.delete(f"/api/v1/previews/{name}", headers=headers).status_code
        for name in ("hers", "ci", "his", "none")
    }
    assert gone == {"hers": 200, "ci": 200, "his": 403, "none": 403}
    taken = visit.browser.put("his", visit.browser.csrf())
    assert taken.json()["code"] == "not_allowed"
