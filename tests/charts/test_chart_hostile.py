"""Free text stays text, whatever it looks like in YAML, in a template or in a shell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .cases import CASES, HOSTILE, IMAGE
from .render import Object, article, kinds, nested, one, render


def environment(objects: list[Object]) -> Object:
    return one(objects, "ConfigMap", "backend-config")["data"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
def test_environment_annotations_and_fixtures_keep_hostile_text(text: str) -> None:
    values = article(
        {
            "global": {"annotations": {"starry.env/branch": text}},
            "backend": {"env": {"HOSTILE": text}, "annotations": {"note": text}},
            "databases": {"db1": {"fixtures": text}},
            "redis": {"fixtures": text},
            "e2e": {"enabled": True, "image": IMAGE, "env": {"HOSTILE": text}, "command": ["run", text]},
            "ingress": {"annotations": {"note": text}},
        }
    )
    objects = render(values)
    assert environment(objects)["HOSTILE"] == text
    pod = one(objects, "Deployment", "backend")["spec"]["template"]
    assert pod["metadata"]["annotations"]["starry.env/branch"] == text
    assert pod["metadata"]["annotations"]["note"] == text
    assert one(objects, "Ingress", "preview")["metadata"]["annotations"]["note"] == text
    e2e = kinds(objects, "Job")["e2e"]["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "HOSTILE", "value": text} in e2e["env"]
    assert e2e["command"] == ["run", text]
    if text:
        assert one(objects, "ConfigMap", "db1-fixtures")["data"]["10-fixtures.sql"] == text
        assert one(objects, "ConfigMap", "starry-redis-master-fixtures")["data"]["fixtures.redis"] == text
    assert len(kinds(objects, "Namespace")) == 1


def test_hostile_texts_all_at_once() -> None:
    """The case that the schemas and every other invariant are held against."""
    objects = render(CASES["hostile"])
    texts = {f"HOSTILE_{number}": text for number, text in enumerate(HOSTILE)}
    assert texts.items() <= environment(objects).items()
    assert kinds(objects, "Job")["e2e"]["spec"]["template"]["spec"]["containers"][0]["command"] == ["run", *HOSTILE]


printable = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)


@settings(max_examples=60, deadline=None)
@given(printable)
def test_any_text_survives(text: str) -> None:
    objects = render(
        article(nested("backend/env/ANY", text), nested("global/annotations", {"starry.env/branch": text}))
    )
    assert environment(objects)["ANY"] == text
    assert one(objects, "Namespace", "preview-123")["metadata"]["annotations"]["starry.env/branch"] == text


@pytest.mark.parametrize("value", ["true", "null", "123", "1e3", "0x10", "y"])
def test_labels_that_look_like_other_types(value: str) -> None:
    objects = render(article(nested("global/labels", {"starry.env": value})))
    assert {o["metadata"]["labels"]["starry.env"] for o in objects} == {value}


@pytest.mark.parametrize("name", ["true", "null", "123", "1e3", "0x10", "y", "012"])
def test_names_that_look_like_other_types(name: str) -> None:
    values = article(nested("components", {name: {"app": name}}) if name.isalpha() else {})
    block = {name: {"image": IMAGE, "host": f"{name}.example.com"}} if name.isalpha() else {}
    objects = render(values | block, name)
    assert one(objects, "Namespace", name)["metadata"]["name"] == name
    if name.isalpha():
        deployment = one(objects, "Deployment", name)
        assert deployment["spec"]["template"]["spec"]["containers"][0]["name"] == name
