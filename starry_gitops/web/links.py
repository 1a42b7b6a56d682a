"""Where a page leads to: the forge's pages of commits and pull requests, and Starry's own."""

from functools import lru_cache
from urllib.parse import quote, urlencode

from starry_gitops.core.forge_url import parse_forge_url
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.settings import Settings
from starry_gitops.errors import StarryError


def commit_page(settings: Settings, apps_url: str) -> str | None:
    """The beginning of the page of a commit of the apps repository; None when it is on no forge."""
    try:
        place = parse_forge_url(settings.repo_url or apps_url)
    except StarryError:
        return None
    is_gitlab = settings.forge.kind == "gitlab" or place.host.partition(".")[0] == "gitlab"
    return f"{place.page}/-/commit/" if is_gitlab else f"{place.page}/commit/"


@lru_cache(maxsize=4_096)
def pull_request_page(text: str | None) -> str | None:
    """The pull request's page, where the manifest names it as a URL."""
    try:
        return parse_pull_request(text).url if text else None
    except StarryError:
        return None


@lru_cache(maxsize=4_096)
def pull_request_words(text: str) -> str:
    """`#123`, whatever the manifest says of it."""
    try:
        return f"#{parse_pull_request(text).number}"
    except StarryError:
        return text


def preview_path(overlay: str, name: str, *rest: str, **query: str) -> str:
    """Starry's page of a preview, or of something to be done to it."""
    path = "/".join(["/previews", *(quote(part, safe="") for part in (overlay, name, *rest))])
    return f"{path}?{urlencode(query)}" if query else path
