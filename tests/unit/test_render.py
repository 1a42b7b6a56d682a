"""No value can change what a template makes: it comes out as exactly itself, and nothing else moves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.render import Key, render
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.data import data_root
from starry_gitops.errors import InvalidRepository
from tests.unit.strategies import HOSTILE, texts

TEMPLATES = data_root("templates") / "applications" / "preview"
APPLICATION = (TEMPLATES / "application.yaml.j2").read_text(encoding="utf-8")
VALUES = (TEMPLATES / "values.yaml.j2").read_text(encoding="utf-8")

TEXTS = (
    "name", "application_namespace", "instance", "owner_label", "created_at", "expires_at", "owner", "pull_request",
    "branch", "commit",
    "generate_paths", "project", "repo_url", "values_file",
)  # fmt: skip


def application_values(**changed: object) -> dict[str, object]:
    values: dict[str, object] = {name: f"<{name}>" for name in TEXTS}
    values |= {"overlay": "dev", "target_revision": "<head>", "ttl_minutes": 30, "pinned": True, "sequence": 7}
    values["chart"] = {
        "in_apps_repository": False, "repo_url": "the-chart-url", "chart": None, "target_revision": "the-revision",
        "path": "the-path", "value_files": ["the-file"],
    }  # fmt: skip
    values["destination"] = {"server": "the-server", "name": None}
    return {**values, **changed}


def chart_values(text: str, *, describe: bool = False) -> dict[str, object]:
    image = {"repository": text, "tag": text}
    component = {"name": Key(text), "required": False, "enabled": True, "image": image, "env": {Key(text): text}}
    return {
        "name": text, "overlay": "dev", "ttl_minutes": 30, "hosts": [text], "components": [component],
        "describe": describe, "expires_at": text, "owner": text, "pull_request": text, "commit": text,
    }  # fmt: skip


def replaced(data: object, old: str, new: str) -> object:
    """The data with one text in place of another, in parts too (paths, tracking ids)."""
    if isinstance(data, dict):
        return {key: replaced(value, old, new) for key, value in data.items()}
    if isinstance(data, list):
        return [replaced(value, old, new) for value in data]
    return data.replace(old, new) if isinstance(data, str) else data


def read(text: str) -> object:
    return plain(parse_document(text, file="x.yaml"))


def is_writable(text: str) -> bool:
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


@given(st.sampled_from(TEXTS), texts.filter(bool))
def test_a_value_of_the_application_stays_one_value(place: str, text: str) -> None:
    before = read(render(APPLICATION, application_values(), file="t"))
    rendered = render(APPLICATION, application_values(**{place: text}), file="t")
    if is_writable(text):
        assert read(rendered) == replaced(before, f"<{place}>", text)
    else:
        with pytest.raises(InvalidRepository):
            parse_document(rendered, file="x.yaml")


@pytest.mark.parametrize("text", [text for text in HOSTILE if is_writable(text)])
def test_hostile_texts_in_the_chart_and_destination(text: str) -> None:
    chart = {
        "in_apps_repository": False, "repo_url": text, "chart": None, "target_revision": text, "path": text,
        "value_files": [text],
    }  # fmt: skip
    values = application_values(chart=chart, destination={"server": None, "name": text})
    spec = read(render(APPLICATION, values, file="t"))["spec"]
    source = spec["sources"][0]
    assert (source["repoURL"], source["targetRevision"], source["path"]) == (text, text, text)
    assert source["helm"]["valueFiles"] == [text, "$values/<values_file>"]
    assert spec["destination"] == {"name": text, "namespace": "<name>"}


@given(texts)
def test_a_value_of_the_values_file_stays_one_value(text: str) -> None:
    if not is_writable(text) or text in {"global", "ingress", "<<"}:
        return
    found = read(render(VALUES, chart_values(text), file="t"))
    assert found == {
        "global": {"ttlMinutes": 30, "labels": {"starry.env": text}},
        "ingress": {"hosts": [text]},
        text: {"enabled": True, "image": {"repository": text, "tag": text}, "env": {text: text}},
    }


@given(texts)
def test_what_the_chart_is_told_stays_one_value_each(text: str) -> None:
    if not is_writable(text) or not text:
        return
    told = read(render(VALUES, chart_values(text, describe=True), file="t"))["global"]
    assert told["expiresAt"] == text
    assert told["annotations"] == dict.fromkeys(
        ["starry.env/owner", "starry.env/pull-request", "starry.env/commit"], text
    )


@given(texts)
def test_a_key_is_a_key_of_that_very_text(text: str) -> None:
    if is_writable(text) and text != "<<":
        assert read(render("{{ key }}: 1\n", {"key": Key(text)}, file="t")) == {text: 1}


@pytest.mark.parametrize("text", ["on", "Yes", "null", "NULL", "true", "y", "N", "~", "1", "1e3", ".5", "-", "0x1", ""])
def test_a_key_that_would_be_read_as_something_else_is_quoted(text: str) -> None:
    rendered = render("{{ key }}: 1\n", {"key": Key(text)}, file="t")
    assert rendered.startswith('"')
    assert read(rendered) == {text: 1}


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.lists(texts.filter(is_writable), max_size=3)))
def test_other_values_are_json(value: object) -> None:
    rendered = render("{{ value }}", {"value": value}, file="t")
    assert json.loads(rendered) == value


REFUSED = {
    "an unknown value": "{{ nothing }}",
    "an unknown attribute": "{{ chart.nothing }}",
    "an unknown value in a condition": "{% if nothing %}x{% endif %}",
    "an unknown value in a loop": "{% for one in nothing %}x{% endfor %}",
    "a syntax error": "a: {{ name",
    "a block left open": "{% if name %}",
    "an unknown filter": "{{ name | nothing }}",
    "Python's insides": "{{ name.__class__.__mro__ }}",
    "Python's insides by name": "{{ name | attr('__class__') }}",
    "a function's globals": "{{ self.__init__.__globals__ }}",
    "an import": "{% import 'other' as other %}",
    "an include": "{% include '/etc/passwd' %}",
    "inheritance": "{% extends 'other' %}",
    "a global function": "{{ range(10) }}",
    "memory by multiplication": "{{ name * 1000000000 }}",
    "memory by power": "{{ 10 ** 10 ** 10 }}",
    "a change of what was given": "{{ chart.value_files.append('x') }}",
    "text called as a function": "{{ name() }}",
    "division by zero": "{{ 1 / 0 }}",
    "a module": "{{ cycler.__init__.__globals__.os.system('id') }}",
}


@pytest.mark.parametrize("template", REFUSED.values(), ids=REFUSED)
def test_what_a_template_must_not_do(template: str) -> None:
    with pytest.raises(InvalidRepository) as caught:
        render(template, application_values(), file="templates/x.j2")
    assert caught.value.file == "templates/x.j2"
    assert "\n" not in caught.value.message


def test_a_broken_template_is_named_with_its_line() -> None:
    with pytest.raises(InvalidRepository) as caught:
        render("a: 1\nb: {% if %}\n", {}, file="x.j2")
    assert caught.value.line == 2


def test_a_literal_in_a_template_is_text_not_code() -> None:
    assert render("a: {{ text }}\n", {"text": "{{ name }}{% raw %}"}, file="t") == 'a: "{{ name }}{% raw %}"\n'
