"""The table of values in Starry's chart's README, from the comments in its values.yaml.

`python -m tests.charts_starry.values_table` writes it; a test holds the README to it.
"""

import json
import sys
from pathlib import Path

import yaml

from tests.charts.values_table import BEGIN, END, at, documented

CHART = Path(__file__).parents[2] / "charts" / "starry"


def table() -> str:
    """The table as Markdown."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    lines = ["| key | default | what it is |", "|---|---|---|"]
    for path, comment in documented(text):
        default = json.dumps(at(values, path), ensure_ascii=False).replace("|", "\\|")
        lines.append(f"| `{'.'.join(path)}` | `{default}` | {comment.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """The README with the table in its place."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    readme_file = CHART / "README.md"
    readme_file.write_text(with_table(readme_file.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {readme_file.name}\n")
