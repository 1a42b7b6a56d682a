"""The table of values in the environment chart's README, from the comments in its values.yaml.

`python tests/charts/values_table.py` writes it; a test holds the README to it.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "environment"
BEGIN, END = "<!-- values: begin -->\n", "<!-- values: end -->\n"
KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z0-9_.-]+):")
COMMENT = re.compile(r"^ *# -- (?P<text>.+)$")


def documented(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path of each key that has a `# --` comment above it, and the comment."""
    path: list[str] = []
    comment: str | None = None
    for line in text.splitlines():
        if found := COMMENT.match(line):
            comment = found["text"]
        elif found := KEY.match(line):
            path = [*path[: len(found["indent"]) // 2], found["key"]]
            if comment is not None:
                yield tuple(path), comment
            comment = None


def at(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path."""
    value: Any = values
    for key in path:
        value = value[key]
    return value


def table(chart: Path = CHART) -> str:
    """The table as Markdown."""
    text = (chart / "values.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    lines = ["| key | default | what it is |", "|---|---|---|"]
    for path, comment in documented(text):
        default = json.dumps(at(values, path), ensure_ascii=False).replace("|", "\\|")
        lines.append(f"| `{'.'.join(path)}` | `{default}` | {comment.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def with_table(readme: str, chart: Path = CHART) -> str:
    """The README with the table in its place."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + table(chart) + END + rest.split(END)[1]


def write(chart: Path = CHART) -> None:
    """Writes the table into the chart's README."""
    readme = chart / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), chart), encoding="utf-8")
    sys.stdout.write(f"wrote {readme.name}\n")


if __name__ == "__main__":
    write()
