"""Behind an identity-aware proxy: only what it signed for this very page counts."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from starry_gitops.web.signin.iap import IapDoor
from starry_gitops.web.signin.sealing import Seals
from tests.support.repos import Apps
from tests.web.served import Served
from tests.web.signin.forging import CURVE, SIGNING, Forger, forging
from tests.web.signin.visiting import BASE, KEY, Browser, let_in, visited

AUDIENCE = "/projects/1234567890/global/backendServices/42"
HEADER = "x-goog-iap-jwt-assertion"
BARE = {
    "x-goog-authenticated-user-email": "accounts.google.com:ada@mycompany.com",
    "x-goog-authenticated-user-id": "accounts.google.com:1",
}


@pytest.fixture
def keys() -> Iterator[Forger]:
    """Where the proxy's public keys are published."""
    with forging() as running:
        yield running


@pytest.fixture
def page(apps: Apps, keys: Forger) -> Iterator[tuple[Served, Browser]]:
    let_in(apps, admins=["ada@mycompany.com"], developers=["*@mycompany.com"])
    door = IapDoor(AUDIENCE, base_url=BASE, seals=Seals([KEY]), keys_url=f"{keys.url}/keys")
    with visited(apps, door) as (served, browser):
        yield served, browser


def signed(key: Key = CURVE, alg: str = "ES256", kid: str = "two", **claims: Any) -> str:
    """What the proxy would say, changed."""
    now = int(time.time())
    said = {
        "iss": "https://cloud.google.com/iap",
        "aud": AUDIENCE,
        "sub": "accounts.google.com:1",
        "email": "ada@mycompany.com",
        "iat": now,
        "exp": now + 600,
        **claims,
    }
    return jwt.encode({"alg": alg, "kid": kid}, {k: v for k, v in said.items() if v is not None}, key, algorithms=[alg])


def test_whom_the_proxy_names_comes_in_and_is_the_author(apps: Apps, page: tuple[Served, Browser]) -> None:
    _, browser = page
    browser.headers[HEADER] = signed()
    assert browser.put("alpha", browser.csrf()).status_code == 201
    assert apps.git("log", "-1", "--format=%an <%ae>") == "ada <ada@mycompany.com>"


STRANGER = ECKey.generate_key("P-256", {"kid": "two"})
LIES: dict[str, Callable[[], dict[str, str]]] = {
    "nothing": dict,
    "the bare headers": lambda: BARE,
    "the bare headers beside an empty one": lambda: {**BARE, HEADER: ""},
    "no token": lambda: {HEADER: "ada@mycompany.com"},
    "a stranger's key": lambda: {HEADER: signed(STRANGER)},
    "another page's audience": lambda: {HEADER: signed(aud="/projects/1234567890/global/backendServices/43")},
    "an app engine's audience": lambda: {HEADER: signed(aud="/projects/1234567890/apps/starry")},
    "no audience": lambda: {HEADER: signed(aud=None)},
    "another issuer": lambda: {HEADER: signed(iss="https://accounts.google.com")},
    "another algorithm, though the key is right": lambda: {HEADER: signed(SIGNING, "RS256", "one")},
    "expired": lambda: {HEADER: signed(exp=int(time.time()) - 60, iat=int(time.time()) - 700)},
    "issued later": lambda: {HEADER: signed(iat=int(time.time()) + 600)},
    "no expiry": lambda: {HEADER: signed(exp=None)},
    "no e-mail": lambda: {HEADER: signed(email=None)},
    "an e-mail with the bare headers' prefix": lambda: {HEADER: signed(email="accounts.google.com:ada@mycompany.com")},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_who_is_not_named_by_the_proxy_stays_out(
    page: tuple[Served, Browser], lie: Callable[[], dict[str, str]]
) -> None:
    _, browser = page
    answer = browser.get("/", headers=lie())
    assert answer.status_code == 401
    assert "ada@mycompany.com" not in answer.text
    refused = browser.put("alpha", "x", **lie())
    assert refused.status_code == 401


def test_two_words_of_the_proxy_are_none(page: tuple[Served, Browser]) -> None:
    served, _ = page
    answer = httpx.get(f"{served.url}/api/v1/previews", headers=[(HEADER, signed()), (HEADER, signed())])
    assert answer.status_code == 401


def test_forms_need_a_token_of_the_same_person_and_our_origin(page: tuple[Served, Browser]) -> None:
    _, browser = page
    browser.headers[HEADER] = signed()
    csrf = browser.csrf()
    assert browser.put("alpha", "").status_code == 403
    assert browser.put("alpha", csrf, origin="https://evil.org").status_code == 403
    browser.headers[HEADER] = signed(sub="accounts.google.com:2", email="dora@mycompany.com")
    assert browser.put("alpha", csrf).status_code == 403


def test_a_program_behind_the_proxy_needs_no_token(page: tuple[Served, Browser]) -> None:
    served, _ = page
    url, headers = f"{served.url}/api/v1/previews/alpha", {HEADER: signed()}
    body = {"images": {"backend": "1.0.0"}}
    assert httpx.put(url, json=body, headers=headers).status_code == 201
    assert httpx.put(url, json=body, headers={**headers, "Cookie": "a=b"}).status_code == 403


def test_signing_out_is_the_proxys(page: tuple[Served, Browser]) -> None:
    _, browser = page
    browser.headers[HEADER] = signed()
    answer = browser.submit("/signout", {"csrf": browser.csrf()})
    assert (answer.status_code, answer.headers["refresh"]) == (200, "0; url=/_gcp_iap/clear_login_cookie")


def test_the_keys_are_asked_for_once(page: tuple[Served, Browser], keys: Forger) -> None:
    _, browser = page
    for _ in range(5):
        browser.get("/", headers={HEADER: signed()})
        browser.get("/", headers={HEADER: signed(STRANGER)})
        browser.get("/", headers={HEADER: signed(kid="unknown")})
    assert keys.asked.count("/keys") == 1
