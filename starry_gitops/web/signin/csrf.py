"""No other site may act in a person's name: tokens that fit one session, and the origin that a browser names."""

import hmac
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request

from starry_gitops.web.problems import RequestFault
from starry_gitops.web.signin.sealing import Seals

FIELD = "csrf"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PURPOSE = "csrf"
_SECONDS = 24 * 3_600
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 1_000
_BROWSERS = ("cookie", "origin", "referer", "sec-fetch-site", "sec-fetch-mode")


class Csrf:
    """Gives tokens and checks them.

    Previews are reached below the same domain as the page, so to browsers they are the same *site*: SameSite cookies
    do not hold them off. The origin does.

    Args:
        seals: signs the tokens.
        origin: what the page's own origin is, for a request.
    """

    def __init__(self, seals: Seals, *, origin: Callable[[Request], str]) -> None:
        self._seals = seals
        self._own = origin

    def token(self, binding: str) -> str:
        """A token for the session that the binding names."""
        return self._seals.seal(_PURPOSE, {"for": binding}, seconds=_SECONDS)

    async def check(self, request: Request, binding: str) -> bytes | None:
        """Lets a request through that changes something; gives its body, when that had to be read.

        Raises:
            RequestFault: another origin asks, or the token is not this session's.
        """
        self._refuse_origin(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("multipart/"):
            raise RequestFault("forms are sent as application/x-www-form-urlencoded", code="media_type")
        if kind != _FORM and not any(name in request.headers for name in _BROWSERS):
            return None  # a program: browsers name themselves, and no site can make one ask
        body = await request.body() if kind == _FORM and HEADER not in request.headers else None
        given = request.headers.get(HEADER) if body is None else _field(body)
        self._refuse_token(given or "", binding)
        return body

    def _refuse_origin(self, request: Request) -> None:
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        is_other = origin is not None and origin != self._own(request)
        if is_other or (site is not None and site not in {"same-origin", "none"}):
            raise RequestFault("a page of another origin asks for this", hint="open our own", code="other_origin")

    def _refuse_token(self, given: str, binding: str) -> None:
        data = self._seals.open(_PURPOSE, given)
        if data is None or not hmac.compare_digest(str(data["for"]).encode(), binding.encode()):
            raise RequestFault("this form is too old, or of another session", hint="load the page again", code="csrf")


def _field(body: bytes) -> str | None:
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    found = [value for name, value in fields if name == FIELD]
    return found[0] if len(found) == 1 else None
