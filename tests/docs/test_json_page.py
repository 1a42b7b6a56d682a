"""docs/json.md and docs/sync.md show every key that the code writes, and no other."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from docs.markdown import ROOT

CLI = ROOT / "starry_gitops" / "cli"
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
SYNC = (ROOT / "docs" / "sync.md").read_text(encoding="utf-8")


def keys_of(file: Path, *functions: str) -> set[str]:
    """The keys of the objects that these functions write."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            written = [key for part in ast.walk(node) if isinstance(part, ast.Dict) for key in part.keys]
            found |= {str(key.value) for key in written if isinstance(key, ast.Constant)}
    assert found, functions
    return found


def section(page: str, heading: str) -> str:
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def shown(text: str) -> set[str]:
    """Every key in a section, of its blocks and of its words."""
    words = re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", text)))
    return {*re.findall(r'"(\w+)":', text), *words}


def all_keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in all_keys(item)}
    return {key for item in value for key in all_keys(item)} if isinstance(value, list) else set()


@pytest.mark.parametrize(
    ("heading", "file", "functions"),
    [
        ("wait", "wait_command.py", ("_data",)),
        ("wait", "../shapes.py", ("verdict_data", "cause_data")),
        ("stuck", "stuck_command.py", ("_emit",)),
        ("doctor", "doctor_command.py", ("_data",)),
        ("comment", "comment_output.py", ("row_data",)),
        ("command", "command_command.py", ("_data",)),
        (
            "review",
            "review_output.py",
            ("as_data", "_preview_data", "_diff_data", "_facts_data", "_platform_data"),
        ),
    ],
)
def test_a_section_has_every_key(heading: str, file: str, functions: tuple[str, ...]) -> None:
    assert keys_of(CLI / file, *functions) - shown(section(PAGE, heading)) == set()


@pytest.mark.parametrize(
    ("heading", "file", "functions"),
    [
        ("stuck", "stuck_command.py", ("_emit",)),
        ("comment", "comment_output.py", ("row_data",)),
        ("command", "command_command.py", ("_data",)),
    ],
)
def test_a_block_that_is_not_run_has_no_key_of_its_own(heading: str, file: str, functions: tuple[str, ...]) -> None:
    block = re.search(r"```json\n(.*?)```", section(PAGE, heading), re.DOTALL)
    assert block
    assert all_keys(json.loads(block[1])) <= keys_of(CLI / file, *functions)


def test_the_page_of_sync_has_every_key() -> None:
    written = keys_of(CLI / "sync_output.py", "emit_sync", "_repository", "_error")
    text = section(SYNC, "JSON")
    assert written - shown(text) == set()
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block
    assert all_keys(json.loads(block[1])) - written == {"created", "updated", "renewed", "removed"}


def test_a_proposal_has_the_keys_that_are_told() -> None:
    written = keys_of(ROOT / "starry_gitops" / "shapes.py", "_proposal_data")
    assert written <= shown(section(PAGE, "create, update, extend, delete"))
