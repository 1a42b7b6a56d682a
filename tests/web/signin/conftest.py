"""An issuer for all tests of a process, and a page with a door for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from starry_gitops.web.signin.flow import Client
from starry_gitops.web.signin.gate import Limits
from starry_gitops.web.signin.oidc import OidcDoor
from starry_gitops.web.signin.sealing import Seals
from tests.support.repos import Apps
from tests.web.served import Served
from tests.web.signin.issuing import CLIENT_ID, CLIENT_SECRET, RealIssuer, issuing
from tests.web.signin.visiting import BASE, KEY, REDIRECT, Browser, let_in, visited

MakeDoor = Callable[..., OidcDoor]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealIssuer]:
    """A real issuer. Each test names people of its own."""
    with issuing(tmp_path_factory.mktemp("issuer"), REDIRECT) as running:
        yield running


@pytest.fixture
def make_door(issuer: RealIssuer) -> MakeDoor:
    """A door to the issuer."""

    def make(*, keys: tuple[str, ...] = (KEY,), limits: Limits | None = None, **client: str | None) -> OidcDoor:
        told = {"issuer": issuer.url, "client_id": CLIENT_ID, "secret": CLIENT_SECRET, "redirect_uri": REDIRECT}
        known = Client(**{**told, "scopes": "openid email profile groups", **client})  # type: ignore[arg-type]
        return OidcDoor(known, base_url=BASE, seals=Seals(keys), limits=limits)

    return make


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page, a browser, and the issuer."""

    apps: Apps
    page: Served
    browser: Browser
    issuer: RealIssuer


@pytest.fixture
def visit(apps: Apps, issuer: RealIssuer, make_door: MakeDoor) -> Iterator[Visit]:
    """Ada is an admin, who has @mycompany.com a developer, who has @partner.com looks."""
    let_in(
        apps,
        admins=["ada@mycompany.com", "group:platform"],
        developers=["*@mycompany.com"],
        viewers=["*@*.partner.com", "*@partner.com"],
        owners={"dora-on-github": "dora@mycompany.com"},
    )
    with visited(apps, make_door()) as (page, browser):
        yield Visit(apps=apps, page=page, browser=browser, issuer=issuer)
