"""Ways in which a forge's answer can be wrong: for `ForgeServer.spoil`."""

import json
import time
from dataclasses import replace
from typing import Any

from tests.support.forge_server import Asked, Reply, Spoil

HTML = {"Content-Type": "text/html; charset=utf-8"}


def says(status: int, message: str = "no", **headers: str) -> Spoil:
    """Another status, with a message in JSON."""
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _asked, _reply: Reply(status=status, data={"message": message}, headers=shown)


def page(status: int, text: str = "<html><title>502 Bad Gateway</title></html>") -> Spoil:
    """A page, as a proxy or a sign-in answers."""
    return lambda _asked, _reply: Reply(status=status, raw=text.encode(), headers=HTML)


def cut_short(_asked: Asked, reply: Reply) -> Reply:
    """The first half of the body, as if it were whole."""
    return replace(reply, raw=reply.content[: len(reply.content) // 2])


def broken_off(_asked: Asked, reply: Reply) -> Reply:
    """The connection ends in the middle of the body."""
    return replace(reply, raw=reply.content[: len(reply.content) // 2], length=len(reply.content))


def stalls(seconds: float) -> Spoil:
    """Nothing comes for so long."""
    return lambda _asked, reply: replace(reply, stall=seconds)


def sends_to(url: str, status: int = 302) -> Spoil:
    """A redirect."""
    return lambda asked, _reply: Reply(status=status, headers={"Location": f"{url}{asked.path}"})


def gives(data: Any) -> Spoil:
    """Other data."""
    return lambda _asked, reply: replace(reply, data=data, raw=None)


def changes(**values: Any) -> Spoil:
    """The same data with other values: of an object, or of each object of a list."""

    def changed(one: Any) -> Any:
        return {**one, **values} if isinstance(one, dict) else one

    def spoilt(_asked: Asked, reply: Reply) -> Reply:
        data = [changed(one) for one in reply.data] if isinstance(reply.data, list) else changed(reply.data)
        return replace(reply, data=data)

    return spoilt


def echoes_token(status: int) -> Spoil:
    """A refusal that repeats the token."""
    return lambda asked, _reply: Reply(status=status, data={"message": f"bad token {asked.token} in {asked.token}"})


def limited(status: int, after: str = "") -> Spoil:
    """A rate limit: with `Retry-After`, or with the time at which it begins anew."""
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)}
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {"Retry-After": after} if after else reset
    return lambda _asked, _reply: Reply(status=status, raw=json.dumps({"message": message}).encode(), headers=headers)
