"""Answers of any shape end in a value or in one error, never in another exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.clusters.application import parse_application, parse_project
from starry_gitops.clusters.events import event_signs
from starry_gitops.clusters.namespaces import parse_held, parse_namespace
from starry_gitops.clusters.objects import READERS
from starry_gitops.clusters.shape import Shape
from starry_gitops.errors import DoubtfulAnswer
from tests.clusters.objects import application

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
PARSERS = {
    "application": parse_application,
    "project": parse_project,
    "namespace": lambda shape: parse_namespace(shape, [("pod", shape)]),
    "held": lambda shape: parse_held("pod", shape),
    "events": lambda shape: event_signs([shape]),
    **{path: (lambda shape, reader=reader: list(reader(shape))) for path, reader in READERS.items()},
}
_KEYS = st.sampled_from([
    "metadata", "status", "spec", "name", "namespace", "conditions", "operationState", "sync", "health",
    "revisions", "containerStatuses", "state", "waiting", "reason", "message", "type", "lastState",
    "terminated", "sources", "finalizers", "deletionTimestamp", "creationTimestamp", "annotations",
    "domainStatus", "involvedObject", "phase", "loadBalancer", "ingress", "series", "lastTimestamp",
    "kind", "resources", "history", "destination", "retryCount"
])  # fmt: skip
NEAR = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "False", "Warning", "2026-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=40,
)


@pytest.mark.parametrize("name", PARSERS)
@given(data=NEAR | JSON)
def test_any_answer_is_read_or_refused(name: str, data: object):
    try:
        PARSERS[name](Shape(data, "test"))
    except DoubtfulAnswer as error:
        refused = error.message
        assert refused.isprintable()


def damaged(item: object, path: list, value: object) -> object:
    """A copy with another value at a place."""
    if not path:
        return value
    copy = item.copy()
    copy[path[0]] = damaged(item[path[0]], path[1:], value)
    return copy


def places(item: object, path: tuple = ()):
    yield path
    pairs = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for key, value in pairs:
        yield from places(value, (*path, key))


@pytest.mark.parametrize("value", [None, True, 7, "x\x1b[31m\n", [], {}, [[]], {"a": []}], ids=str)
def test_an_application_with_any_place_damaged(value: object):
    item = application("preview-1", "a" * 40, conditions=[("ComparisonError", "x")])
    for path in places(item):
        try:
            found = parse_application(Shape(damaged(item, list(path), value), "test"))
        except DoubtfulAnswer:
            continue
        assert all(text.isprintable() for text in (found.name, found.health, found.sync))


def test_texts_are_one_bounded_line():
    shape = Shape({"a": "x\x1b[31m\r\n\u202ey" + "z" * 10_000}, "test")
    assert len(shape.text("a")) <= 4_000
    assert shape.text("a").isprintable()


def test_an_application_of_another_kind_is_refused():
    item = application("preview-1", "a" * 40)
    with pytest.raises(DoubtfulAnswer):
        parse_application(Shape({**item, "kind": "AppProject"}, "test"))
