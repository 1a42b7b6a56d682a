"""From what starry.yaml says of the web page to values of the core."""

from typing import Any

from starry_gitops.core.roles import WebSettings


def web_settings(values: dict[str, Any]) -> WebSettings:
    """All of `web`."""
    return WebSettings(
        admins=values.get("admins", ()),
        developers=values.get("developers", ()),
        viewers=values.get("viewers", ()),
        others="viewer" if values.get("others") == "viewer" else None,
        owners=values.get("owners", {}),
    )
