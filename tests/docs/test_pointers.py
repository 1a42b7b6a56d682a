"""Every page of docs/ that the program names, in a message or a file that it writes, is there."""

import re

from docs.markdown import ROOT

_PAGE = re.compile(r"(?<![\w./-])docs/[\w./-]*\.md\b")
_TEXTS = {".py", ".md", ".yaml", ".yml", ".json", ".tmpl", ".html", ".js", ".txt"}


def test_pages_that_the_program_names_exist() -> None:
    files = [path for path in (ROOT / "starry_gitops").rglob("*") if path.suffix in _TEXTS]
    named = {(path.name, page) for path in files for page in _PAGE.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert [pointer for pointer in named if not (ROOT / pointer[1]).is_file()] == []
