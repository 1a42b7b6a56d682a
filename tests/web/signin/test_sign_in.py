"""Signing in with a real issuer, and what it gives."""

import re

import httpx
import pytest

from starry_gitops.web.signin.faults import SignInFault
from tests.support.repos import Apps
from tests.web.signin.conftest import MakeDoor, Visit
from tests.web.signin.issuing import CLIENT_ID, RealIssuer
from tests.web.signin.visiting import BASE, KEY, SESSION, Browser, let_in, visited


def test_nobody_sees_anything_before_signing_in(visit: Visit) -> None:
    answer = visit.browser.get("/?overlay=dev&q=a%20b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2F%3Foverlay%3Ddev%26q%3Da%2520b")
    for path in ("/api/v1/previews", "/api/v1/settings", "/api/v1/openapi.json", "/api/v1/events", "/anything"):
        refused = visit.browser.get(path, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in"), path
    assert visit.browser.get("/healthz").status_code == 200
    assert visit.browser.get("/static/starry.css").status_code == 200


def test_a_person_signs_in_and_is_author_and_owner_of_what_they_write(visit: Visit) -> None:
    visit.issuer.know("dora", name="Dora Developer")
    answer = visit.browser.sign_in("dora", "/?overlay=dev")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?overlay=dev")
    assert "Dora Developer" in visit.browser.get("/").text
    written = visit.browser.put("alpha", visit.browser.csrf())
    assert written.status_code == 201, written.text
    assert visit.apps.git("log", "-1", "--format=%an <%ae> %cn") == "Dora Developer <dora@mycompany.com> Starry"
    assert visit.apps.annotation("alpha", "owner") == "dora@mycompany.com"


def test_the_cookies_are_closed_to_scripts_to_other_hosts_and_to_http(visit: Visit) -> None:
    start = visit.browser.get("/signin")
    back = visit.browser.sign_in("ada")
    for answer in (start, back):
        for cookie in answer.headers.get_list("set-cookie"):
            name, *marks = cookie.split("; ")
            assert name.startswith("__Host-starry_")
            assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(marks), cookie
            assert not any(mark.lower().startswith("domain") for mark in marks)
    assert any(f"{SESSION}=" in cookie and "Max-Age=28800" in cookie for cookie in back.headers.get_list("set-cookie"))
    unfinished = [name for name in visit.browser.cookies if "signin" in name]
    assert len(unfinished) == 1
    assert unfinished[0] in start.headers["set-cookie"]


def test_the_request_to_the_issuer_has_state_nonce_and_pkce_each_new(visit: Visit) -> None:
    first, second = (httpx.URL(visit.browser.get("/signin").headers["location"]).params for _ in range(2))
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == f"{BASE}/signin/callback"
    for key in ("state", "nonce", "code_challenge"):
        assert len(first[key]) >= 32
        assert first[key] != second[key]
    assert KEY not in str(first)


def test_two_sign_ins_at_once_in_one_browser_both_end_well(visit: Visit) -> None:
    first = visit.browser.returning("ada", "/?one")
    second = visit.browser.returning("ada", "/?two")
    assert visit.browser.send(second).headers["location"] == "/?two"
    # A browser sends the cookies that it has when it comes back.
    again = visit.browser.get(str(first.url))
    assert again.headers["location"] == "/?one"


def test_a_group_of_the_issuer_gives_a_role_and_only_named_groups_are_kept(visit: Visit) -> None:
    visit.issuer.know(
        "gus", email="gus@elsewhere.org", groups=["platform", *(f"group-{number}" for number in range(900))]
    )
    visit.browser.sign_in("gus")
    assert "admin" in visit.browser.get("/").text
    assert len(visit.browser.session()) < 700


def test_who_is_in_no_list_gets_no_session(visit: Visit) -> None:
    visit.issuer.know("eve", email="eve@elsewhere.org")
    answer = visit.browser.sign_in("eve")
    assert answer.status_code == 403
    assert "No access to this page for eve@elsewhere.org" in answer.text
    assert SESSION not in visit.browser.cookies


def test_without_web_in_the_settings_nobody_gets_in(apps: Apps, make_door: MakeDoor) -> None:
    with visited(apps, make_door()) as (_, browser):
        assert browser.sign_in("ada").status_code == 403


def test_others_may_look_when_the_settings_say_so(apps: Apps, issuer: RealIssuer, make_door: MakeDoor) -> None:
    let_in(apps, others="viewer")
    issuer.know("olga", email="olga@anywhere.org")
    with visited(apps, make_door()) as (_, browser):
        assert browser.sign_in("olga").status_code == 303
        assert "viewer" in browser.get("/").text


def test_a_role_that_is_taken_away_in_git_is_gone_at_once(visit: Visit) -> None:
    visit.browser.sign_in("ada")
    csrf = visit.browser.csrf()
    let_in(visit.apps, viewers=["ada@mycompany.com"])
    visit.page.mirror.refresh()
    visit.page.app.state.services.reader.refresh()
    assert visit.browser.put("alpha", csrf).json()["code"] == "not_allowed"
    let_in(visit.apps, admins=["somebody@mycompany.com"])
    visit.page.app.state.services.reader.refresh()
    answer = visit.browser.get("/")
    assert answer.status_code == 403
    assert "Sign out" in answer.text


def test_signing_out_ends_the_session_in_this_browser(visit: Visit) -> None:
    visit.browser.sign_in("ada")
    assert visit.browser.get("/signout").status_code in {404, 405}
    assert visit.browser.submit("/signout", {}).status_code == 403
    answer = visit.browser.submit("/signout", {"csrf": visit.browser.csrf()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert SESSION not in visit.browser.cookies
    assert visit.browser.get("/").status_code == 303
    assert "You are signed out" in visit.browser.get("/signed-out").text


def test_a_public_client_signs_in_by_pkce_alone_and_with_elliptic_curves(apps: Apps, make_door: MakeDoor) -> None:
    let_in(apps, admins=["ada@mycompany.com"])
    with visited(apps, make_door(client_id=f"{CLIENT_ID}-public", secret=None)) as (_, browser):
        assert browser.sign_in("ada").status_code == 303


def test_new_keys_of_the_issuer_under_old_names_are_fetched(visit: Visit) -> None:
    visit.browser.sign_in("ada")
    visit.issuer.restart()
    visit.page.app.state.services.door._flow._keys._asked = float("-inf")  # half a minute has passed
    with Browser(visit.page.url) as other:
        assert other.sign_in("ada").status_code == 303


@pytest.mark.parametrize("secret", ["another secret", None])
def test_a_wrong_client_secret_signs_nobody_in(apps: Apps, make_door: MakeDoor, secret: str | None) -> None:
    let_in(apps, admins=["ada@mycompany.com"])
    with visited(apps, make_door(secret=secret)) as (_, browser):
        answer = browser.sign_in("ada")
        assert (answer.status_code, SESSION in browser.cookies) == (403, False)
        assert not re.search("another secret|invalid_client", answer.text)


def test_replicas_that_share_a_key_share_sessions_and_old_keys_still_open(apps: Apps, make_door: MakeDoor) -> None:
    let_in(apps, admins=["ada@mycompany.com"])
    new = "the-next-session-key-is-as-long-as-it"
    with visited(apps, make_door()) as (_, browser):
        browser.sign_in("ada")
        cookie = {SESSION: browser.session()}
    for keys, status in [((KEY,), 200), ((new, KEY), 200), ((new,), 303)]:
        with visited(apps, make_door(keys=keys)) as (_, browser):
            browser.cookies.update(cookie)
            assert browser.get("/").status_code == status


def test_an_issuer_that_calls_itself_otherwise_is_refused(issuer: RealIssuer, make_door: MakeDoor) -> None:
    with pytest.raises(SignInFault, match="the issuer is not"):
        make_door(issuer=f"{issuer.url}/")._flow.issuer()
