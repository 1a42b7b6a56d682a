"""Valid files to begin with: what Starry writes, what people make of it, and what stands in the corpus."""

import json
from datetime import datetime, timedelta
from functools import cache

from starry_gitops.core.model import PullRequest, Source, ValueEdit
from tests.support.cli import ROOT
from tests.unit.settings_file import EXAMPLE, FULL
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, create, empty, image

NAME = "preview-1"
FOLDER = f"{PREVIEWS}/{NAME}"
TOLD = SETTINGS + "chart: {describe: true}\n"
"""The chart is told of expiry and owner, so that there is more to keep in step."""

BORN: datetime = NOW - timedelta(minutes=20)
"""When the previews of the seeds were made: live at `NOW`, each with something of its own."""


@cache
def seed_trees() -> tuple[Tree, ...]:
    """Apps repositories whose preview `NAME` was made in different ways, between two others."""
    both = (image(), image("frontend1", "2.0.0"))
    url = PullRequest(number=7, url="https://github.com/o/r/pull/7")
    ways: tuple[dict[str, object], ...] = (
        {},
        {"images": both, "owner": "ada", "commit": "abc123", "ttl": 60},
        {"source": Source(name=NAME, pull_request=url, branch="feature/x"), "sequence": 4, "owner": "Ada É <a@b>"},
        {"pin": True, "owner": "ada", "edits": (ValueEdit(path=("backend", "env", "LOG"), value="a: #b"),)},
    )
    base = create(create(empty(TOLD), "preview-0", BORN), "preview-2", BORN, owner="bob")
    made = [create(base, NAME, BORN, **way) for way in ways]
    return (*made, *(_by_hand(tree) for tree in made))


def _by_hand(tree: Tree) -> Tree:
    """As a person may have left it: comments, other quotes, further keys."""
    application = tree.files[f"{FOLDER}/application.yaml"].decode()
    values = tree.files[f"{FOLDER}/values.yaml"].decode()
    application = application.replace("  annotations:\n", "  annotations:   # of the preview\n    team: 'a'\n\n", 1)
    application = application.replace('starry.env/ttl-minutes: "', '# how long\n    starry.env/ttl-minutes: "')
    values = "# yaml-language-server: $schema=x\n" + values.replace("ingress:", "\n# hosts\ningress: # here")
    values = values.replace('    tag: "', '    # pinned by hand\n    pullPolicy: Always\n    tag: "')
    return tree.put({f"{FOLDER}/application.yaml": application, f"{FOLDER}/values.yaml": values})


@cache
def files_of(name: str) -> tuple[bytes, ...]:
    """The seeds' `application.yaml` or `values.yaml`."""
    return tuple(tree.files[f"{FOLDER}/{name}"] for tree in seed_trees())


@cache
def settings_seeds() -> tuple[bytes, ...]:
    """Valid settings."""
    return tuple(text.encode() for text in (EXAMPLE, FULL, SETTINGS, "domain: a.example\n"))


@cache
def template_seeds() -> tuple[bytes, ...]:
    """The templates that ship with Starry, and a small one."""
    folder = ROOT / "templates" / "applications" / "preview"
    small = (
        b"global: {ttlMinutes: {{ ttl_minutes }}, labels: {starry.env: {{ name }}}}\ningress: {hosts: {{ hosts }}}\n"
    )
    return (*(path.read_bytes() for path in sorted(folder.glob("*.j2"))), small)


@cache
def schema_seeds() -> tuple[bytes, ...]:
    """JSON Schemas of a chart's values, and last its default values."""
    chart = ROOT / "charts" / "environment"
    small = {
        "type": "object",
        "properties": {"backend": {"$ref": "#/$defs/part"}, "global": {"type": "object"}},
        "$defs": {"part": {"type": "object", "properties": {"image": {"required": ["tag"]}}}},
        "additionalProperties": True,
    }
    full = chart / "values.schema.json", chart / "values.yaml"
    return (json.dumps(small, indent=1).encode(), *(path.read_bytes() for path in full))
