"""Mermaid diagrams as pictures, drawn while the site is built: a browser needs no script for them, and no network."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import merman

_THEMES: Mapping[str, str] = {"light": "neutral", "dark": "dark"}
# The texts are SVG's own, not HTML inside of it.
_PIPELINE = "resvg-safe"
# Its widths are known, and each system has it or one as wide.
_FONT = "arial, sans-serif"


def figure(source: str, _language: str, _class: str, _options: Any, _md: Any, **_: Any) -> str:
    """The element that takes a diagram's place: both forms, of which the site's style shows one."""
    forms = "".join(f'<div class="only-{scheme}">{drawn(source, scheme)}</div>' for scheme in _THEMES)
    return f'<div class="diagram">{forms}</div>'


def drawn(source: str, scheme: str) -> str:
    """The SVG; its id differs from that of every other diagram, since its style is bound to it."""
    name = f"diagram-{scheme}-{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    options = {"svg": {"pipeline": _PIPELINE, "diagram_id": name}}
    look = {"theme": _THEMES[scheme], "fontFamily": _FONT, "themeVariables": {"fontFamily": _FONT}}
    svg = merman.Merman().render_svg(f"%%{{init: {json.dumps(look)}}}%%\n{source}\n", json.dumps(options))
    # Where a reader's font is wider all the same, a label may stand out, but must not be cut.
    return svg.replace("overflow:hidden", "overflow:visible")
