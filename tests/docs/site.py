"""Reads the built site: what each page links to, loads and anchors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself: the element and its attribute.
_LOADS = {
    "script": "src",
    "img": "src",
    "source": "src",
    "iframe": "src",
    "embed": "src",
    "object": "data",
    "video": "src",
    "audio": "src",
    "image": "href",
    "use": "href",
}
# Words about a page, which no browser follows.
_TELLING = {"canonical", "prev", "next", "alternate"}


@dataclass(kw_only=True)
class Page(HTMLParser):
    """One page of the site."""

    file: Path
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    classes: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    styles: str = ""
    paragraphs: list[str] = field(default_factory=list)
    text: str = ""
    _in_paragraph: bool = False
    _inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.classes += given.get("class", "").split()
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.styles += given.get("style", "")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and not _TELLING & set(given.get("rel", "").split()):
            self.loads.append(given["href"])
        elif given.get(_LOADS.get(tag, "")):
            self.loads.append(given[_LOADS[tag]])
        self.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        if tag == "p":
            self.paragraphs.append("")
            self._in_paragraph = True
        if tag in {"style", "script", "pre", "code", "svg"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._in_paragraph = False
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["style"]:
            self.styles += data
        elif not self._inside:
            self.text += data
            if self._in_paragraph:
                self.paragraphs[-1] += data


def pages_of(folder: Path) -> dict[Path, Page]:
    """Every page, but for the one that a server shows for what is missing."""
    return {file: Page(file=file) for file in sorted(folder.rglob("*.html")) if file.name != "404.html"}


def broken(page: Page, site: dict[Path, Page], folder: Path) -> Iterator[str]:
    """Links and loads of a page that lead to no file of the site, or to no place in it."""
    for target in [*page.links, *page.loads]:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
        file = file / "index.html" if file.is_dir() else file
        known = file.is_file() and file.is_relative_to(folder)
        if not known or (parts.fragment and file in site and unquote(parts.fragment) not in site[file].anchors):
            yield target
