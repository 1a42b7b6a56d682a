"""Where a page leads to: the forge's pages of commits and pull requests, and Starry's own."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from starry_gitops.core.forge_url import ForgeUrl, parse_forge_url
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.proposal import Proposed
from starry_gitops.core.pull_requests import read_pull_request
from starry_gitops.core.settings import Settings
from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.errors import StarryError

_PULL_REQUESTS: Mapping[ForgeKind, str] = {"github": "pull", "gitlab": "-/merge_requests", "gitea": "pulls"}
_BY_HOST: Mapping[str, ForgeKind] = {
    "gitlab": "gitlab",
    "gitea": "gitea",
    "forgejo": "gitea",
    "codeberg.org": "gitea",
}


def commit_page(settings: Settings, apps_url: str) -> str | None:
    """The beginning of the page of a commit of the apps repository; None when it is on no forge."""
    try:
        place = parse_forge_url(settings.repo_url or apps_url)
    except StarryError:
        return None
    return f"{place.page}/-/commit/" if _kind(settings, place) == "gitlab" else f"{place.page}/commit/"


def proposal_page(settings: Settings, apps_url: str) -> str | None:
    """The beginning of the page of a pull request of the apps repository; None when it is on no forge."""
    try:
        place = parse_forge_url(settings.repo_url or apps_url)
    except StarryError:
        return None
    return f"{place.page}/{_PULL_REQUESTS[_kind(settings, place)]}/"


def pull_request_page(settings: Settings, name: str, text: str | None) -> str | None:
    """The page of a preview's pull request: as the manifest names it, or by its number.

    A number alone is of the repository of `sync` that makes previews of such a name.
    """
    found = read_pull_request(text)
    if found is None or found.url:
        return found.url if found else None
    number = str(found.number)
    makers = (one for one in settings.sync.repositories.values() if one.preview.replace("{number}", number) == name)
    maker = next(makers, None)
    try:
        place = parse_forge_url(maker.url) if maker else None
    except StarryError:
        place = None
    if place is None:
        return None
    return f"{place.page}/{_PULL_REQUESTS[_kind(settings, place)]}/{number}"


def _kind(settings: Settings, place: ForgeUrl) -> ForgeKind:
    """As starry.yaml says, or as the host's name does; what is not known is like GitHub."""
    first = place.host.partition(".")[0]
    return settings.forge.kind or _BY_HOST.get(place.host) or _BY_HOST.get(first, "github")


@lru_cache(maxsize=4_096)
def pull_request_words(text: str) -> str:
    """`#123`, whatever the manifest says of it."""
    try:
        return f"#{parse_pull_request(text).number}"
    except StarryError:
        return text


def proposed_path(overlay: str, name: str, proposal: Proposed) -> str:
    """Where whoever proposed a change goes: the preview itself may not be there before the merge."""
    done = "withdrawn" if proposal.state == "closed" else "proposed"
    query = {"overlay": overlay, "done": done, "of": name, "pull": str(proposal.number)}
    return f"/?{urlencode(query)}"


def preview_path(overlay: str, name: str, *rest: str, **query: str) -> str:
    """Starry's page of a preview, or of something to be done to it."""
    path = "/".join(["/previews", *(quote(part, safe="") for part in (overlay, name, *rest))])
    return f"{path}?{urlencode(query)}" if query else path
