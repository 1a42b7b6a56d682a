"""The documentation as a site: built without network, whole, and showing nothing from elsewhere."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.generate import pages
from docs.markdown import BESIDE, ROOT
from tests.docs.pages import blocks, prose
from tests.docs.site import Page, broken, pages_of

for _package in ("mkdocs", "material", "merman"):
    pytest.importorskip(_package, reason="make setup installs what builds the site")

# Python reads it as it starts: whoever connects to anything ends there.
_NO_NETWORK = """
import socket

def refuse(*_):
    raise OSError("the site is built without network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """The built site, and what the build said."""

    folder: Path
    said: str
    pages: dict[Path, Page]

    def page(self, source: Path) -> Page:
        """The page that a Markdown file became."""
        place = BESIDE.get(source.relative_to(ROOT).as_posix(), source.name).removesuffix(".md")
        return self.pages[self.folder / re.sub(r"(^|/)(index|README)$", "", place) / "index.html"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site").resolve()
    (folder / "start").mkdir()
    (folder / "start" / "sitecustomize.py").write_text(_NO_NETWORK)
    place = folder / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(place)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder / "start"), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return Site(folder=place, said=done.stdout, pages=pages_of(place))


def test_a_strict_build_would_pass(site: Site) -> None:
    """What `--strict` counts. All warnings are shown, and no other test ends with them."""
    said = site.said.partition("Building documentation")[2]
    assert re.findall(r"^(?:WARNING|ERROR) .*(?:\n  - .*)*", said, re.MULTILINE) == []


def test_every_page_is_there(site: Site) -> None:
    assert [page.name for page in pages() if site.page(page) is None] == []
    assert len(site.pages) == len(pages())


def test_every_link_leads_to_a_page_and_every_anchor_to_a_place(site: Site) -> None:
    lost = {page.file.parent.name: list(broken(page, site.pages, site.folder)) for page in site.pages.values()}
    assert {name: targets for name, targets in lost.items() if targets} == {}


def test_links_to_elsewhere_are_encrypted(site: Site) -> None:
    links = {link for page in site.pages.values() for link in page.links if ":" in link.partition("/")[0]}
    assert [link for link in links if not link.startswith("https://")] == []


def test_no_page_loads_anything_from_elsewhere(site: Site) -> None:
    loads = {load for page in site.pages.values() for load in page.loads}
    assert loads
    assert [load for load in loads if "//" in load and not load.startswith("data:")] == []


def test_no_style_loads_anything_from_elsewhere(site: Site) -> None:
    styles = [page.styles for page in site.pages.values()]
    styles += [file.read_text(encoding="utf-8") for file in site.folder.rglob("*.css")]
    targets = re.findall(r"""(?:url\(|@import)\s*["']?([^"')]+)""", "\n".join(styles))
    assert [target for target in targets if "//" in target and not target.startswith("data:")] == []


def test_no_page_has_what_makes_the_theme_ask_others(site: Site) -> None:
    """Its script loads Mermaid for `.mermaid`, and asks a forge for stars where a page shows its repository."""
    for page in site.pages.values():
        assert "mermaid" not in page.classes, page.file
        assert 'data-md-component="source"' not in page.file.read_text(encoding="utf-8"), page.file


@pytest.mark.parametrize("source", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_what_a_forge_shows(site: Site, source: Path) -> None:
    page, found = site.page(source), list(blocks(source))
    drawn = sum(block.language == "mermaid" for block in found)
    assert page.classes.count("diagram") == drawn
    assert page.classes.count("highlight") == len(found) - drawn
    assert page.tags.count("table") == len(re.findall(r"^(?:> )?\|(?: ?-+ ?\|)+$", prose(source), re.MULTILINE))
    # No sign of Markdown is left over in the words.
    assert re.findall(r"^(?:\|.*\||```.*|#+ .*|[-*] .*)$|\*\*\w.*|\w\*\*|\]\(", page.text, re.MULTILINE) == []
    assert re.findall(r"\n\d+\. .*", "".join(page.paragraphs)) == []


def test_each_diagram_and_picture_has_a_light_and_a_dark_form(site: Site) -> None:
    start = site.page(ROOT / "docs" / "index.md")
    pictures = [load for load in start.loads if "architecture" in load]
    assert pictures == ["images/architecture.light.svg#only-light", "images/architecture.dark.svg#only-dark"]
    light, dark = ((site.folder / name.partition("#")[0]).read_text(encoding="utf-8") for name in pictures)
    assert "prefers-color-scheme" not in light + dark
    assert light != dark
    for page in site.pages.values():
        drawn = page.classes.count("diagram")
        assert page.tags.count("svg") >= 2 * drawn
        assert page.classes.count("only-light") == page.classes.count("only-dark") == drawn


def test_ids_of_diagrams_differ(site: Site) -> None:
    for page in site.pages.values():
        ids = re.findall(r'<svg id="(diagram-[^"]+)"', page.file.read_text(encoding="utf-8"))
        assert len(ids) == len(set(ids)), page.file


def test_the_search_knows_every_page(site: Site) -> None:
    index = json.loads((site.folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    known = {entry["location"].partition("#")[0] for entry in index["docs"]}
    places = {file.parent.relative_to(site.folder).as_posix() for file in site.pages}
    assert {f"{place}/" if place != "." else "" for place in places} <= known
    assert any("preview-123" in entry["text"] for entry in index["docs"])


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    """What the checks above rely on."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Start\n\n[away](nowhere.md), [and](#no-such-place)\n")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = config.partition("\nnav:")[0].replace("docs/website.py", f"{ROOT}/docs/website.py")
    (tmp_path / "mkdocs.yml").write_text(config.replace("extra_css: [assets/site.css]", "extra_css: []"))
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(tmp_path / "mkdocs.yml")],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "nowhere.md" in done.stderr
    assert "#no-such-place" in done.stderr
