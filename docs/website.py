"""What the site needs beside the pages: MkDocs calls these functions, `mkdocs.yml` names this file.

The pages are written for a forge: README.md and others lie beside docs/, diagrams are text, pictures follow the
reader's system. Here each becomes what a browser shows without any other server.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from docs.diagrams import figure
from docs.markdown import BESIDE, ROOT

_FENCE = re.compile(r"^ *(?P<ticks>`{3,})")
_CODE_OR_LINK = re.compile(
    r"(?P<code>`[^`\n]*`)|(?P<text>!?\[(?:[^\]\[]|\[[^\]]*\])*\]\()(?P<target>[^)\s]+)(?P<end>\))"
)
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(?P<rules>(?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
_CELL = re.compile(r"<td.*?</td>")


def on_config(config: Any) -> None:
    """Draws diagrams while building."""
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    fences["custom_fences"] = [{"name": "mermaid", "class": "diagram", "format": figure}]


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages beside docs/, and each picture in a light and a dark form."""
    for source, uri in BESIDE.items():
        files.append(File.generated(config, uri, abs_src_path=str(ROOT / source)))
    for picture in [file for file in files if _has_two_forms(file)]:
        for scheme, text in two_forms(picture.content_string).items():
            files.append(File.generated(config, form(picture.src_uri, scheme), content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Leads links out of docs/ to where they go from the site; shows pictures in the form that the reader chose."""
    uris = {str(Path(file.abs_src_path).resolve()): file.src_uri for file in files if file.abs_src_path}
    source = Path(page.file.abs_src_path).resolve()

    def link(found: re.Match[str]) -> str:
        if found["code"]:
            return found["code"]
        target, _, anchor = found["target"].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        place = _place((source.parent / target).resolve(), page.file.src_uri, uris, config.extra["sources"])
        if place is None:
            return found[0]
        if found["text"].startswith("!") and files.get_file_from_path(form(_uri(source, target, uris), "dark")):
            return "".join(f"{found['text']}{form(place, scheme)}#only-{scheme}{found['end']}" for scheme in _SCHEMES)
        return f"{found['text']}{place}{'#' * bool(anchor)}{anchor}{found['end']}"

    return "\n".join(line if code else _CODE_OR_LINK.sub(link, _opened(line)) for line, code in _lines(markdown))


def on_page_content(html: str, **_: Any) -> str:
    """Takes the backslash from a `|` in a table's code: a forge wants it there, Python-Markdown shows it."""
    return _CELL.sub(lambda cell: cell[0].replace("\\|", "|"), html)


_SCHEMES = ("light", "dark")


def two_forms(svg: str) -> dict[str, str]:
    """A picture that follows the system's colours, as one that is always light and one that is always dark."""
    return {"light": _DARK.sub("", svg), "dark": _DARK.sub(lambda found: found["rules"], svg)}


def form(uri: str, scheme: str) -> str:
    """Where a picture's form lies."""
    return f"{uri.removesuffix('.svg')}.{scheme}.svg"


def _has_two_forms(file: File) -> bool:
    return file.src_uri.endswith(".svg") and _DARK.search(file.content_string) is not None


def _uri(source: Path, target: str, uris: Mapping[str, str]) -> str:
    return uris.get(str((source.parent / target).resolve()), "")


def _place(file: Path, page: str, uris: Mapping[str, str], sources: str) -> str | None:
    """Where a link to a file of the repository goes; None for what is not there, which MkDocs then reports."""
    uri = uris.get(str(file))
    if uri:
        return Path(os.path.relpath(uri, Path(page).parent)).as_posix()
    if file.exists() and file.is_relative_to(ROOT):
        return f"{sources}{file.relative_to(ROOT).as_posix()}"
    return None


def _opened(line: str) -> str:
    """A forge reads Markdown inside `<details>` as it is."""
    return line.replace("<details>", "<details markdown>")


def _lines(markdown: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is code."""
    ticks = ""
    for line in markdown.split("\n"):
        fence = _FENCE.match(line)
        if fence and not ticks:
            ticks = fence["ticks"]
            yield line, True
        elif ticks:
            yield line, True
            ticks = "" if line.strip() == ticks else ticks
        else:
            yield line, False
