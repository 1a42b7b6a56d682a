"""Takes the pictures of docs/web-*: `python -m tests.web.browser.shots`."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.repos import Apps, make_template
from tests.web.browser.driving import PHONE, Looks, Window, chromium, guarded, window
from tests.web.served import Served

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
LARGEST = 150_000
_GITCONFIG = "[user]\n  name = Ada Tester\n  email = ada@example.com\n[init]\n  defaultBranch = main\n"


def main() -> None:
    """Writes all of them, in a home of their own."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".gitconfig").write_text(_GITCONFIG, encoding="utf-8")
        os.environ |= {"HOME": folder, "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}
        apps = Apps(bare=make_template(Path(folder) / "template"))
        _fill(apps)
        with chromium() as browser, guarded(apps) as site:
            for name, looks, path, act in _PICTURES:
                _take(browser, site, name, looks, path, act)


def _take(
    browser: Browser, site: Served, name: str, looks: Looks, path: str, act: Callable[[Window], None] | None
) -> None:
    with window(browser, site.url, looks) as seen:
        seen.go(path)
        if act:
            act(seen)
        picture = seen.page.screenshot(animations="disabled")
    assert len(picture) <= LARGEST, f"{name}: {len(picture)} bytes"
    (IMAGES / f"web-{name}.png").write_bytes(picture)


def _review(seen: Window) -> None:
    seen.page.get_by_label("Pull request").fill("1241")
    seen.page.get_by_label("Branch").fill("feature/search")
    seen.page.get_by_label("backend").fill("pr-1241-5e6f7a8")
    seen.page.get_by_label("Time to live").first.fill("2h")
    seen.press("Look at the changes")


def _type(seen: Window) -> None:
    seen.page.get_by_label("Pull request").fill("1241")
    seen.page.get_by_label("Branch").fill("feature/search")
    seen.page.get_by_label("backend").fill("pr-1241-5e6f7a8")


_PICTURES: tuple[tuple[str, Looks, str, Callable[[Window], None] | None], ...] = (
    ("list", Looks(size=(1280, 620)), "/", None),
    ("list-dark", Looks(theme="dark", size=(1280, 620)), "/", None),
    ("preview", Looks(size=(1280, 860)), "/previews/dev/preview-1234", None),
    ("create", Looks(size=(1280, 860)), "/new", _type),
    ("changes", Looks(size=(1280, 860)), "/new", _review),
    ("delete", Looks(size=(1280, 460)), "/previews/dev/preview-1234/delete", None),
    ("phone", Looks(size=PHONE), "/", None),
    ("phone-dark", Looks(theme="dark", size=PHONE), "/previews/dev/preview-1234", None),
)


def _fill(apps: Apps) -> None:
    page = "https://github.com/myorg/sample-be/pull"
    apps.create("login-page", "--owner", "linus@example.com", "--ttl", "45m", tag="fix-login-1")
    apps.create("preview-88", "--pr", f"{page}/88", "--owner", "grace@example.com", "--ttl", "10m", tag="pr-88-0c1d2e3")
    apps.create("demo-for-sales", "--owner", "dora@example.com", "--pin", "--image", "frontend1=v2.4.0", tag="v2.4.0")
    apps.create("preview-1240", "--pr", "1240", "--ttl", "4h", tag="pr-1240-77aa01c")
    apps.create("preview-1199", "--pr", f"{page}/1199", "--owner", "grace@example.com", tag="pr-1199-b2c3d4e")
    apps.age("preview-1199", minutes=52)
    url, tag = f"{page}/1234", "pr-1234-9f3c2ab"
    named = (
        "--pr",
        url,
        "--source-branch",
        "feature/checkout",
        "--commit",
        "9f3c2ab7d1e4",
        "--owner",
        "ada@example.com",
    )
    apps.create("preview-1234", *named, "--image", f"frontend1={tag}", "--ttl", "1h", tag="pr-1234-1d2c3b4")
    apps.ok("update", "preview-1234", "--image", f"backend={tag}")
    apps.ok("extend", "preview-1234", "--ttl", "2h")


if __name__ == "__main__":
    main()
