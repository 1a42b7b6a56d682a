"""Every page, in both themes and on a phone, has no serious fault that axe-core knows of."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.repos import Apps
from tests.web.browser.driving import PHONE, Looks, Window
from tests.web.served import Served

axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")

BAD = {"serious", "critical"}
PAGES = (
    "/",
    "/?q=nothing-fits",
    "/?state=pinned&sort=name&down=1",
    "/?done=deleted&of=preview-9",
    "/new",
    "/previews/dev/preview-1",
    "/previews/dev/preview-2",
    "/previews/dev/preview-1/images",
    "/previews/dev/preview-2/delete",
    "/previews/dev/preview-3",
    "/previews/dev/never-was",
)


@pytest.mark.parametrize("looks", [Looks(), Looks(theme="dark"), Looks(size=PHONE)], ids=str)
def test_no_serious_fault(apps: Apps, site: Served, look: Callable[..., Window], looks: Looks) -> None:
    _fill(apps)
    site.app.state.services.reader.refresh()
    seen = look(looks)
    found = {}
    for path in PAGES:
        seen.go(path)
        for details in seen.page.locator("details").all():
            details.evaluate("(one) => { one.open = true; }")
        found[path] = _faults(seen)
        assert not seen.is_too_wide, path
    found |= _forms(seen)
    assert {path: faults for path, faults in found.items() if faults} == {}


def _forms(seen: Window) -> dict[str, Any]:
    """The pages that only a form leads to."""
    seen.go("/new")
    seen.page.get_by_label("Pull request").fill("no number")
    seen.page.get_by_label("backend").fill("no tag")
    seen.press("Look at the changes")
    faults = {"faults": _faults(seen)}
    seen.page.get_by_label("Pull request").fill("12")
    seen.page.get_by_label("backend").fill("1.0")
    seen.press("Look at the changes")
    return {**faults, "changes": _faults(seen)}


def _faults(seen: Window) -> list[str]:
    result = axe_module.Axe().run(seen.page)
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in result.response["violations"]
        if one["impact"] in BAD
        for node in one["nodes"]
    ]


def _fill(apps: Apps) -> None:
    url = "https://github.com/myorg/sample-be/pull/1"
    apps.create("preview-1", "--owner", "ada@example.com", "--pr", url, "--source-branch", "feature/x", "--ttl", "2h")
    apps.create("preview-2", "--owner", "grace@example.com", "--pin")
    apps.create("preview-3", "--ttl", "5m")
    apps.create("preview-4", "--ttl", "5m")
    apps.create("preview-5")
    apps.age("preview-4", minutes=30)
    apps.ok("delete", "preview-3")
    apps.commit(
        {"overlays/dev/previews/broken/application.yaml": "a: [", "overlays/dev/previews/broken/values.yaml": ""}
    )
