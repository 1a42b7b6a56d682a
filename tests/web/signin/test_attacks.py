"""What other sites, other people and other servers may try against whoever is signed in."""

from urllib.parse import urlencode

import httpx
import pytest

from starry_gitops.web.signin.sealing import Seals
from tests.support.repos import Apps
from tests.web.signin.conftest import MakeDoor, Visit
from tests.web.signin.visiting import BASE, KEY, SESSION, Browser, let_in, visited

# A preview's host lies below the page's own domain: to browsers it is the same site, and its cookies are sent.
PREVIEW = "https://sample-fe-1.preview-1.starry.mycompany.com"


@pytest.fixture
def ada(visit: Visit) -> Browser:
    """Ada's browser, signed in."""
    visit.browser.sign_in("ada")
    return visit.browser


@pytest.mark.parametrize(
    "origin", [PREVIEW, "https://evil.org", "null", "http://starry.mycompany.com", f"{BASE}:444", ""]
)
def test_no_other_origin_may_post_even_with_a_token(visit: Visit, ada: Browser, origin: str) -> None:
    tip, token = visit.apps.tip(), ada.csrf()
    for answer in (
        ada.submit("/signout", {"csrf": token}, origin=origin),
        ada.put("alpha", token, origin=origin),
    ):
        assert answer.status_code == 403, origin
    assert visit.apps.tip() == tip
    assert ada.get("/").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_a_browser_says_of_the_site_is_heeded(ada: Browser, site: str) -> None:
    assert ada.put("alpha", ada.csrf(), sec_fetch_site=site).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "eyJmb3IiOiJ4In0.x", KEY])
def test_no_form_and_no_script_without_the_sessions_token(visit: Visit, ada: Browser, token: str) -> None:
    tip = visit.apps.tip()
    assert ada.put("alpha", token).json()["code"] == "csrf"
    for path in ("/signout", "/new", "/previews/dev/alpha/delete"):
        answer = ada.submit(path, {"csrf": token, "act": "write", "image.backend": "1.0.0", "name": "alpha"})
        assert answer.status_code == 403, path
    assert visit.apps.tip() == tip


def test_a_token_in_the_query_in_json_or_given_twice_does_not_count(ada: Browser) -> None:
    token = ada.csrf()
    headers = {"Origin": BASE, "Content-Type": "application/x-www-form-urlencoded"}
    assert ada.post("/signout", params={"csrf": token}, headers=headers).status_code == 403
    twice = urlencode([("csrf", token), ("csrf", token)])
    assert ada.post("/signout", content=twice, headers=headers).status_code == 403
    assert ada.post("/signout", json={"csrf": token}, headers={"Origin": BASE}).status_code == 403
    assert ada.post("/signout", files={"csrf": (None, token)}, headers={"Origin": BASE}).status_code == 415


def test_anothers_token_or_that_of_the_session_before_does_not_fit(visit: Visit, ada: Browser) -> None:
    visit.issuer.know("dora")
    with Browser(visit.page.url) as dora:
        dora.sign_in("dora")
        assert dora.put("alpha", ada.csrf()).json()["code"] == "csrf"
    before = ada.csrf()
    ada.sign_in("ada")
    assert ada.put("alpha", before).json()["code"] == "csrf"


def test_signing_in_makes_a_new_session_whatever_cookie_was_planted(visit: Visit) -> None:
    """Session fixation: whoever knows a cookie that was there before knows nothing afterwards."""
    visit.issuer.know("eve")
    with Browser(visit.page.url) as eve:
        eve.sign_in("eve")
        planted = eve.session()
    visit.browser.cookies.set(SESSION, planted, domain="starry.mycompany.com", path="/")
    visit.browser.sign_in("ada")
    assert visit.browser.session() != planted
    first = visit.browser.session()
    visit.browser.sign_in("ada")
    assert visit.browser.session() != first


def test_a_sign_in_that_was_begun_elsewhere_does_not_end_here(visit: Visit) -> None:
    """Login CSRF: the attacker's own answer of the issuer, in the victim's browser."""
    visit.issuer.know("eve")
    with Browser(visit.page.url) as eve:
        back = eve.returning("eve")
    answer = visit.browser.get(str(back.url))
    assert answer.status_code == 403
    assert SESSION not in visit.browser.cookies


def test_an_answer_of_the_issuer_counts_once(visit: Visit) -> None:
    back = visit.browser.returning("ada")
    kept = {one.name: one.value or "" for one in visit.browser.cookies.jar if one.name.startswith("__Host-")}
    assert kept
    assert visit.browser.send(back).status_code == 303
    with Browser(visit.page.url) as again:
        assert again.get(str(back.url)).status_code == 403
        # Also with the very cookies of then: the issuer gives no second token for a code.
        for name, value in kept.items():
            again.cookies.set(name, value, domain="starry.mycompany.com", path="/")
        assert again.get(str(back.url)).status_code == 403
        assert SESSION not in again.cookies


def test_an_answer_that_says_something_twice_is_refused(visit: Visit) -> None:
    back = visit.browser.returning("ada")
    for more in ("state=x", "code=x", "iss=x"):
        assert visit.browser.get(f"{back.url}&{more}").status_code == 403


PLACES = (
    "//evil.org", "///evil.org", "/\\evil.org", "\\\\evil.org", "https://evil.org", "https:evil.org", "/\t/evil.org",
    "/%0d%0aSet-Cookie:x", "javascript:alert(1)", "/signin", "/signin?next=/x", "/signin/callback?code=x", "/signout",
    "evil.org", "@evil.org", "/ /evil.org", "/\n/evil.org", "", "/é", "/" + "a" * 2_000, "http://[::1",
)  # fmt: skip


def test_no_link_leads_elsewhere_after_signing_in(visit: Visit) -> None:
    for place in PLACES:
        location = visit.browser.sign_in("ada", place).headers["location"]
        there = httpx.URL(BASE).join(location)
        assert (there.scheme, there.host) == ("https", "starry.mycompany.com"), place
        assert not there.path.startswith("/sign"), place


def test_a_cookie_that_was_changed_or_made_up_is_nobodys(visit: Visit, ada: Browser) -> None:
    session = ada.session()
    data, _, mac = session.rpartition(".")
    made_up = Seals(["another-key-of-more-than-32-characters"]).seal(
        "session", {"email": "ada@mycompany.com"}, seconds=60
    )
    csrf = ada.csrf()
    for text in (
        data,
        f"{data}.",
        f"{data}x.{mac}",
        f"x{session}",
        made_up,
        csrf,
        "",
        ".",
        "a" * 5_000,
        f"{data}.{mac[::-1]}",
    ):
        with Browser(visit.page.url) as other:
            other.cookies.set(SESSION, text, domain="starry.mycompany.com", path="/")
            assert other.get("/").status_code == 303, text[:50]


def test_a_seal_for_one_purpose_opens_for_no_other_and_not_for_ever() -> None:
    now = [1_000.0]
    seals = Seals([KEY], clock=lambda: now[0])
    text = seals.seal("signin", {"a": 1}, seconds=10)
    assert seals.open("session", text) is None
    assert seals.open("signin", text) == {"a": 1, "until": 1_010}
    now[0] = 1_010.0
    assert seals.open("signin", text) is None


@pytest.mark.parametrize(
    "header",
    [
        "x-goog-authenticated-user-email",
        "x-forwarded-user",
        "x-forwarded-email",
        "remote-user",
        "x-goog-iap-jwt-assertion",
    ],
)
def test_no_header_makes_somebody_of_nobody(visit: Visit, header: str) -> None:
    for text in ("ada@mycompany.com", "accounts.google.com:ada@mycompany.com"):
        assert visit.browser.get("/", headers={header: text}).status_code == 303


@pytest.mark.parametrize("host", ["x/signin?", "x/healthz?", "x/static/a?", "evil.org", "x/signed-out#", "a b", "["])
def test_the_host_header_opens_no_door(visit: Visit, host: str) -> None:
    answer = httpx.get(f"{visit.page.url}/api/v1/previews", headers={"Host": host})
    assert answer.status_code in {400, 401}, answer.text


def test_the_callback_url_does_not_follow_the_host_header(visit: Visit) -> None:
    answer = httpx.get(f"{visit.page.url}/signin", headers={"Host": "evil.org"})
    assert "evil.org" not in answer.headers["location"]


def test_every_answer_tells_browsers_to_be_strict(visit: Visit, ada: Browser) -> None:
    answers = [
        ada.get("/"),
        ada.get("/static/starry.css"),
        ada.get("/api/v1/previews"),
        ada.get("/nothing"),
        ada.get("/signed-out"),
    ]
    answers += [ada.post("/signout"), ada.get("/signin"), httpx.get(f"{visit.page.url}/")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "immutable" in answers[1].headers["cache-control"]
    assert answers[6].headers["cache-control"] == "no-store"


def test_sign_ins_under_way_do_not_fill_the_browser(visit: Visit) -> None:
    for _ in range(20):
        visit.browser.get("/signin")
    assert len(visit.browser.cookies) <= 6


def test_two_replicas_know_one_anothers_forms(apps: Apps, make_door: MakeDoor) -> None:
    let_in(apps, admins=["ada@mycompany.com"])
    with visited(apps, make_door()) as (_, first), visited(apps, make_door()) as (_, second):
        first.sign_in("ada")
        second.cookies.set(SESSION, first.session(), domain="starry.mycompany.com", path="/")
        assert second.put("alpha", first.csrf()).status_code == 201
