"""Whatever an ID token says that the issuer did not sign for this very sign-in, nobody is signed in by it."""

# ruff: noqa: E501 - a table reads best with one case a line

import base64
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey

from starry_gitops.errors import StarryError
from starry_gitops.web.signin.faults import SignInFault
from starry_gitops.web.signin.flow import Client, Flow
from starry_gitops.web.signin.identity import GOOGLE, Identity, refuse_unverified
from tests.web.signin.forging import CURVE, SIGNING, STRANGER, Forger, forging
from tests.web.signin.visiting import REDIRECT

Lie = Callable[[Forger], object]


@pytest.fixture
def forger() -> Iterator[Forger]:
    with forging() as running:
        yield running


def sign_in(forger: Forger, **answer: str) -> Identity:
    """A sign-in as the page makes it."""
    flow = Flow(Client(issuer=forger.url, client_id="starry", secret="s", redirect_uri=REDIRECT))
    started, _ = flow.start("/")
    forger.nonce = forger.nonce or started.nonce
    return flow.finish(started, {"state": started.state, "code": "c", **answer})


def _unsigned(forger: Forger, alg: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "one"}).encode()).rstrip(b"=").decode()
    return f"{header}.{jwt.encode({'alg': 'RS256'}, forger.honest(), SIGNING).split('.')[1]}."


def _signed_with_the_public_key(forger: Forger) -> str:
    """The classic: the public key, which everybody has, taken for the secret of an HMAC."""
    signed = _unsigned(forger, "HS256").rstrip(".")
    mac = hmac.digest(SIGNING.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _brings_its_own_key(forger: Forger) -> None:
    forger.header = {"alg": "RS256", "kid": "one", "jwk": STRANGER.as_dict(private=False)}
    forger.key = STRANGER


def _small_key(forger: Forger) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        small = RSAKey.generate_key(1024, {"kid": "small", "use": "sig"})
    forger.keys.keys.append(small)
    forger.header, forger.key = {"alg": "RS256", "kid": "small"}, small


LIES: dict[str, Lie] = {
    "no signature": lambda one: setattr(one, "raw", lambda _: "x" * 10),
    "alg none": lambda one: setattr(one, "raw", lambda one: _unsigned(one, "none")),
    "alg None": lambda one: setattr(one, "raw", lambda one: _unsigned(one, "None")),
    "no alg at all": lambda one: setattr(one, "raw", lambda one: _unsigned(one, "")),
    "HMAC with the public key": lambda one: setattr(one, "raw", _signed_with_the_public_key),
    "a stranger's key under the same name": lambda one: setattr(one, "key", STRANGER),
    "an unknown key": lambda one: setattr(one, "header", {"alg": "RS256", "kid": "other"}),
    "a key inside the token": _brings_its_own_key,
    "a key that is too small": _small_key,
    "a signature cut off": lambda one: setattr(one, "raw", lambda one: jwt.encode({"alg": "RS256", "kid": "one"}, one.honest(), SIGNING)[:-8]),
    "another issuer": lambda one: one.claims.update(iss="https://accounts.google.com"),
    "this issuer with a slash": lambda one: one.claims.update(iss=f"{one.url}/"),
    "no issuer": lambda one: one.claims.update(iss=None),
    "another audience": lambda one: one.claims.update(aud="argocd"),
    "audiences without us": lambda one: one.claims.update(aud=["argocd", "grafana"]),
    "many audiences, made for another": lambda one: one.claims.update(aud=["starry", "argocd"], azp="argocd"),
    "many audiences, made for nobody": lambda one: one.claims.update(aud=["starry", "argocd"]),
    "no audience": lambda one: one.claims.update(aud=None),
    "made for another": lambda one: one.claims.update(azp="argocd"),
    "expired": lambda one: one.claims.update(exp=int(time.time()) - 120, iat=int(time.time()) - 600),
    "no expiry": lambda one: one.claims.update(exp=None),
    "expiry as a text": lambda one: one.claims.update(exp="2999-01-01"),
    "expiry true": lambda one: one.claims.update(exp=True),
    "not yet valid": lambda one: one.claims.update(nbf=int(time.time()) + 600),
    "issued tomorrow": lambda one: one.claims.update(iat=int(time.time()) + 86_400, exp=int(time.time()) + 90_000),
    "another nonce": lambda one: one.claims.update(nonce="another"),
    "no nonce": lambda one: one.claims.update(nonce=None),
    "a nonce that is no text": lambda one: one.claims.update(nonce=["x"]),
    "no subject": lambda one: one.claims.update(sub=None),
    "a subject that is no text": lambda one: one.claims.update(sub={"a": 1}),
    "an e-mail that is not verified": lambda one: one.claims.update(email_verified=False),
    "verified as a text": lambda one: one.claims.update(email_verified="true"),
    "verified as a number": lambda one: one.claims.update(email_verified=1),
    "an e-mail of letters that look alike": lambda one: one.claims.update(email="\u0430da@mycompany.com"),
    "an e-mail that is lower-cased to another": lambda one: one.claims.update(email="\u212aim@mycompany.com"),
    "two addresses": lambda one: one.claims.update(email="eve@evil.org,ada@mycompany.com"),
    "an address in an address": lambda one: one.claims.update(email='"eve@evil.org"@mycompany.com'),
    "an e-mail with a line end": lambda one: one.claims.update(email="ada@mycompany.com\n"),
    "an e-mail that ends an author": lambda one: one.claims.update(email="ada@mycompany.com>"),
    "an e-mail that is a list": lambda one: one.claims.update(email=["ada@mycompany.com"]),
    "claims that are a list": lambda one: setattr(one, "raw", lambda one: jws.serialize_compact({"alg": "RS256", "kid": "one"}, "[1]", SIGNING)),
    "an endless token": lambda one: one.claims.update(x="x" * 300_000),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Key size should be:joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_signs_nobody_in(forger: Forger, lie: Lie) -> None:
    lie(forger)
    with pytest.raises(SignInFault) as caught:
        sign_in(forger)
    assert caught.value.message.isprintable()


def test_the_same_issuer_is_believed_when_it_is_honest(forger: Forger) -> None:
    assert sign_in(forger) == Identity(subject="1", email="ada@mycompany.com", name="Ada")
    forger.header, forger.key, forger.nonce = {"alg": "ES256", "kid": "two"}, CURVE, ""
    forger.claims = {"email": "Ada@MyCompany.com", "aud": ["starry"], "azp": "starry"}
    assert sign_in(forger).email == "ada@mycompany.com"


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "another"},
        {"state": ""},
        {"code": ""},
        {"code": "c" * 5_000},
        {"iss": "https://accounts.google.com"},
        {"error": "access_denied"},
        {"error": "<script>alert(1)</script>"},
    ],
)
def test_an_answer_that_is_not_this_sign_ins_is_refused_before_anything_is_asked(
    forger: Forger, answer: dict[str, str]
) -> None:
    with pytest.raises(SignInFault) as caught:
        sign_in(forger, **answer)
    assert "<" not in caught.value.message
    assert "/token" not in forger.asked


def test_an_issuer_that_says_that_it_names_itself_must(forger: Forger) -> None:
    forger.discovery = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(SignInFault, match="another issuer"):
        sign_in(forger)
    forger.nonce = ""
    assert sign_in(forger, iss=forger.url).subject == "1"


def test_the_address_and_whether_it_is_verified_come_from_one_source(forger: Forger) -> None:
    forger.claims = {"email_verified": None}
    forger.userinfo = {"sub": "1", "email": "eve@mycompany.com", "email_verified": True}
    assert sign_in(forger).email == "eve@mycompany.com"
    forger.userinfo, forger.nonce = {"sub": "1", "email_verified": True}, ""
    with pytest.raises(SignInFault, match="e-mail"):
        sign_in(forger)


def test_userinfo_of_somebody_else_is_refused(forger: Forger) -> None:
    forger.claims = {"email": None}
    forger.userinfo = {"sub": "2", "email": "ada@mycompany.com", "email_verified": True}
    with pytest.raises(SignInFault, match="somebody else"):
        sign_in(forger)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://accounts.google.com"},
        {"jwks_uri": "http://keys.example.com/jwks"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
        {"id_token_signing_alg_values_supported": "RS256"},
    ],
)
def test_an_issuer_that_leads_elsewhere_or_signs_badly_is_refused(forger: Forger, discovery: dict[str, Any]) -> None:
    forger.discovery = discovery
    with pytest.raises(StarryError):
        sign_in(forger)
    assert forger.asked == ["/.well-known/openid-configuration"]


def test_unknown_keys_do_not_make_us_ask_the_issuer_again_and_again(forger: Forger) -> None:
    flow = Flow(Client(issuer=forger.url, client_id="starry", secret="s", redirect_uri=REDIRECT))
    forger.header = {"alg": "RS256", "kid": "other"}
    for _ in range(5):
        started, _ = flow.start("/")
        with pytest.raises(SignInFault):
            flow.finish(started, {"state": started.state, "code": "c"})
    assert forger.asked.count("/keys") == 1


@pytest.mark.parametrize(
    ("email", "hosted", "is_believed"),
    [("a@gmail.com", None, True), ("a@mycompany.com", "mycompany.com", True), ("a@mycompany.com", None, False)],
)
def test_google_answers_for_its_own_addresses_only(email: str, hosted: str | None, is_believed: bool) -> None:
    claims = {"email": email, "email_verified": True, "hd": hosted}
    if is_believed:
        refuse_unverified(claims, GOOGLE)
    else:
        with pytest.raises(SignInFault, match="Google"):
            refuse_unverified(claims, GOOGLE)
