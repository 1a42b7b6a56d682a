"""The list that `starry apply` takes: every key of an entry, what it means and what it may be."""

from typing import Any

from starry_gitops.settings.kinds import Anything, Block, Duration, Either, Flag, Named, Number, Text

_TTL = 366 * 24 * 60
_SEQUENCE = 10**17

DERIVED = ("namespace", "urls", "createdAt", "expiresAt", "expired", "repositories", "lastCommit")
"""Keys that `starry list` and `starry show` print and that follow from the others: they may stand there, unread."""

PREVIEW = Block(
    about="One preview. Named by name, else by pr (preview-N), else by sourceBranch (a slug of it).",
    keys={
        "name": Text(about="The preview's name."),
        "overlay": Text(about="Its overlay. Default: --overlay, else defaultOverlay of starry.yaml."),
        "pr": Either(about="Its pull request: number or URL.", text=Text(about="A number or URL.")),
        "sourceBranch": Text(about="The branch that it shows."),
        "images": Named(
            about="The components' images, as --image takes them: TAG, repo:TAG or repo@sha256:…",
            key=Text(about="A component.", pattern=r"[A-Za-z0-9_-]{1,64}", shape="a component's name"),
            item=Text(about="An image.", shape="a text (a tag that looks like a number needs quotes)"),
            may_be_empty=True,
        ),
        "commit": Text(about="The component's commit that it shows."),
        "owner": Text(about="Whose preview it is."),
        "ttl": Duration(about="Time to live: 45m, 2h, PT90M.", minimum=1),
        "ttlMinutes": Number(about="The same in minutes.", minimum=1, maximum=_TTL),
        "pin": Flag(about="Never expires, until it is unpinned."),
        "sequence": Number(about="The pipeline's number.", minimum=0, maximum=_SEQUENCE),
        "set": Named(
            about="Further chart values, no secrets: a.path.with.dots: value.",
            key=Text(about="A path."),
            item=Anything(about="A value."),
            may_be_empty=True,
        ),
    },
)

VERSION = Number(about="The list's version.", minimum=1, maximum=1)

ALIASES = {"pullRequest": "pr", "branch": "sourceBranch", "pinned": "pin"}
"""What `starry list` and `starry show` call the same."""


def previews_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the list."""
    entry = PREVIEW.schema()
    entry["properties"] |= {alias: entry["properties"][key] for alias, key in ALIASES.items()}
    # A key without a value is a key that is not there.
    entry["properties"] = {key: {"anyOf": [kind, {"type": "null"}]} for key, kind in entry["properties"].items()}
    unread = {"description": "Not read: it follows from the other keys."}
    entry["properties"] |= dict.fromkeys(sorted(DERIVED), unread)
    entries = {"type": "array", "items": {"$ref": "#/$defs/preview"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A list of previews for starry apply",
        "$defs": {"preview": {"description": PREVIEW.about, **entry}},
        "anyOf": [
            entries,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["previews"],
                "properties": {"version": {"description": VERSION.about, **VERSION.schema()}, "previews": entries},
            },
        ],
    }
