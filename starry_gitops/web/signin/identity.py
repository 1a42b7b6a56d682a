"""From the claims about a person to what Starry needs of them. Pure; whoever calls it has verified the claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starry_gitops.core.texts import printable
from starry_gitops.web.signin.faults import SignInFault

GOOGLE = "https://accounts.google.com"
"""Google's issuer."""

_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{3,254}}$)[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_GMAIL = ("@gmail.com", "@googlemail.com")
_LONGEST_NAME = 100
_LONGEST_SUBJECT = 255
_LONGEST_GROUP = 200
_MOST_GROUPS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A person as an issuer names them. `email` is lower-case; `groups` are the issuer's."""

    subject: str
    email: str
    name: str
    groups: tuple[str, ...] = ()


def read_identity(claims: Mapping[str, Any], *, groups_claim: str = "groups") -> Identity:
    """The person.

    Raises:
        SignInFault: no subject, or no e-mail address that could be an author's. It must be ASCII: other letters that
            look or compare alike would make somebody else of them.
    """
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise SignInFault("the issuer does not say who you are", hint="its tokens have no subject (sub)")
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        hint = "the issuer must give the scope email, and the address must be plain ASCII"
        raise SignInFault("the issuer gives no usable e-mail address for you", hint=hint)
    email = email.lower()
    return Identity(subject=subject, email=email, name=_name(claims, email), groups=_groups(claims.get(groups_claim)))


def refuse_unverified(claims: Mapping[str, Any], issuer: str) -> None:
    """Anybody can claim an address; the issuer must have seen that it is theirs.

    Google answers for addresses of Gmail and of Workspace (claim `hd`) alone; it looked at others only once, long ago
    (https://developers.google.com/identity/openid-connect/openid-connect).

    Raises:
        SignInFault: it has not.
    """
    email = str(claims.get("email", "")).lower()
    if claims.get("email_verified") is not True:
        hint = "verify it with the issuer; email_verified must be true"
        raise SignInFault("your e-mail address is not verified", hint=hint)
    if issuer == GOOGLE and not email.endswith(_GMAIL) and not claims.get("hd"):
        hint = "sign in with a Workspace or a Gmail account"
        raise SignInFault("Google does not answer for your e-mail address", hint=hint)


def _name(claims: Mapping[str, Any], email: str) -> str:
    name = claims.get("name")
    shown = " ".join(printable(name).split()) if isinstance(name, str) else ""
    shown = shown[:_LONGEST_NAME].strip()
    # Git takes no author without a letter: it leaves out punctuation at both ends.
    return next(text for text in (shown, email.partition("@")[0], email) if any(map(str.isalnum, text)))


def _groups(found: Any) -> tuple[str, ...]:
    listed = found if isinstance(found, list) else [found]
    return tuple(one for one in listed[:_MOST_GROUPS] if isinstance(one, str) and 0 < len(one) <= _LONGEST_GROUP)
