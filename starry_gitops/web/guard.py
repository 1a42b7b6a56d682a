"""What a request must hold to before it may change anything through the API."""

from urllib.parse import urlsplit

from starlette.requests import Request

from starry_gitops.web.problems import RequestFault
from starry_gitops.web.services import services

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


async def refuse_foreign(request: Request) -> None:
    """A page of another site may neither send a form here (it cannot say JSON) nor a script's request; a dependency.

    Raises:
        RequestFault: it comes from another origin, or its body is not JSON.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") == "cross-site" or (origin is not None and not _is_own(request, origin)):
        raise RequestFault("a page of another origin asks for this", code="other_origin")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in _WITH_BODY and kind != "application/json":
        raise RequestFault("the body must be application/json", hint="set Content-Type", code="media_type")


def _is_own(request: Request, origin: str) -> bool:
    try:
        asked = urlsplit(origin)
        own = urlsplit(services(request).config.base_url)
    except ValueError:
        return False
    is_base = (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
    return is_base or (bool(asked.netloc) and asked.netloc == request.headers.get("host"))
