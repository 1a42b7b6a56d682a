"""Where a person goes on after signing in: a page of ours, whatever the link said."""

from urllib.parse import urlsplit

HOME = "/"
SIGN_IN = "/signin"
CALLBACK = "/signin/callback"
SIGN_OUT = "/signout"
SIGNED_OUT = "/signed-out"

_LONGEST = 1_000


def own_place(text: str) -> str:
    r"""The path and query, if it is a page of ours; else the first page.

    Browsers take `//host`, `/\host` and a tab between the slashes for another site.
    """
    if not text.startswith("/") or len(text) > _LONGEST or not text.isascii() or not text.isprintable():
        return HOME
    if text.startswith("//") or "\\" in text or " " in text:
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    is_door = parts.path in {SIGN_OUT, SIGNED_OUT} or f"{parts.path}/".startswith(f"{SIGN_IN}/")
    return HOME if parts.scheme or parts.netloc or is_door else text
