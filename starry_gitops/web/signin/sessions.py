"""Who is signed in, as the person's own cookie says."""

import secrets
from dataclasses import dataclass

from starry_gitops.web.signin.identity import Identity
from starry_gitops.web.signin.sealing import LONGEST, Seals

SECONDS = 8 * 3_600
"""How long a session lasts, whatever is done in it."""

_PURPOSE = "session"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A signed-in browser. `id` is new with each sign-in."""

    id: str
    identity: Identity


def new_session(identity: Identity, seals: Seals) -> str:
    """A new session for the cookie. Groups that do not fit into a cookie are left out: they give rights, never take."""
    groups = list(identity.groups)
    while True:
        data = {
            "id": secrets.token_urlsafe(16),
            "sub": identity.subject,
            "email": identity.email,
            "name": identity.name,
            "groups": groups,
        }
        text = seals.seal(_PURPOSE, data, seconds=SECONDS)
        if len(text) < LONGEST or not groups:
            return text
        groups = groups[: len(groups) // 2]


def read_session(text: str, seals: Seals) -> Session | None:
    """The session, as long as it lasts."""
    data = seals.open(_PURPOSE, text)
    if data is None:
        return None
    identity = Identity(subject=data["sub"], email=data["email"], name=data["name"], groups=tuple(data["groups"]))
    return Session(id=data["id"], identity=identity)
