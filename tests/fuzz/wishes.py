"""What commands are told: names, pull requests, branches, images and the rest, few enough that they meet again."""

from typing import Any

from hypothesis import strategies as st

from tests.fuzz.model import REGISTRY, Wish

NAMES = ["shop", "login", "preview-1", "preview-2", "a"]
BRANCHES = ["login", "feature/x", "Feature-X", "kube-system"]
PULL_REQUESTS = ["1", "2", "https://github.com/o/r/pull/1", "https://github.com/o/other/pull/1"]

_names = st.sampled_from(NAMES)
_requests = st.sampled_from(PULL_REQUESTS)
_branches = st.sampled_from(BRANCHES)
sources = st.one_of(
    _names.map(lambda name: {"name": name}),
    _names.map(lambda name: {"name": name}),
    _requests.map(lambda pr: {"pr": pr}),
    _branches.map(lambda branch: {"branch": branch}),
    st.tuples(_names, _requests).map(lambda both: {"name": both[0], "pr": both[1]}),
    st.tuples(_names, _branches).map(lambda both: {"name": both[0], "branch": both[1]}),
    st.tuples(_requests, _branches).map(lambda both: {"pr": both[0], "branch": both[1]}),
)
"""The ways to say which preview is meant."""

_sound_tags = st.sampled_from(["1", "2.0", "1e3", "0123", "on", "v1_x-y", f"{REGISTRY}/other:3"])
_tags = st.sampled_from(["1", "2.0", "1e3", "0123", "on", "v1_x-y", f"{REGISTRY}/other:3", "docker.io/evil:1"])


@st.composite
def wishes(draw: st.DrawFn, *, must_exist: bool = False) -> Wish:
    """What a create or an update is told, but for its source."""
    parts = draw(st.sampled_from([["backend"], ["backend"], ["backend", "frontend1"], ["frontend2"], []]))
    ttl = draw(st.sampled_from([None, None, None, 5, 30, 90, 240, 4, 300]))
    return Wish(
        images={part: draw(_tags) for part in parts},
        owner=draw(st.sampled_from([None, "ada", "bob", "ada"])),
        commit=draw(st.sampled_from([None, None, "abc123", "0123456"])),
        ttl=ttl,
        pin=draw(st.sampled_from([False, False, False, True])),
        sequence=draw(st.sampled_from([None, None, 0, 3, 7])),
        extra=draw(st.sampled_from([{}, {}, {"backend.env.LOG": "debug"}, {"backend.env.LOG": "1e3"}])),
        only_new=not must_exist and draw(st.sampled_from([False, False, False, True])),
        must_exist=must_exist,
        keep_expiry=must_exist and ttl is None and draw(st.booleans()),
    )


def source_args(source: dict[str, str]) -> list[str]:
    """The command line's words for a source."""
    words = {"pr": "--pr", "branch": "--source-branch"}
    named = [source["name"]] if "name" in source else []
    return named + [word for key, option in words.items() if key in source for word in (option, source[key])]


def wish_args(wish: Wish) -> list[str]:
    """The command line's words for a wish."""
    options: list[tuple[str, Any]] = [("--image", f"{part}={text}") for part, text in wish.images.items()]
    options += [("--owner", wish.owner), ("--commit", wish.commit), ("--sequence", wish.sequence)]
    options += [("--ttl", f"{wish.ttl}m" if wish.ttl else None)]
    options += [("--set", f"{path}={value}") for path, value in wish.extra.items()]
    words = [word for option, value in options if value is not None for word in (option, str(value))]
    flags = {"--pin": wish.pin, "--only-new": wish.only_new, "--keep-expiry": wish.keep_expiry}
    return words + [flag for flag, is_set in flags.items() if is_set]


@st.composite
def sound_wishes(draw: st.DrawFn) -> Wish:
    """What is refused only for what stands in the repository."""
    parts = draw(st.sampled_from([["backend"], ["backend", "frontend1"], ["backend", "frontend2", "frontend1"]]))
    return Wish(
        images={part: draw(_sound_tags) for part in parts},
        owner=draw(st.sampled_from([None, None, "ada", "bob", "eve"])),
        commit=draw(st.sampled_from([None, "abc123"])),
        ttl=draw(st.sampled_from([None, 5, 30, 240])),
        pin=draw(st.sampled_from([False, False, True])),
        sequence=draw(st.sampled_from([None, 3, 7, 9])),
        extra=draw(st.sampled_from([{}, {"backend.env.LOG": "debug"}])),
    )
