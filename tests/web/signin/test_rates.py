"""One person cannot take the page from the others, and cannot fill its memory."""

import httpx
import pytest

from starry_gitops.errors import UsageFault
from starry_gitops.web.people import LocalDoor
from starry_gitops.web.signin import SignIn, find_door, local_middleware
from starry_gitops.web.signin.gate import Limits
from starry_gitops.web.signin.rates import Buckets, Rate
from starry_gitops.web.signin.sealing import session_keys
from tests.support.repos import Apps
from tests.web.served import ADA, served
from tests.web.signin.conftest import MakeDoor, Visit
from tests.web.signin.issuing import RealIssuer
from tests.web.signin.visiting import BASE, Browser, let_in, visited


def test_a_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    buckets = Buckets(Rate(burst=2, per_second=0.5), clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2]
    assert buckets.take("b") == 0
    now[0] = 2
    assert [buckets.take("a"), buckets.take("a")] == [0, 2]
    now[0] = 1_000
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2]


def test_the_number_of_buckets_is_bounded() -> None:
    buckets = Buckets(Rate(burst=1, per_second=1))
    for number in range(12_000):
        buckets.take(str(number))
    assert len(buckets) == 10_000


SLOW_BURST = 5
SLOW = Rate(burst=SLOW_BURST, per_second=0.001)


def test_who_asks_too_much_is_told_when_to_come_back_and_others_are_not(
    apps: Apps, issuer: RealIssuer, make_door: MakeDoor
) -> None:
    let_in(apps, developers=["*@mycompany.com"])
    issuer.know("dora")
    with visited(apps, make_door(limits=Limits(lambda _: Buckets(SLOW)))) as (page, ada), Browser(page.url) as dora:
        ada.sign_in("ada")
        answers = [ada.get("/api/v1/previews") for _ in range(SLOW_BURST + 1)]
        assert [one.status_code for one in answers] == [200] * SLOW_BURST + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert answers[-1].json()["code"] == "too_many_requests"
        assert ada.get("/").status_code == 429
        dora.sign_in("dora")
        assert dora.get("/").status_code == 200
        assert page.http.get("/healthz").status_code == 200


def test_strangers_are_limited_by_address(apps: Apps, make_door: MakeDoor) -> None:
    with visited(apps, make_door(limits=Limits(lambda _: Buckets(SLOW)))) as (page, _):
        found = [httpx.get(f"{page.url}/signin").status_code for _ in range(SLOW_BURST + 1)]
        assert found == [303] * SLOW_BURST + [429]


def test_reads_and_writes_have_buckets_of_their_own(visit: Visit) -> None:
    visit.browser.sign_in("ada")
    csrf = visit.browser.csrf()
    codes = [visit.browser.put("alpha", csrf, x=str(number)).status_code for number in range(30)]
    assert 429 in codes
    assert visit.browser.get("/").status_code == 200


def test_without_sign_in_other_sites_are_kept_off_all_the_same(apps: Apps) -> None:
    door = LocalDoor(ADA, middleware=local_middleware())
    with served(apps, door=door) as page:
        body = {"images": {"backend": "1.0.0"}}
        for origin in ("https://evil.org", "null", "http://127.0.0.1:1"):
            assert page.http.put("/api/v1/previews/alpha", json=body, headers={"Origin": origin}).status_code == 403
        assert page.http.post("/new", data={"act": "write"}, headers={"Origin": page.url}).status_code == 403
        assert page.http.get("/", headers={"Host": "evil.org"}).status_code == 401
        assert page.put("alpha").status_code == 201
        assert "default-src 'none'" in page.http.get("/").headers["content-security-policy"]


def test_keys_are_a_list_newest_first_and_never_short(caplog: pytest.LogCaptureFixture) -> None:
    first, second = "a" * 32, "b" * 40
    assert session_keys(f"{first}, {second}\n") == (first, second)
    assert session_keys(None) != session_keys("")
    assert "STARRY_SESSION_KEY is not set" in caplog.text
    for wrong in ("short", f"{first} short", " ".join([first] * 11)):
        with pytest.raises(UsageFault) as caught:
            session_keys(wrong)
        assert "short" not in caught.value.message + caught.value.hint


OIDC = {"issuer": "https://accounts.google.com", "client_id": "starry"}


@pytest.mark.parametrize(
    ("told", "base", "named"),
    [
        ({"issuer": "https://accounts.google.com"}, BASE, "client id"),
        ({"client_id": "x"}, BASE, "--oidc-issuer"),
        ({**OIDC, "iap_audience": "/projects/1/apps/x"}, BASE, "--iap-audience"),
        ({**OIDC, "issuer": "http://issuer.example.com"}, BASE, "--oidc-issuer"),
        ({**OIDC, "scopes": "email"}, BASE, "openid"),
        (OIDC, "http://starry.mycompany.com", "--base-url"),
        ({"iap_audience": "starry"}, BASE, "--iap-audience"),
        ({"iap_audience": "/projects/1/apps/x", "iap_keys": "http://keys.example.com/"}, BASE, "keys"),
    ],
)
def test_what_contradicts_itself_is_refused_at_the_start(told: dict[str, str], base: str, named: str) -> None:
    with pytest.raises(UsageFault) as caught:
        find_door(SignIn(**told), base_url=base, environment={"STARRY_SESSION_KEY": "k" * 32})
    assert named in caught.value.message + caught.value.hint


def test_the_door_is_what_was_told() -> None:
    environment = {"STARRY_SESSION_KEY": "k" * 32, "STARRY_OIDC_CLIENT_SECRET": "s"}
    found = [
        type(find_door(SignIn(**told), base_url=BASE, environment=environment)).__name__
        for told in (OIDC, {"iap_audience": "/projects/1/apps/x"}, {})
    ]
    assert found == ["OidcDoor", "IapDoor", "NoneType"]
