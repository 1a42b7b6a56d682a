"""A real Chromium, looking at the real page of a real repository."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from starry_gitops.web.people import LocalDoor, Person, Role
from starry_gitops.web.signin.local import local_middleware
from tests.support.repos import Apps
from tests.web.served import Served, served

CHROMIUM = shutil.which("chromium") or ""
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (360, 740), (1280, 800)


@dataclass(frozen=True, kw_only=True)
class Looks:
    """How a person looks at the page."""

    theme: str = "light"
    size: tuple[int, int] = DESK
    scripts: bool = True

    def __str__(self) -> str:
        return f"{self.theme}-{self.size[0]}{'' if self.scripts else '-no-scripts'}"


@dataclass(frozen=True, kw_only=True)
class Window:
    """One tab. `complaints` is what the browser's console says; answers like 404 are no complaint."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Opens one of our pages; gives the status."""
        response = self.page.goto(f"{self.url}{path}")
        assert response is not None
        return response.status

    def press(self, name: str) -> None:
        """Presses the button of that name, and waits for what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follows the link of that name."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).first.click()

    def enter(self) -> None:
        """Presses the key, and waits for what comes."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    @property
    def text(self) -> str:
        """What can be read."""
        return self.page.locator("main").inner_text()

    @property
    def is_too_wide(self) -> bool:
        """Whether one would have to scroll sideways."""
        return self.page.locator("html").evaluate("(html) => html.scrollWidth > html.clientWidth")

    def listen(self) -> "Window":
        """Collects what is said from now on."""

        def said(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and "the server responded with a status of" not in message.text:
                self.complaints.append(message.text)

        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.sent.append(f"{request.method} {request.url}"))
        return self


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as player:
        browser = _launch(player)
        try:
            yield browser
        finally:
            browser.close()


def _launch(player: Playwright) -> Browser:
    return player.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)


@contextmanager
def window(browser: Browser, url: str, looks: Looks) -> Iterator[Window]:
    """A tab of a person in Berlin."""
    options: dict[str, Any] = {
        "color_scheme": looks.theme,
        "viewport": {"width": looks.size[0], "height": looks.size[1]},
        "java_script_enabled": looks.scripts,
        "timezone_id": "Europe/Berlin",
        "locale": "en-GB",
    }
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    try:
        yield Window(page=context.new_page(), url=url).listen()
    finally:
        context.close()


def door(role: Role = "admin", email: str = "ada@example.com") -> LocalDoor:
    """A door that lets in one person, guarded as `starry serve` guards it."""
    person = Person(name="Ada Tester", email=email, role=role)
    return LocalDoor(person, middleware=local_middleware())


@contextmanager
def guarded(apps: Apps, role: Role = "admin", *, poll: float = 3600, **config: Any) -> Iterator[Served]:
    """The page of a repository as a person of that role gets it."""
    with served(apps, door=door(role), poll=poll, **config) as running:
        yield running
