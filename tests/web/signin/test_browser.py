"""A real browser signs in with the real issuer at the real command, and out again."""

import socket
from pathlib import Path
from typing import Any

from tests.support.repos import Apps
from tests.web.served import process
from tests.web.signin.issuing import CLIENT_ID, CLIENT_SECRET, issuing
from tests.web.signin.visiting import KEY, let_in


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_person_signs_in_looks_around_and_signs_out(apps: Apps, browser: Any, tmp_path: Path) -> None:
    from tests.web.browser.driving import Looks, window  # noqa: PLC0415

    let_in(apps, developers=["*@mycompany.com"])
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    secrets = {"STARRY_OIDC_CLIENT_SECRET": CLIENT_SECRET, "STARRY_SESSION_KEY": KEY}
    with issuing(tmp_path, f"{base}/signin/callback") as issuer:
        told = ("--port", str(port), "--base-url", base, "--oidc-issuer", issuer.url, "--oidc-client-id", CLIENT_ID)
        named = Apps(bare=apps.bare, env=secrets)
        with process(named, *told) as page, window(browser, base, Looks()) as tab:
            tab.page.goto(f"{base}/?overlay=dev")
            assert tab.page.url.startswith(issuer.url)
            tab.page.locator("[name=login]").fill("ada")
            tab.page.locator("[name=password]").fill("any")
            tab.page.get_by_role("button", name="Sign-in").click()
            tab.page.get_by_role("button", name="Continue").click()
            tab.page.wait_for_url(f"{base}/?overlay=dev")
            assert "developer" in tab.page.locator("header").inner_text()
            assert tab.page.evaluate("document.cookie") == ""
            tab.press("Sign out")
            assert "You are signed out" in tab.text
            assert [one for one in tab.page.context.cookies() if one["name"] == "starry_session"] == []
            assert [one for one in tab.complaints if "127.0.0.1" in one and str(port) in one] == []
            assert not any(KEY in line or CLIENT_SECRET in line for line in page.lines)
            assert any(one.get("event") == "signed_in" for one in page.records())


def test_the_command_asks_for_what_is_missing(apps: Apps) -> None:
    error = apps.fails(2, "serve", "--oidc-issuer", "https://issuer.example.com")
    assert "--oidc-client-id" in error["hint"]
    error = apps.fails(2, "serve", "--host", "0.0.0.0")
    assert "without sign-in" in error["message"]
