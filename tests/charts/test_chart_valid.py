"""Every object is valid for the API server that it is sent to."""

import re

import pytest

from .cases import CASES
from .render import CHART, Object, article, by_file, created, files, kinds, nested, one, render
from .schemas import CRDS, UNKNOWN, VERSIONS, is_crd, problems

DNS = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
LABEL = re.compile(r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")


def builtin(objects: list[Object]) -> list[Object]:
    """The objects whose schemas are Kubernetes' own."""
    return [o for o in objects if o["kind"] not in UNKNOWN and not is_crd(o)]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes(objects: list[Object], version: str) -> None:
    assert [problem for o in builtin(objects) for problem in problems(o, version)] == []


@pytest.mark.skipif(not CRDS.is_dir(), reason="the operators' CRDs are not at hand (../shared/crds)")
def test_operators_crds(objects: list[Object]) -> None:
    found = [problem for o in objects if is_crd(o) for problem in problems(o, VERSIONS[-1])]
    assert found == []


def test_names_and_labels_are_legal(objects: list[Object]) -> None:
    for found in objects:
        assert DNS.match(found["metadata"]["name"]), found["metadata"]["name"]
        assert len(found["metadata"]["name"]) <= 63
        for value in found["metadata"]["labels"].values():
            assert LABEL.match(value), value


def test_no_object_is_rendered_twice(objects: list[Object]) -> None:
    keys = [(o["apiVersion"], o["kind"], o["metadata"]["name"]) for o in objects]
    assert len(keys) == len(set(keys))


def test_every_template_renders_something_in_some_case() -> None:
    rendered = {file for values in CASES.values() for file, _ in by_file(values)}
    templates = {path.name for path in (CHART / "templates").glob("*.yaml")}
    assert templates - rendered == set()


def test_rendering_twice_gives_the_same_text() -> None:
    again = article({"global": {"annotations": {}}})
    assert files(article()) == files(again)


def test_notes_name_the_hosts() -> None:
    notes = files(created(["backend", "frontend1"]))["NOTES.txt"]
    assert "backend: https://sample-be.preview-123.starry.mycompany.com" in notes
    assert "frontend2" not in notes


@pytest.mark.parametrize("name", ["p", "preview-" + "x" * 45, "0" * 53])
@pytest.mark.parametrize("version", VERSIONS)
def test_names_up_to_helms_limit(name: str, version: str) -> None:
    objects = render(created(["backend", "frontend1", "frontend2"], name=name), name)
    assert {o["metadata"].get("namespace", name) for o in objects} == {name}
    assert [p for o in builtin(objects) for p in problems(o, version)] == []
    for found in objects:
        assert found["metadata"]["labels"]["app.kubernetes.io/instance"] == name
        assert len(found["metadata"]["name"]) <= 63


def test_a_component_with_the_longest_name() -> None:
    name = "c" * 40
    block = {"image": {"repository": "abc", "tag": "12345"}, "host": f"{name}.example.com"}
    objects = render(article({"components": {name: {"uses": ["db1"]}}}, {name: block}))
    assert one(objects, "Service", name)["spec"]["ports"][0]["port"] == 8080
    test_names_and_labels_are_legal(objects)


@pytest.mark.parametrize(
    ("tag", "image", "label"),
    [
        ("pr-123-abcd123", "r/x:pr-123-abcd123", "pr-123-abcd123"),
        ("sha256:" + "a" * 64, "r/x@sha256:" + "a" * 64, "a" * 40),
        ("v1.2.3@sha256:" + "b" * 64, "r/x:v1.2.3@sha256:" + "b" * 64, "v1.2.3"),
        ("_" * 5, "r/x:_____", ""),
        ("t" * 128, "r/x:" + "t" * 128, "t" * 40),
    ],
)
def test_images_by_tag_and_by_digest(tag: str, image: str, label: str) -> None:
    objects = render(article(nested("backend/image", {"repository": "r/x", "tag": tag})))
    deployment = kinds(objects, "Deployment")["backend"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == image
    assert deployment["metadata"]["labels"]["app.kubernetes.io/version"] == label
