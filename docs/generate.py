"""Writes the generated parts of README.md and docs/*.md from the code: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. `--check` writes nothing and fails when a
part is out of date.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs import commands, metrics, reference, trouble
from docs.markdown import BESIDE, ROOT

_PART = re.compile(r"(<!-- generated: (?P<name>[\w./-]+) -->\n).*?(\n<!-- end of (?P=name) -->)", re.DOTALL)


def example(path: str) -> Callable[[], str]:
    """A file of examples/ as a code block."""

    def block() -> str:
        return f"```yaml\n{(ROOT / path).read_text(encoding='utf-8').rstrip()}\n```"

    return block


PARTS: Mapping[str, Callable[[], str]] = {
    "cli-overview": commands.cli_overview,
    "cli-globals": commands.cli_globals,
    "cli-environment": commands.cli_environment,
    "cli-commands": commands.cli_commands,
    "exit-codes": reference.exit_code_table,
    "error-codes": reference.error_code_table,
    "rules": reference.rule_table,
    "settings": reference.settings_table,
    "api-codes": reference.api_code_table,
    "api-status": reference.api_status_table,
    **metrics.PARTS,
    **trouble.PARTS,
    **{
        path: example(path)
        for path in sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "examples").rglob("*.y*ml"))
    },
}
"""What may stand between markers, by name."""


def pages() -> list[Path]:
    """Every page that people read."""
    return [*(ROOT / name for name in BESIDE), *sorted((ROOT / "docs").glob("*.md"))]


def filled(text: str) -> str:
    """A page with its generated parts written anew."""
    return _PART.sub(lambda found: f"{found[1]}\n{PARTS[found['name']]()}\n{found[3]}", text)


def stale() -> dict[Path, str]:
    """Pages whose generated parts differ from the code, with the text they should have."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages()}
    wanted = {page: filled(text) for page, text in texts.items()}
    return {page: text for page, text in wanted.items() if text != texts[page]}


def main(arguments: list[str]) -> int:
    """Writes what is stale, or with --check only names it."""
    found = stale()
    for page, text in found.items():
        sys.stdout.write(f"{page.relative_to(ROOT)}\n")
        if "--check" not in arguments:
            page.write_text(text, encoding="utf-8")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
