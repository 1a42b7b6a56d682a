"""Who a signed-in person is for Starry: a role from `starry.yaml`, and the previews that are theirs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

RoleName = Literal["viewer", "developer", "admin"]

_GROUP = "group:"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebSettings:
    """Whom the web page lets in, and as what.

    A pattern is an e-mail address, in whose local part `*` and `?` stand for characters and whose domain may begin
    with `*.`; or `group:NAME`, a group that the issuer names.

    Attributes:
        admins, developers, viewers: patterns; the highest role counts.
        others: the role of a person who is in none of them; None is no access.
        owners: to a preview's owner as pipelines write it, the pattern of the person that it is.
    """

    admins: tuple[str, ...] = ()
    developers: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    others: RoleName | None = None
    owners: Mapping[str, str] = field(default_factory=dict)


def role_of(email: str, groups: Collection[str], settings: WebSettings) -> RoleName | None:
    """The highest role that the settings give; None is no access."""
    lists: tuple[tuple[RoleName, tuple[str, ...]], ...] = (
        ("admin", settings.admins),
        ("developer", settings.developers),
        ("viewer", settings.viewers),
    )
    for role, patterns in lists:
        if any(is_person(pattern, email, groups) for pattern in patterns):
            return role
    return settings.others


def owned_names(email: str, groups: Collection[str], settings: WebSettings) -> frozenset[str]:
    """The owners, as previews name them, that are this person; lower-case."""
    others = (name for name, pattern in settings.owners.items() if is_person(pattern, email, groups))
    return frozenset(name.lower() for name in (email, *others))


def is_person(pattern: str, email: str, groups: Collection[str]) -> bool:
    """True when the pattern stands for the person. Case is no difference in an address; it is one in a group."""
    if pattern.startswith(_GROUP):
        return pattern.removeprefix(_GROUP) in groups
    local, _, domain = email.lower().rpartition("@")
    wanted_local, _, wanted = pattern.lower().rpartition("@")
    fits = domain.endswith(wanted[1:]) if wanted.startswith("*.") else domain == wanted
    return fits and bool(local) and fnmatchcase(local, wanted_local)


def known_groups(groups: Iterable[str], settings: WebSettings) -> tuple[str, ...]:
    """Those groups that the settings name: the others decide nothing, and need not be kept."""
    patterns = (*settings.admins, *settings.developers, *settings.viewers, *settings.owners.values())
    named = {pattern.removeprefix(_GROUP) for pattern in patterns if pattern.startswith(_GROUP)}
    return tuple(sorted(named.intersection(groups)))
