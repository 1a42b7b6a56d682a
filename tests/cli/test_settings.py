"""starry.yaml: strict, and every error names line, key and the nearest valid key."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.repos import Apps

MINIMAL = "domain: starry.mycompany.com\n"
# What is wrong -> (the file, the line of the fault, words that the message or hint must hold)
BROKEN: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "an unknown key": (MINIMAL + "projet: x\n", 2, ("projet", "project")),
    "an unknown nested key": (MINIMAL + "policy:\n  ttl:\n    defualt: 30m\n", 4, ("defualt", "default")),
    "an unknown component key": (MINIMAL + "components:\n  a: {app: a, img: x}\n", 3, ("img", "image")),
    "an unknown overlay key": (MINIMAL + "overlays:\n  dev:\n    path: overlays/dev\n    preview: true\n", 5,
                               ("preview", "previews")),
    "a wrong type": (MINIMAL + "project: [1]\n", 2, ("project",)),
    "text for a number": (MINIMAL + "policy:\n  quota: {total: many}\n", 3, ("total",)),
    "a negative number": (MINIMAL + "policy:\n  quota: {total: -1}\n", 3, ("total",)),
    "a bad duration": (MINIMAL + "policy:\n  ttl: {default: half an hour}\n", 3, ("default",)),
    "a share above one": (MINIMAL + "policy:\n  gc: {maxDeleteShare: 1.5}\n", 3, ("maxDeleteShare",)),
    "text for a boolean": (MINIMAL + "overlays:\n  dev: {path: overlays/dev, previews: maybe}\n", 3, ("previews",)),
    "a default below the minimum": (MINIMAL + "policy:\n  ttl: {default: 1m, min: 5m, max: 4h}\n", 3, ("default",)),
    "a minimum above the maximum": (MINIMAL + "policy:\n  ttl: {default: 1h, min: 5h, max: 4h}\n", 3, ()),
    "a default overlay that is none": (MINIMAL + "defaultOverlay: stage\n", 2, ("stage",)),
    "a path out of the repository": (MINIMAL + "overlays:\n  dev: {path: ../../etc}\n", 3, ("path",)),
    "an absolute path": (MINIMAL + "overlays:\n  dev: {path: /etc}\n", 3, ("path",)),
    "a host template without the name": (MINIMAL + 'hostTemplate: "{app}.{domain}"\n', 2, ("hostTemplate", "{name}")),
    "a host template with an unknown field": (MINIMAL + 'hostTemplate: "{app}.{name}.{nope}"\n', 2, ("hostTemplate",)),
    "a domain that is none": ("domain: not a domain\n", 1, ("domain",)),
    "a version that is unknown": (MINIMAL + "version: 7\n", 2, ("version",)),
    "a duplicate key": (MINIMAL + "project: a\nproject: b\n", 3, ("project",)),
    "broken YAML": (MINIMAL + "policy: {ttl: [\n", 3, ()),
    "an anchor bomb": (MINIMAL + "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 2, ()),
    "two documents": (MINIMAL + "---\n" + MINIMAL, 2, ()),
    "a list": ("- domain\n", 1, ()),
    "a YAML tag": (MINIMAL + "project: !!python/name:os.system x\n", 2, ()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_line_and_key(apps: Apps, text: str, line: int, words: tuple[str, ...]) -> None:
    apps.commit({"starry.yaml": text})
    error = apps.fails(7, "create", "preview-1", "--image", "backend=1.0.0")
    said = error["message"] + " " + error["hint"]
    places = [f"starry.yaml:{line}:", f"starry.yaml:{line + 1}:"] if text.endswith("[\n") else [f"starry.yaml:{line}:"]
    assert any(place in said for place in places), said
    for word in words:
        assert word in said, said


def test_no_domain_is_named(apps: Apps) -> None:
    apps.commit({"starry.yaml": "version: 1\n"})
    error = apps.fails(7, "list")
    assert "domain" in error["message"]
    assert "starry.yaml" in error["message"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n"])
def test_an_empty_file_is_invalid(apps: Apps, text: str) -> None:
    apps.commit({"starry.yaml": text})
    assert "starry.yaml" in apps.fails(7, "list")["message"]


def test_a_file_that_is_not_utf8_is_invalid(apps: Apps) -> None:
    apps.commit({"starry.yaml": b"domain: \xff\xfe\n"})
    assert "starry.yaml" in apps.fails(7, "list")["message"]


def test_the_minimal_file_is_the_domain(apps: Apps) -> None:
    apps.commit({"starry.yaml": MINIMAL})
    result = apps.create("preview-1")
    assert result["ttlMinutes"] == 30
    assert result["urls"] == {"backend": "https://sample-be.preview-1.starry.mycompany.com"}
    application = apps.application("preview-1")
    assert application["spec"]["project"] == "starry"
    assert application["spec"]["source"]["path"] == "charts/environment"
    assert "quota" not in str(apps.ok("validate")["findings"])


def test_absent_quotas_mean_no_limit(apps: Apps) -> None:
    apps.commit({"starry.yaml": MINIMAL})
    for number in range(7):
        apps.create(f"preview-{number}", "--owner", "alice")
    assert len(apps.names()) == 7


def test_settings_are_read_from_the_commit_that_is_changed(apps: Apps) -> None:
    apps.create("preview-1")
    apps.settings(lambda settings: settings.update(domain="new.example.com"))
    assert apps.create("preview-2")["urls"] == {"backend": "https://sample-be.preview-2.new.example.com"}


def test_settings_of_another_branch_are_that_branchs(apps: Apps) -> None:
    apps.git("branch", "other", "main")
    apps.settings(lambda settings: settings.update(domain="new.example.com"))
    urls = apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--branch", "other")["urls"]
    assert urls == {"backend": "https://sample-be.preview-1.starry.mycompany.com"}


def test_the_scaffold_points_at_a_schema_that_it_holds_and_obeys(apps: Apps) -> None:
    text = apps.read("starry.yaml")
    path = text.split("$schema=", 1)[1].split()[0]
    schema = json.loads(apps.read(path.removeprefix("./")))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.safe_load(text))) == []
    assert list(validator.iter_errors({"domain": "x.example.com"})) == []
    assert list(validator.iter_errors({"domain": "x.example.com", "projet": "x"}))
    assert list(validator.iter_errors({"version": 1}))


def test_an_environment_rule_of_a_component_is_rendered(apps: Apps) -> None:
    env = {"API": "https://{host.backend}/api"}
    apps.settings(lambda settings: settings["components"]["frontend1"].update(env=env))
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend1=1.0.0")
    assert apps.values("preview-1")["frontend1"]["env"] == {
        "API": "https://sample-be.preview-1.starry.mycompany.com/api"
    }


OVERRIDE = """\
global: {ttlMinutes: {{ ttl_minutes }}, labels: {starry.env: {{ name }}}}
ingress: {hosts: {{ hosts }}}
{% for component in components if component.enabled %}
{{ component.name }}:
  image: {repository: {{ component.image.repository }}, tag: {{ component.image.tag }}}
  env: {MARKER: overridden}
{% endfor %}
"""


def test_an_override_template_is_used(apps: Apps) -> None:
    apps.settings(lambda settings: settings.update(templates=".starry/templates"))
    apps.commit({".starry/templates/preview/values.yaml.j2": OVERRIDE})
    apps.create("preview-1")
    values = apps.values("preview-1")
    assert values["backend"]["env"]["MARKER"] == "overridden"
    assert "frontend1" not in values
    assert apps.ok("validate")["ok"] is True


@pytest.mark.parametrize(
    "text",
    ["{{ nosuch }}", "{% for x in %}", "a: [", "{{ ''.__class__.__mro__[1].__subclasses__() }}",
     "a: 1\n---\nkind: Secret\n", "{% include '/etc/passwd' %}", "a: {{ name.__init__.__globals__ }}"],
)  # fmt: skip
def test_a_broken_or_hostile_override_template_changes_nothing(apps: Apps, text: str) -> None:
    apps.settings(lambda settings: settings.update(templates=".starry/templates"))
    apps.commit({".starry/templates/preview/values.yaml.j2": text})
    apps.fails(7, "create", "preview-1", "--image", "backend=1.0.0")


def test_an_override_template_cannot_smuggle_another_project_in(apps: Apps) -> None:
    apps.create("seed")
    text = apps.read("overlays/dev/previews/seed/application.yaml").replace('project: "starry"', "project: default")
    apps.settings(lambda settings: settings.update(templates=".starry/templates"))
    apps.commit({".starry/templates/preview/application.yaml.j2": text.replace("seed", "preview-1")})
    apps.fails(7, "create", "preview-1", "--image", "backend=1.0.0")
