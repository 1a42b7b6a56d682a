"""What a preview is, read from its two files without Starry's help, and what each operation makes of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from soak.operation import COMPONENTS, Item, Operation

_PREFIX = "starry.env/"
_OWNED = ("created-at", "expires-at", "ttl-minutes", "owner", "commit", "sequence", "pinned")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
# Whole seconds are written, and a command takes its time at its start.
_MARGIN = timedelta(seconds=2)
_EXTEND_STEP = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class State:
    """A preview. `rest` is all that is not Starry's to change; `comments` are people's lines."""

    images: Mapping[str, str]
    ttl: int
    created: datetime
    expires: datetime
    pinned: bool
    owner: str | None
    commit: str | None
    sequence: int | None
    note: str | None
    rest: Any = field(repr=False)
    comments: tuple[str, ...] = field(repr=False)


class Unreadable(Exception):
    """The two files do not make a preview."""


def read_state(name: str, application: bytes, values: bytes) -> State:
    """The preview that two files describe.

    Raises:
        Unreadable: they contradict each other, or something is missing.
    """
    try:
        manifest, chart = (yaml.load(data, Loader=yaml.CSafeLoader) for data in (application, values))
        notes = {key: manifest["metadata"]["annotations"].get(_PREFIX + key) for key in _OWNED}
        state = State(
            images=_images(chart),
            ttl=int(notes["ttl-minutes"]),
            created=_instant(notes["created-at"]),
            expires=_instant(notes["expires-at"]),
            pinned=notes["pinned"] == "true",
            owner=notes["owner"],
            commit=notes["commit"],
            sequence=None if notes["sequence"] is None else int(notes["sequence"]),
            note=chart["backend"].get("env", {}).get("SOAK_NOTE"),
            rest=_rest(manifest, chart),
            comments=tuple(sorted(_COMMENT.findall(f"{application.decode()}\n{values.decode()}"))),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"{name}: {type(error).__name__}: {error}") from None
    if chart["global"]["ttlMinutes"] != state.ttl:
        raise Unreadable(f"{name}: values.yaml says {chart['global']['ttlMinutes']} minutes, the manifest {state.ttl}")
    if manifest["metadata"]["name"] != name:
        raise Unreadable(f"{name}: the manifest is that of {manifest['metadata']['name']}")
    return state


def _images(chart: Mapping[str, Any]) -> dict[str, str]:
    blocks = {part: chart.get(part) or {} for part in COMPONENTS}
    running = {part: block for part, block in blocks.items() if block.get("enabled", True) and "image" in block}
    return {part: block["image"]["tag"] for part, block in running.items()}


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _rest(manifest: dict[str, Any], chart: dict[str, Any]) -> Any:
    """Both documents without what operations change."""
    for key in _OWNED:
        manifest["metadata"]["annotations"].pop(_PREFIX + key, None)
    manifest["metadata"]["labels"].pop(f"{_PREFIX}owner", None)
    for block in (chart.get(part) or {} for part in COMPONENTS):
        for key in ("image", "enabled", "env"):
            block.pop(key, None)
    described = {key: value for key, value in chart.items() if key not in {"global", "ingress"} and value}
    return manifest, described


@dataclass(frozen=True, kw_only=True)
class Window:
    """When a command decided, by its own clock."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        """Whether it may have been then."""
        return self.start - _MARGIN <= instant <= self.end + _MARGIN


def problems(operation: Operation, item: Item, before: State | None, after: State, window: Window) -> Iterator[str]:
    """How the new state is not what the operation makes of the old one."""
    yield from _asked(item, after)
    if before is None:
        yield from _problems_of_new(item, after, window)
        return
    kept = {"images": before.images, "owner": before.owner, "commit": before.commit, "note": before.note}
    wanted = {
        "images": {**before.images, **item.images},
        "owner": item.owner or before.owner,
        "commit": item.commit or before.commit,
        "note": item.note or before.note,
    }
    for key in kept:
        found = getattr(after, key)
        if found != wanted[key]:
            yield f"{key} is {found}, not {wanted[key]}"
    if after.created != before.created or (after.rest != before.rest and operation.kind != "upgrade"):
        yield "something changed that nobody asked for"
    if operation.kind == "upgrade" and _without_retry(after.rest) != _without_retry(before.rest):
        yield "more changed than the template"
    if any(after.comments.count(line) < before.comments.count(line) for line in before.comments):
        yield "a comment is gone"
    if before.sequence is not None and (after.sequence is None or after.sequence < before.sequence):
        yield f"sequence went from {before.sequence} to {after.sequence}"
    if item.pinned is None and after.pinned != before.pinned:
        yield f"pinned became {after.pinned}"
    if after.expires != before.expires:
        yield from _problems_of_renewal(operation, before, after, window)


def _without_retry(rest: tuple[dict[str, Any], Any]) -> Any:
    """What is left when the part is taken away that people change in the template."""
    manifest, chart = rest
    policy = {key: value for key, value in manifest["spec"]["syncPolicy"].items() if key != "retry"}
    return manifest["metadata"], {**manifest["spec"], "syncPolicy": policy}, chart


def _asked(item: Item, after: State) -> Iterator[str]:
    wanted = {"ttl": item.ttl, "pinned": item.pinned, "sequence": item.sequence}
    for key, value in wanted.items():
        if value is not None and getattr(after, key) != value:
            yield f"{key} is {getattr(after, key)}, not {value}"


def _problems_of_new(item: Item, after: State, window: Window) -> Iterator[str]:
    wanted: dict[str, object] = {
        "images": dict(item.images),
        "owner": item.owner,
        "commit": item.commit,
        "note": item.note,
    }
    wanted |= {"sequence": item.sequence, "pinned": bool(item.pinned)}
    for key, value in wanted.items():
        if getattr(after, key) != value:
            yield f"{key} is {getattr(after, key)}, not {value}"
    if not window.holds(after.created):
        yield f"created at {after.created}, while the command ran from {window.start} to {window.end}"
    if after.expires != after.created + timedelta(minutes=after.ttl):
        yield "expiry is not creation and TTL"


def _problems_of_renewal(operation: Operation, before: State, after: State, window: Window) -> Iterator[str]:
    """A new expiry is a TTL from now; from the creation where the creator's clock was ahead."""
    start = after.expires - timedelta(minutes=after.ttl)
    if not window.holds(start) and start != before.created:
        yield f"expires {after.expires}: not {after.ttl} minutes from when the command ran"
    if operation.kind == "upgrade" or (operation.kind == "update" and operation.items[0].keep_expiry):
        yield "the expiry was to be kept"


def is_collectable(state: State, end: datetime) -> bool:
    """Whether gc may take it: not pinned, and expired by the clock of the command's last moment."""
    return not state.pinned and state.expires <= end + _MARGIN
