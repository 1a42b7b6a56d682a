"""Every relative link leads to a file, and every anchor to a heading."""

from pathlib import Path

import pytest

from docs.generate import pages
from docs.markdown import ROOT
from tests.docs.pages import anchors, links

# `make bench` writes it on the machine that measured.
_MEASURED = ROOT / "docs" / "performance.md"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_resolve(page: Path) -> None:
    broken = [target for target in links(page) if not _resolves(page, target)]
    assert broken == []


def _resolves(page: Path, target: str) -> bool:
    if "://" in target:
        return target.startswith("https://")
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if file == _MEASURED:
        return True
    if not file.is_relative_to(ROOT) or not file.exists():
        return False
    return not anchor or (file.suffix == ".md" and anchor in anchors(file))


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        targets = (target.partition("#")[0] for target in links(page) if "://" not in target)
        found = {(page.parent / target).resolve() for target in targets if target.endswith(".md")}
        ahead += [file for file in found - seen if file.exists()]
    assert [page for page in pages() if page not in seen] == []
