"""A result as the Markdown of a job's summary. What stands in a repository may be anybody's: it is shown as text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starry_gitops.core.texts import shown

# A summary has a limit of its own, and a reader too.
_MOST_LINES = 100
_MARKS = frozenset("&<>|`*_[]\\!#@~")


def result_summary(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A headline for each preview, and a table of what one can be found by."""
    for result in results[:_MOST_LINES]:
        yield f"### {_text(result['name'])}: {'would be ' if result['dryRun'] else ''}{result['action']}"
        yield ""
        rows = [(component, url) for component, url in result["urls"].items()]
        rows += [("expires", result["expiresAt"])] if result["expiresAt"] else []
        rows += [("commit", result["commit"])] if result["commit"] else []
        yield from _table(rows)
    yield from _more(len(results))


def collection_summary(collection: Mapping[str, Any]) -> Iterator[str]:
    """How many of how many went, and which; what could not be judged, and why."""
    removed, skipped = collection["removed"], collection["skipped"]
    would = "would be " if collection["dryRun"] else ""
    yield f"### Previews: {len(removed)} {would}removed, {collection['kept']} kept, {len(skipped)} skipped"
    yield ""
    rows = [(name, "expired") for name in removed] + [(item["name"], item["reason"]) for item in skipped]
    yield from _table(rows[:_MOST_LINES])
    yield from _more(len(rows))


def _table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield "| | |"
        yield "|---|---|"
        yield from (f"| {_text(left)} | {_text(right)} |" for left, right in rows)
        yield ""


def _more(count: int) -> Iterator[str]:
    if count > _MOST_LINES:
        yield f"… and {count - _MOST_LINES} more"


def _text(text: str) -> str:
    """The text as Markdown shows it, letter by letter; a URL still becomes a link."""
    return "".join(f"&#{ord(letter)};" if letter in _MARKS else letter for letter in shown(text))
