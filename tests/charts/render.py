"""The environment chart rendered with the real Helm engine, as objects."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart, HelmError

CHART = Path(__file__).parents[2] / "charts" / "environment"
ARTICLE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("article-values.yaml").read_text(encoding="utf-8"))
APPS = {"backend": "sample-be", "frontend1": "sample-fe-1", "frontend2": "sample-fe-2"}
NAME = "preview-123"
EXPIRES = "2026-01-31T18:30:00Z"

Object = Mapping[str, Any]
Values = Mapping[str, Any]


class _Loader(yaml.CSafeLoader):
    """YAML that refuses a key given twice, as Kubernetes and Argo CD do."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(keys) != len(set(keys)):
        raise yaml.constructor.ConstructorError(None, None, f"key given twice in {keys}", node.start_mark)
    return {loader.construct_object(key): loader.construct_object(value, deep=True) for key, value in node.value}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
# PyYAML alone gives a meaning to these two as values; Go's parsers read text.
for _tag in ("value", "merge"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.construct_yaml_str)


@cache
def chart() -> Chart:
    """The chart, loaded once."""
    return Chart.load(CHART)


@cache
def _files(values: str, name: str) -> dict[str, str]:
    rendered = chart().render(json.loads(values), name=name, namespace=name)
    return {Path(path).name: text for path, text in rendered.items()}


def files(values: Values, name: str = NAME) -> dict[str, str]:
    """File name -> rendered text."""
    return _files(json.dumps(values), name)


@cache
def _objects(values: str, name: str) -> tuple[tuple[str, Object], ...]:
    found: list[tuple[str, Object]] = []
    for file, text in _files(values, name).items():
        if not file.endswith(".txt"):
            found += [(file, document) for document in yaml.load_all(text, Loader=_Loader) if document]
    return tuple(found)


def by_file(values: Values, name: str = NAME) -> tuple[tuple[str, Object], ...]:
    """(file name, object) of everything that is rendered."""
    return _objects(json.dumps(values), name)


def render(values: Values, name: str = NAME) -> list[Object]:
    """Every object."""
    return [found for _, found in by_file(values, name)]


def refusal(values: Values, name: str = NAME) -> str:
    """What the engine says when it refuses the values."""
    try:
        chart().render(dict(values), name=name, namespace=name)
    except HelmError as error:
        return error.detail
    raise AssertionError("the values were not refused")


def merged(*layers: Values) -> dict[str, Any]:
    """Values files on top of each other, as Helm merges them."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def nested(path: str, value: Any) -> dict[str, Any]:
    """`nested("a/b", 1)` -> {"a": {"b": 1}}."""
    for key in reversed(path.split("/")):
        value = {key: value}
    return value


def article(*layers: Values) -> dict[str, Any]:
    """The article's values with layers on top."""
    return merged(ARTICLE, *layers)


def created(
    components: Iterable[str],
    name: str = NAME,
    template: str = "{app}.{name}.starry.mycompany.com",
    facts: Values | None = None,
) -> Values:
    """The values that `starry create` writes for these components; `facts` are what `chart.describe` adds."""
    hosts = {component: template.format(app=APPS[component], name=name) for component in components}
    values: dict[str, Any] = {
        "global": {"ttlMinutes": 30, "labels": {"starry.env": name}, **(facts or {})},
        "ingress": {"hosts": list(hosts.values())},
    }
    for component, app in APPS.items():
        image = {"repository": f"us-docker.pkg.dev/myproj/{app}", "tag": "pr-123-abcd123"}
        if component not in hosts:
            values[component] = {"enabled": False}
        elif component == "backend":
            values[component] = {"image": image}
        else:
            env = {"VITE_API_BASE_URL": f"https://{hosts['backend']}"}
            values[component] = {"enabled": True, "image": image, "env": env}
    return values


def kinds(objects: Iterable[Object], kind: str) -> dict[str, Object]:
    """Name -> object of one kind."""
    return {found["metadata"]["name"]: found for found in objects if found["kind"] == kind}


def one(objects: Iterable[Object], kind: str, name: str) -> Object:
    """The object of that kind and name."""
    return kinds(objects, kind)[name]


def pod_templates(objects: Iterable[Object]) -> Iterator[tuple[Object, Object]]:
    """(owner, pod template) of everything that runs pods."""
    for found in objects:
        if found["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield found, found["spec"]["template"]
        elif found["kind"] == "CronJob":
            yield found, found["spec"]["jobTemplate"]["spec"]["template"]


def containers(template: Object) -> list[Object]:
    """All containers of a pod template."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def wave(found: Object) -> int:
    """The object's sync wave."""
    return int(found["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
