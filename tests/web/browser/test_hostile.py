"""Whatever stands in the repository is shown as text, and does nothing."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.corpus.cases import load
from tests.support.repos import PREVIEWS, Apps
from tests.web.browser.driving import Window
from tests.web.served import Served

MARKUP = (
    "<script>document.title='caught'</script>",
    "<img src=x onerror=document.title='caught'>",
    '"><svg onload=document.title=`caught`>',
    "</title></textarea></pre><script>document.title='caught'</script>",
    "' onmouseover='document.title=1",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&amp;",
    "javascript:document.title='caught'",
)
OWNERS = [case.text for case in load("arguments", "owners") if "exit" not in case.entry]
BRANCHES = [case.text for case in load("arguments", "branches") if "exit" not in case.entry]


@pytest.fixture
def filled(apps: Apps, site: Served) -> dict[str, dict[str, str]]:
    """Previews with hostile owners, branches and pull requests, written as somebody with a text editor would."""
    apps.create("plain")
    texts = [*MARKUP, *OWNERS, *BRANCHES]
    previews = {f"preview-{number}": {"owner": text, "branch": text} for number, text in enumerate(texts)}
    files: dict[str, Any] = {}
    application, values = (apps.read(f"{PREVIEWS}/plain/{kind}.yaml") for kind in ("application", "values"))
    for name, annotations in previews.items():
        files[f"{PREVIEWS}/{name}/application.yaml"] = _annotated(application.replace("plain", name), annotations)
        files[f"{PREVIEWS}/{name}/values.yaml"] = values.replace("plain", name)
    apps.commit(files, f"{MARKUP[0]} {MARKUP[1]}")
    site.app.state.services.reader.refresh()
    return previews


def _annotated(application: str, annotations: dict[str, str]) -> str:
    lines = "".join(f"\n    starry.env/{key}: {json.dumps(text)}" for key, text in annotations.items())
    lines += f"\n    starry.env/pull-request: {json.dumps(annotations['owner'])}"
    return application.replace("\n  annotations:", f"\n  annotations:{lines}")


def test_the_list_shows_text(filled: dict[str, dict[str, str]], look: Callable[..., Window]) -> None:
    seen = look()
    seen.go("/?whole=1&sort=name")
    names, owners = (seen.page.locator(f"tbody {cell}").all_text_contents() for cell in ("th", "td.owner"))
    shown = dict(zip(names, owners, strict=True))
    skipped = seen.page.locator(".warn li strong").all_text_contents()
    assert {*shown, *skipped} == {"plain", *filled}
    assert {name: filled[name]["owner"] for name in shown if name in filled} == {
        name: owner for name, owner in shown.items() if name != "plain"
    }
    options = seen.page.locator("#owner option").all_text_contents()
    assert set(MARKUP) <= set(options)
    _nothing_happened(seen)


def test_a_preview_shows_text(filled: dict[str, dict[str, str]], look: Callable[..., Window]) -> None:
    seen = look()
    for name in list(filled)[: len(MARKUP)]:
        seen.go(f"/previews/dev/{name}")
        facts = seen.page.locator("dd").all_text_contents()
        assert filled[name]["owner"] in facts
        assert filled[name]["branch"] in facts
        assert f"{MARKUP[0]} {MARKUP[1]}" in seen.text
        _nothing_happened(seen)
        seen.go(f"/previews/dev/{name}/delete")
        _nothing_happened(seen)


@pytest.mark.parametrize("text", MARKUP)
def test_what_is_asked_for_is_shown_as_text(filled: Any, look: Callable[..., Window], text: str) -> None:
    seen = look()
    word = quote(text, safe="")
    for path in (f"/?q={word}", f"/?owner={word}&sort=owner", f"/previews/dev/{word}", f"/{word}", f"/?overlay={word}"):
        seen.go(path)
        _nothing_happened(seen)
    seen.go(f"/?done=created&of={word}&commit={word}")
    assert "is created" not in seen.page.locator("body").inner_text()
    seen.go(f"/new?pr={word}&branch={word}&name={word}&image.backend={word}&owner={word}&ttl={word}")
    assert seen.page.get_by_label("Branch").input_value() == text
    seen.press("Look at the changes")
    assert seen.page.get_by_label("Branch").input_value() == text
    _nothing_happened(seen)


def _nothing_happened(seen: Window) -> None:
    assert seen.page.title() != "caught"
    assert seen.page.locator("main img, main svg, main script, main iframe").count() == 0
    links = seen.page.locator("a").evaluate_all("(all) => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:"}
