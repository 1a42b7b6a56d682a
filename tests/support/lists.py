"""Lists of previews for `starry apply`."""

import json
from typing import Any

import yaml

from tests.support.cli import Result, run
from tests.support.repos import Apps


def entry(name: str, tag: str = "1.0.0", **more: object) -> dict[str, Any]:
    """A preview of the backend alone."""
    return {"name": name, "images": {"backend": tag}, **more}


def written(apps: Apps, content: object, name: str = "list.yaml") -> str:
    """The path of a file beside the repository that holds a text, or data as YAML (without aliases)."""
    text = content if isinstance(content, str) else yaml.safe_dump(json.loads(json.dumps(content)), sort_keys=False)
    path = apps.bare.parent / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def applied(apps: Apps, entries: object, *args: str) -> Any:
    """The results of an apply that must succeed."""
    return apps.ok("apply", "-f", written(apps, entries), *args)


def refused(apps: Apps, code: int, entries: object, *args: str) -> dict[str, str]:
    """The error of an apply that must change nothing and end in `code`."""
    return apps.fails(code, "apply", "-f", written(apps, entries), *args)


def piped(apps: Apps, text: str, *args: str) -> Result:
    """An apply of what is on stdin."""
    return run(*apps.args("apply", "-f", "-", *args), stdin=text)


def actions(results: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What became of each."""
    return [(one["name"], one["action"]) for one in results]
