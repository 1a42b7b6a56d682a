"""The chart as files: the article's hierarchy, a strict schema, a README that tells the truth."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from helm_python import lint
from jsonschema import Draft7Validator

from .cases import CASES
from .render import CHART, article, chart, created, merged, nested
from .test_chart_refusals import SCHEMA
from .values_table import at, documented, with_table

ARTICLE_FILES = [
    "Chart.yaml",
    "values.yaml",
    "values.preview.yaml",
    "values.schema.json",
    "README.md",
    "templates/_helpers.tpl",
    "templates/configmap.yaml",
    "templates/externalsecret.yaml",
    "templates/serviceaccount.yaml",
    "templates/rbac-role.yaml",
    "templates/rbac-rolebinding.yaml",
    "templates/ingress.yaml",
    "templates/managedcertificate.yaml",
    "templates/service-backend.yaml",
    "templates/deployment-backend.yaml",
    "templates/hpa-backend.yaml",
    "templates/service-frontend1.yaml",
    "templates/deployment-frontend1.yaml",
    "templates/hpa-frontend1.yaml",
    "templates/service-frontend2.yaml",
    "templates/deployment-frontend2.yaml",
    "templates/hpa-frontend2.yaml",
    "templates/redis-statefulset.yaml",
    "templates/redis-service.yaml",
    "templates/db1-statefulset.yaml",
    "templates/db1-service.yaml",
    "templates/db2-statefulset.yaml",
    "templates/db2-service.yaml",
    "templates/cronjob-cleanup.yaml",
    "templates/networkpolicy.yaml",
    "templates/NOTES.txt",
]
VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
JSON_SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
README = (CHART / "README.md").read_text(encoding="utf-8")
DOCUMENTED = list(documented((CHART / "values.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", ARTICLE_FILES)
def test_every_file_of_the_article_is_there_and_in_the_readme(file: str) -> None:
    assert (CHART / file).is_file()
    assert f"`{file.removeprefix('templates/')}`" in README


def test_every_template_is_in_the_readme() -> None:
    assert [path.name for path in (CHART / "templates").iterdir() if f"`{path.name}`" not in README] == []


def test_helm_lint() -> None:
    report = lint(CHART, article(), strict=True, namespace="preview-123")
    assert [m for m in report["messages"] if m["severity"] > 1] == []


def test_the_readmes_table_is_the_values() -> None:
    assert with_table(README) == README, "run: python tests/charts/values_table.py"


def paths(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from paths(value, (*path, key))
    else:
        yield path


def test_every_value_is_documented() -> None:
    """By a comment of its own, or one on the block that it is in."""
    known = {path for path, _ in DOCUMENTED}
    missing = [p for p in paths(VALUES) if not known & {p[:n] for n in range(1, len(p) + 1)}]
    assert missing == []
    assert all(at(VALUES, path) is not None for path in known)


def effective(case: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What one case's values come to: the blocks, then each component and database under its defaults' name."""
    values = pruned(merged(VALUES, case))
    yield {key: value for key, value in values.items() if key not in {"components", "databases"}}
    for name, entry in values["components"].items():
        yield {"componentDefaults": merged(values["componentDefaults"], entry, values.get(name, {}))}
    for entry in values["databases"].values():
        yield {"databaseDefaults": merged(values["databaseDefaults"], entry)}


def test_every_switch_is_on_in_one_case_and_off_in_another() -> None:
    """And what is empty unless it is set is set in one, empty in another."""
    blocks = [block for case in CASES.values() for block in effective(case)]
    for path in paths(VALUES):
        if path[0] not in {"components", "databases"} and (isinstance(at(VALUES, path), bool) or not at(VALUES, path)):
            seen = {bool(at(block, path)) for block in blocks if path[0] in block}
            assert seen == {True, False}, path


def schemas(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        yield path, node
        for key, value in node.items():
            yield from schemas(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from schemas(value, f"{path}/{index}")


def test_every_block_of_the_schema_is_closed() -> None:
    open_blocks = [p for p, s in schemas(JSON_SCHEMA) if isinstance(s.get("properties"), Mapping) and "type" in s
                   and "additionalProperties" not in s]  # fmt: skip
    assert open_blocks == []
    assert JSON_SCHEMA["additionalProperties"] == {"$ref": "#/definitions/componentBlock"}


def test_the_articles_bounds_are_kept() -> None:
    ttl = JSON_SCHEMA["properties"]["global"]["properties"]["ttlMinutes"]
    assert {k: ttl[k] for k in ("type", "minimum", "maximum")} == {"type": "integer", "minimum": 5, "maximum": 240}
    assert JSON_SCHEMA["properties"]["global"]["required"] == ["ttlMinutes"]
    image = JSON_SCHEMA["definitions"]["wholeImage"]
    assert image["required"] == ["repository", "tag"]
    assert JSON_SCHEMA["definitions"]["repository"]["minLength"] == 3


def test_any_legal_tag_will_do() -> None:
    """The article asks for five characters at least; `v1` and `1.0` are tags that people use."""
    assert JSON_SCHEMA["definitions"]["tag"]["minLength"] == 1


def test_every_pattern_ends_in_words_that_cannot_match() -> None:
    for path, schema in schemas(JSON_SCHEMA):
        if isinstance(pattern := schema.get("pattern"), str):
            rule, _, words = pattern.rpartition("|")
            assert re.fullmatch(r"[^^$|]{12,}\^", words), path
            assert "'" not in words, path  # the engine would escape it
            assert not re.search(pattern, words.removesuffix("^")) or re.search(rule, words.removesuffix("^")), path


def test_descriptions_are_the_comments() -> None:
    texts = {text for _, text in DOCUMENTED}
    described = [s["description"] for _, s in schemas(JSON_SCHEMA) if isinstance(s.get("description"), str)]
    assert len(described) > 80
    assert [text for text in described if text not in texts] == []


def validator() -> Draft7Validator:
    Draft7Validator.check_schema(JSON_SCHEMA)
    return Draft7Validator(JSON_SCHEMA)


def pruned(values: Any) -> Any:
    """Without nulls, as Helm merges them."""
    return {k: pruned(v) for k, v in values.items() if v is not None} if isinstance(values, Mapping) else values


@pytest.mark.parametrize("case", CASES)
def test_another_validator_takes_what_helm_takes(case: str) -> None:
    assert [e.message for e in validator().iter_errors(pruned(merged(VALUES, CASES[case])))] == []


@pytest.mark.parametrize(("path", "value", "_"), SCHEMA, ids=[f"{p}={str(v)[:40]}" for p, v, _ in SCHEMA])
def test_another_validator_refuses_what_helm_refuses(path: str, value: Any, _: list[str]) -> None:
    assert not validator().is_valid(pruned(merged(VALUES, article(nested(path, value)))))


def test_a_previews_values_are_valid_by_themselves() -> None:
    """As an editor sees them, without the defaults."""
    assert validator().is_valid(created(["backend", "frontend1"]))


def test_the_chart_names_itself() -> None:
    assert chart().metadata["apiVersion"] == "v2"
    assert chart().name == "environment"
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart().version)
    assert (CHART / "Chart.yaml").read_text(encoding="utf-8").count("dependencies") == 0
