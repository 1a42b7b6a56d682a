"""What Starry promises, in plain Python: the previews of a repository, and what each command must make of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

APPS = {"backend": "sample-be", "frontend1": "sample-fe-1", "frontend2": "sample-fe-2"}
REGISTRY = "us-docker.pkg.dev/myproj"
DOMAIN = "starry.mycompany.com"
DEFAULT_TTL, SHORTEST, LONGEST = 30, 5, 240
TOTAL, PER_OWNER, MAX_DELETES = 4, 2, 2
OVERLAYS = ("dev", "stage", "prod")
_MINUTE = timedelta(minutes=1)

Key = tuple[str, str]
"""Overlay and name."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """One preview. `extra` are values that were set, `notes` what people wrote into the files."""

    images: Mapping[str, tuple[str, str]]
    created: datetime
    expires: datetime
    ttl: int = DEFAULT_TTL
    pinned: bool = False
    owner: str | None = None
    pull_request: str | None = None
    branch: str | None = None
    commit: str | None = None
    sequence: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def expired(self, now: datetime, grace: int = 0) -> bool:
        return not self.pinned and now >= self.expires + timedelta(minutes=grace)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What `create` and `update` are told."""

    pull_request: str | None = None
    branch: str | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    commit: str | None = None
    ttl: int | None = None
    pin: bool = False
    sequence: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    only_new: bool = False
    must_exist: bool = False
    keep_expiry: bool = False


@dataclass(frozen=True)
class Refused:
    """The error codes that are right; more than one where a command is wrong in several ways."""

    codes: frozenset[str]


def refused(codes: Iterable[str]) -> Refused | None:
    found = frozenset(codes)
    return Refused(found) if found else None


def split_image(component: str, text: str) -> tuple[str, str]:
    """Repository and tag; a tag alone is in the component's own repository."""
    repository, separator, tag = text.rpartition(":")
    return (repository, tag) if separator else (f"{REGISTRY}/{APPS[component]}", text)


def number_of(pull_request: str) -> str:
    return pull_request.rpartition("/")[2]


def is_same_request(one: str, other: str) -> bool:
    return one == other if "/" in one and "/" in other else number_of(one) == number_of(other)


def taken_by_other(known: Known, pull_request: str | None, branch: str | None) -> bool:
    """Whether a preview was made for another pull request or branch."""
    if pull_request and known.pull_request and not is_same_request(pull_request, known.pull_request):
        return True
    if branch and known.branch and branch != known.branch:
        return True
    only_request = pull_request and not branch and not known.pull_request and known.branch
    only_branch = branch and not pull_request and not known.branch and known.pull_request
    return bool(only_request or only_branch)


def wish_faults(wish: Wish) -> set[str]:
    """What is wrong with the command line whatever stands in the repository."""
    faults = set()
    if wish.ttl is not None and not SHORTEST <= wish.ttl <= LONGEST:
        faults.add("ttl")
    if any(not split_image(part, text)[0].startswith(f"{REGISTRY}/") for part, text in wish.images.items()):
        faults.add("image")
    return faults


@dataclass
class Repository:
    """All previews, and each one's commits: the subjects, oldest first."""

    previews: dict[Key, Known] = field(default_factory=dict)
    subjects: dict[Key, list[str]] = field(default_factory=dict)

    def of(self, overlay: str) -> dict[str, Known]:
        return {name: known for (where, name), known in sorted(self.previews.items()) if where == overlay}

    def log(self, keys: Iterable[Key], subject: str) -> None:
        for key in keys:
            self.subjects.setdefault(key, []).append(subject)

    def apply(self, key: Key, wish: Wish, now: datetime) -> tuple[str, Known] | Refused:
        """`create` or `update` at an instant: the action and the preview."""
        known = self.previews.get(key)
        if known is not None:
            return self._change(key[0], known, wish, now)
        if wish.must_exist:
            return Refused(frozenset({"not_found", *wish_faults(wish)}))
        return self._new(key, wish, now)

    def _new(self, key: Key, wish: Wish, now: datetime) -> tuple[str, Known] | Refused:
        overlay, name = key
        here, faults = self.of(overlay), wish_faults(wish)
        if overlay == "prod":
            faults.add("previews_off")
        if any(other == name for _, other in self.previews):
            faults.add("name_taken")
        owned = self._owned(overlay, wish.owner) if wish.owner else 0
        if len(here) >= TOTAL or owned >= PER_OWNER:
            faults.add("quota")
        if "backend" not in wish.images:
            faults.add("usage")
        ttl = wish.ttl or DEFAULT_TTL
        made = Known(
            images=_ordered({part: split_image(part, text) for part, text in wish.images.items()}),
            created=now,
            expires=now + ttl * _MINUTE,
            ttl=ttl,
            pinned=wish.pin,
            owner=wish.owner,
            pull_request=wish.pull_request,
            branch=wish.branch,
            commit=wish.commit,
            sequence=wish.sequence,
            extra=wish.extra,
        )
        return refused(faults) or ("created", made)

    def _owned(self, overlay: str, owner: str) -> int:
        return sum(one.owner == owner for one in self.of(overlay).values())

    def _change(self, overlay: str, known: Known, wish: Wish, now: datetime) -> tuple[str, Known] | Refused:
        faults = wish_faults(wish)
        if taken_by_other(known, wish.pull_request, wish.branch):
            faults.add("name_taken")
        if wish.sequence is not None and known.sequence is not None and wish.sequence < known.sequence:
            faults.add("superseded")
        if wish.owner and wish.owner != known.owner and self._owned(overlay, wish.owner) >= PER_OWNER:
            faults.add("quota")
        wanted = _renewed(known, _merged(known, wish), wish, now)
        if wish.only_new and wanted != known:
            faults.add("name_taken")
        return refused(faults) or ("unchanged" if wanted == known else "updated", wanted)


def _ordered(images: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {part: images[part] for part in APPS if part in images}


def _merged(known: Known, wish: Wish) -> Known:
    """The preview with what the wish names, times aside."""
    images = dict(known.images)
    for part, text in wish.images.items():
        default = images[part][0] if part in images and ":" not in text else None
        repository, tag = split_image(part, text)
        images[part] = (default or repository, tag)
    request = wish.pull_request or known.pull_request
    if wish.pull_request and known.pull_request and "/" not in wish.pull_request:
        request = known.pull_request
    return replace(
        known,
        images=_ordered(images),
        owner=wish.owner or known.owner,
        pull_request=request,
        branch=wish.branch or known.branch,
        commit=wish.commit or known.commit,
        sequence=known.sequence if wish.sequence is None else wish.sequence,
        pinned=known.pinned or wish.pin,
        extra={**known.extra, **wish.extra},
    )


def _renewed(known: Known, wanted: Known, wish: Wish, now: datetime) -> Known:
    """The TTL starts anew when an image, or the TTL itself, changes."""
    ttl_changes = wish.ttl is not None and wish.ttl != known.ttl
    if not ttl_changes and (wanted.images == known.images or wish.keep_expiry):
        return wanted
    return with_ttl(wanted, wish.ttl or known.ttl, now)


def with_ttl(known: Known, ttl: int, now: datetime) -> Known:
    return replace(known, ttl=ttl, expires=min(max(now, known.created) + ttl * _MINUTE, now + LONGEST * _MINUTE))


def extended(
    known: Known, now: datetime, *, ttl: int | None = None, until: datetime | None = None, pin: bool | None = None
) -> Known | Refused:
    """What `extend` makes of a preview."""
    wanted = known if pin is None else replace(known, pinned=pin)
    if until is not None and until != known.expires:
        if not now + SHORTEST * _MINUTE <= until <= now + LONGEST * _MINUTE:
            return Refused(frozenset({"ttl"}))
        return replace(wanted, expires=until, ttl=-((now - until) // _MINUTE))
    if ttl is not None:
        if not SHORTEST <= ttl <= LONGEST:
            return Refused(frozenset({"ttl"}))
        later = with_ttl(wanted, ttl, now)
        is_none = ttl == known.ttl and timedelta(0) <= later.expires - known.expires < _MINUTE
        return wanted if is_none else later
    if known.pinned and pin is False and now >= known.expires:
        return with_ttl(wanted, known.ttl, now)
    return wanted
